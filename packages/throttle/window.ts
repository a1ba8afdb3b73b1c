import type { Window } from './limit.ts';

const millisOf = { sec: 1000, min: 60_000, hour: 3_600_000, day: 86_400_000 } as const;

/**
 * Number of the aligned window that holds an instant (epoch milliseconds), counted from the epoch; of a `first-call` window 0.
 * Months are those of the calendar in UTC, counted from January 1970.
 */
export function windowAt(window: Window, epoch: number): number {
  if (window.kind === 'first-call') return 0;
  if (window.unit === 'month') return Math.floor(monthOf(epoch) / window.count);
  return Math.floor(epoch / (millisOf[window.unit] * window.count));
}

/** The instant at which the aligned window of that number begins, in epoch milliseconds. */
export function windowStart(window: Window & { kind: 'aligned' }, number: number): number {
  const units = number * window.count;
  if (window.unit === 'month') return Date.UTC(1970, units);
  return units * millisOf[window.unit];
}

/** When the window that holds an instant ends, in epoch milliseconds; a `first-call` one is taken to begin at the instant. */
export function windowEnd(window: Window, epoch: number): number {
  if (window.kind === 'first-call') return epoch + window.millis;
  return windowStart(window, windowAt(window, epoch) + 1);
}

/** How long a window lasts at most, in milliseconds. */
export function longestMillis(window: Window): number {
  if (window.kind === 'first-call') return window.millis;
  return window.count * (window.unit === 'month' ? 31 * millisOf.day : millisOf[window.unit]);
}

function monthOf(epoch: number): number {
  const date = new Date(epoch);
  return (date.getUTCFullYear() - 1970) * 12 + date.getUTCMonth();
}
