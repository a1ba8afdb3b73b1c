/** Bound once: the global of that name is looked up anew with each use. */
const now: () => number = performance.now.bind(performance);

/** The instant at which the event that is being handled began; 0 between events. */
let held = 0;

/**
 * Milliseconds of the clock that never goes back, for deadlines and durations. Within an event of a socket it is the instant at which
 * the event began: a call asks a dozen times, and to look at the clock each time would cost it as much as to be routed.
 */
export function monotonic(): number {
  return held === 0 ? now() : held;
}

/** An event begins: the clock stands still until `letClockRun`. */
export function holdClock(): void {
  held = now();
}

export function letClockRun(): void {
  held = 0;
}
