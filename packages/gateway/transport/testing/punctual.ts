import assert from 'node:assert/strict';

/** Milliseconds after its deadline within which a thing must happen. */
const tolerance = 50;
const tick = 4;

/**
 * Starts `act` and fails unless it comes true within 50 ms after `millis`, and not before (what counts may have begun a little earlier than seen from here). Time in which
 * this very event loop was kept from running by other programs is taken off: nobody could have been punctual in it.
 */
export async function punctual<T>(millis: number, act: () => Promise<T>): Promise<T> {
  const began = performance.now();
  let stalled = 0;
  let last = began;
  const clock = setInterval(() => {
    const now = performance.now();
    stalled += Math.max(0, now - last - 2 * tick);
    last = now;
  }, tick);
  try {
    const value = await act();
    const elapsed = performance.now() - began;
    assert.ok(elapsed >= millis - 10, `${elapsed} ms is before ${millis} ms`);
    assert.ok(
      elapsed - stalled <= millis + tolerance,
      `${elapsed} ms is late for ${millis} ms (stalled for ${stalled} ms)`,
    );
    return value;
  } finally {
    clearInterval(clock);
  }
}
