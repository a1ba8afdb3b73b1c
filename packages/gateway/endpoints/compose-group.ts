import type { FailoverEndpoint, LoadBalanceEndpoint } from '@sluice/model';
import { algorithmOf, identitiesOf } from './balance/choose.ts';
import { Failover } from './failover.ts';
import type { GroupSettings } from './group-settings.ts';
import { LoadBalance } from './load-balance.ts';
import type { Sender } from './sender.ts';
import { SessionBalance } from './session/session-balance.ts';
import { Unusable } from './unusable.ts';

/** The group over its `children`, which are those of the endpoint in their order. A group of one is its member. */
export function composeGroup(
  endpoint: FailoverEndpoint | LoadBalanceEndpoint,
  children: readonly Sender[],
  apiId: string,
  settings: GroupSettings,
): Sender {
  if (children.length === 0) return Unusable.broken(endpoint.name, 'the group has no members');
  if (children.length === 1) return children[0] as Sender;
  if (endpoint.kind === 'failover') return new Failover(endpoint, children, settings);
  const balance = new LoadBalance(endpoint, children, algorithmOf(endpoint, children, settings), settings);
  const { session, name } = endpoint;
  if (session === null) return balance;
  const identities = identitiesOf(endpoint.children);
  const members = children.map((sender, place) => ({ sender, identity: identities[place] as string }));
  return new SessionBalance(
    session,
    balance,
    members,
    settings.sessions.of(apiId, name, session.type, session.timeout),
  );
}
