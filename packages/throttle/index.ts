export type { Authority, Lease, LeaseRequest, Pool } from './authority.ts';
export { Charges } from './charges.ts';
export { type Clock, systemClock } from './clock.ts';
export type { Counter } from './counter.ts';
export { type Book, Ledger, type LedgerOptions, type Parked, type Verdict } from './ledger.ts';
export { type Limit, limitOfBurst, limitOfQuota, type Measure, type Window } from './limit.ts';
export { type Connection, MachineAuthority, type MachineAuthorityOptions } from './machine/authority.ts';
export { counterName, type NamedCounter, readCounterName } from './name.ts';
export { windowAt, windowEnd, windowStart } from './window.ts';
