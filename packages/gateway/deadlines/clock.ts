/**
 * Milliseconds of the clock that never goes back, for deadlines and durations. Bound once: the global of that name is looked up
 * anew with each use, which a call would pay a dozen times.
 */
export const monotonic: () => number = performance.now.bind(performance);
