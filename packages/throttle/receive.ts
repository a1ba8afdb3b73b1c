import type { Lease } from './authority.ts';
import type { Counter } from './counter.ts';
import { rowMask } from './keys.ts';
import { asked, away, exhausted, known, type LeasePage, pending, unbounded } from './lease-page.ts';
import type { Waiting, Want } from './want.ts';

/** Milliseconds for which it is believed that nobody can be asked. */
export const quietMillis = 100;

/** Where a ledger keeps what it knows of a counter. */
export function rowOf({ book, place, amount }: Counter, now: number): { page: LeasePage; index: number } {
  const page = book.page(place, now, amount);
  return { page, index: place.row & rowMask };
}

/**
 * Notes a lease that was asked for at `sent`. Nothing comes of one whose window is over, here or there.
 * False where the authority could not ask anybody itself.
 */
export function receive(want: Want, lease: Lease, sent: number, now: number): boolean {
  const endsAt = sent + lease.endsIn;
  const isOpen = endsAt > now && want.counter.book.open(lease.window, endsAt);
  const { page, index } = rowOf(want.counter, now);
  page.setFlags(index, page.flags(index) & ~asked);
  if (lease.outcome === 'away' || lease.outcome === 'unbounded') {
    page.setFlags(index, lease.outcome === 'away' ? away : unbounded);
    page.keepUntil(index, now, now + quietMillis);
    return false;
  }
  if (!isOpen || !page.open(index, lease.window, endsAt)) return true;
  page.setLeft(index, page.left(index) + lease.units);
  page.setLow(index, Math.max(0, lease.units - want.needed) / 2);
  page.setOverall(index, roundedUp(lease.left));
  let flags = known;
  // Of another limit than the one that is in force now it says nothing.
  if (lease.outcome === 'exhausted' && want.amount === page.amount(index)) flags |= exhausted;
  if (lease.outcome === 'pending') flags |= pending;
  page.setFlags(index, flags);
  return true;
}

/** Places of the charges for which a call has to wait. */
export function lacking({ charges }: Waiting, now: number): number[] {
  const lacks: number[] = [];
  for (let at = 0; at < charges.length; at++) {
    const { page, index } = rowOf(charges.counter(at), now);
    const units = Math.max(charges.units(at), 1);
    const left = page.left(index);
    const isExhausted = (page.flags(index) & exhausted) !== 0;
    const isRefused = isExhausted && units > left + page.overall(index);
    if (at === charges.at || (left < units && !isRefused)) lacks.push(at);
  }
  return lacks;
}

/** The next number that a `Float32Array` can hold. */
export function roundedUp(units: number): number {
  return Math.fround(units) < units ? units * (1 + 2 ** -23) : units;
}
