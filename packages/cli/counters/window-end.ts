import type { Limit } from '@sluice/throttle';

/** When a window ends, in epoch milliseconds, of a moment that clocks have told to some milliseconds: aligned windows end with a second. */
export function endOfWindow({ window }: Limit, about: number): number {
  return window.kind === 'aligned' ? Math.round(about / 1000) * 1000 : Math.round(about);
}
