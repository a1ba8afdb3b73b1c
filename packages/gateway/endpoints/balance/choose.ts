import type { Endpoint, LoadBalanceEndpoint } from '@sluice/model';
import type { GroupSettings } from '../group-settings.ts';
import type { Algorithm, Loaded } from './algorithm.ts';
import { ConsistentHash } from './consistent-hash.ts';
import { hashKeyOf } from './hash-key.ts';
import { LeastLoaded } from './least-loaded.ts';
import { RoundRobin } from './round-robin.ts';
import { TwoChoices } from './two-choices.ts';
import { WeightedRoundRobin } from './weighted-round-robin.ts';

const byAddress = { source: 'address', name: '', bound: null } as const;

/** The algorithm that a group asks for; `members` are those of `group.children`, in their order. */
export function algorithmOf(
  group: LoadBalanceEndpoint,
  members: readonly Loaded[],
  { addresses, random }: GroupSettings,
): Algorithm {
  const weights = group.weights ?? members.map(() => 1);
  switch (group.algorithm) {
    case 'round_robin':
      return new RoundRobin();
    case 'weighted_round_robin':
      return new WeightedRoundRobin(weights);
    case 'weighted_least_connections':
      return new LeastLoaded(members, weights);
    case 'least_requests':
      return new TwoChoices(members, weights, random);
    case 'consistent_hash': {
      const hash = group.hash ?? byAddress;
      const identities = identitiesOf(group.children);
      const hashed = identities.map((identity, place) => ({ identity, weight: weights[place] as number }));
      return new ConsistentHash(members, hashed, hash.bound, hashKeyOf(hash, addresses), new RoundRobin());
    }
  }
}

/** What members are known by, whatever their places: where they lead, and which one of those that lead there. */
export function identitiesOf(children: readonly Endpoint[]): string[] {
  const seen = new Map<string, number>();
  return children.map((child) => {
    const identity = identityOf(child);
    const before = seen.get(identity) ?? 0;
    seen.set(identity, before + 1);
    return before === 0 ? identity : `${identity} ${before}`;
  });
}

function identityOf(endpoint: Endpoint): string {
  if ('children' in endpoint) return `${endpoint.kind}(${endpoint.children.map(identityOf).join(' ')})`;
  if ('key' in endpoint) return `${endpoint.kind} ${endpoint.key} ${JSON.stringify(endpoint.parameters)}`;
  return 'url' in endpoint ? endpoint.url : endpoint.kind;
}
