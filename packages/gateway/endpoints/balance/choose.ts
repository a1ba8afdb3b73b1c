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
      const hashed = group.children.map((child, place) => ({
        identity: identityOf(child),
        weight: weights[place] as number,
      }));
      return new ConsistentHash(members, hashed, hash.bound, hashKeyOf(hash, addresses), new RoundRobin());
    }
  }
}

/** What a member is known by, whatever its place: where it leads. */
export function identityOf(endpoint: Endpoint): string {
  if ('children' in endpoint) return `${endpoint.kind}(${endpoint.children.map(identityOf).join(' ')})`;
  if ('key' in endpoint) return `${endpoint.kind} ${endpoint.key} ${JSON.stringify(endpoint.parameters)}`;
  return 'url' in endpoint ? endpoint.url : endpoint.kind;
}
