import type { Lease, LeaseRequest, Limit } from '@sluice/throttle';

/**
 * A request for a lease on the channel: counter, amount, measure, unit and count of the window, needed, owed, returned, window.
 * Objects would carry the names of their members with each request.
 */
export type WireRequest = readonly [
  counter: string,
  amount: number,
  measure: Limit['measure'],
  unit: string,
  count: number,
  needed: number,
  owed: number,
  returned: number,
  window: number,
];

/** A lease on the channel; `index` is the place of its request in the batch. */
export type WireLease = readonly [
  index: number,
  window: number,
  units: number,
  left: number,
  endsIn: number,
  outcome: Lease['outcome'],
];

/** Stands for a window that the first call opens, whose count is milliseconds. */
const firstCall = 'ms';

export function toWire({ counter, limit, needed, owed, returned, window }: LeaseRequest): WireRequest {
  const [unit, count] =
    limit.window.kind === 'aligned' ? [limit.window.unit, limit.window.count] : [firstCall, limit.window.millis];
  return [counter, limit.amount, limit.measure, unit, count, needed, owed, returned, window];
}

export function fromWire([
  counter,
  amount,
  measure,
  unit,
  count,
  needed,
  owed,
  returned,
  window,
]: WireRequest): LeaseRequest {
  return { counter, limit: { amount, measure, window: windowOf(unit, count) }, needed, owed, returned, window };
}

function windowOf(unit: string, count: number): Limit['window'] {
  if (unit === firstCall) return { kind: 'first-call', millis: count };
  return { kind: 'aligned', unit: unit as Extract<Limit['window'], { kind: 'aligned' }>['unit'], count };
}

/** The leases that answer a batch; a counter may stand in it more than once. */
export function leasesToWire(batch: readonly LeaseRequest[], leases: readonly Lease[]): WireLease[] {
  return leases.map(({ counter, window, units, left, endsIn, outcome }, place) => {
    const index = batch[place]?.counter === counter ? place : batch.findIndex((one) => one.counter === counter);
    return [index, window, units, left, endsIn, outcome];
  });
}

export function leasesFromWire(batch: readonly LeaseRequest[], leases: readonly WireLease[]): Lease[] {
  return leases.map(([index, window, units, left, endsIn, outcome]) => {
    const { counter } = batch[index] as LeaseRequest;
    return { counter, window, units, left, endsIn, outcome };
  });
}
