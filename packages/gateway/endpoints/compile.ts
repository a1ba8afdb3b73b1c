import type { Endpoint } from '@sluice/model';
import type { CompiledCredentials } from '../chain/credentials.ts';
import type { CompileSettings } from '../chain/settings.ts';
import { algorithmOf } from './balance/choose.ts';
import { Failover } from './failover.ts';
import { Leaf } from './leaf.ts';
import type { LeafDeployment } from './leaf-records.ts';
import { LoadBalance } from './load-balance.ts';
import type { Sender } from './sender.ts';
import { Unusable } from './unusable.ts';

/** The API that an endpoint tree belongs to. */
export interface EndpointOwner {
  readonly credentials: CompiledCredentials;
  readonly leaves: LeafDeployment;
  /** Inside a group. */
  readonly isMember?: boolean;
}

/** Composes the senders of an endpoint tree. A member that cannot be called answers the reason when it is the only one. */
export function compileEndpoint(endpoint: Endpoint, api: EndpointOwner, settings: CompileSettings): Sender {
  switch (endpoint.kind) {
    case 'failover':
    case 'load_balance': {
      const inside = { ...api, isMember: true };
      const children = endpoint.children.map((child) => compileEndpoint(child, inside, settings));
      if (children.length === 0) return Unusable.broken(endpoint.name, 'the group has no members');
      if (children.length === 1) return children[0] as Sender;
      return endpoint.kind === 'failover'
        ? new Failover(endpoint, children, settings.groups)
        : new LoadBalance(endpoint, children, algorithmOf(endpoint, children, settings.groups), settings.groups);
    }
    case 'http':
    case 'address':
    case 'ws':
      try {
        return new Leaf(endpoint, api.credentials, settings, api.leaves.of(endpoint, api.isMember === true));
      } catch (error) {
        return Unusable.broken(endpoint.name, (error as Error).message);
      }
    default:
      return Unusable.kind(endpoint.kind, endpoint.name);
  }
}
