export type { Authority, Lease, LeaseRequest, Pool } from './authority.ts';
export { type Limit, limitOfBurst, limitOfQuota, type Measure, type Window } from './limit.ts';
