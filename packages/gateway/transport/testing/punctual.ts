import assert from 'node:assert/strict';

/** Milliseconds after its deadline within which a thing must happen. */
const tolerance = 50;
const tick = 4;

/**
 * Runs `prelude`, which begins what the deadline bounds, then `act`, and fails unless that comes true within 50 ms after `millis`, and not before. Time in
 * which this very event loop was kept from running by other programs is taken off: nobody could have been punctual in it. What counts may have begun
 * `early` milliseconds before it is seen from here.
 */
export async function punctual<T>(
  millis: number,
  act: () => Promise<T>,
  prelude: () => Promise<unknown> = async () => {},
  early = 10,
): Promise<T> {
  const earliest = performance.now();
  await prelude();
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
    const now = performance.now();
    assert.ok(now - earliest >= millis - early, `${now - earliest} ms is before ${millis} ms`);
    assert.ok(
      now - began - stalled <= millis + tolerance,
      `${now - began} ms is late for ${millis} ms (stalled for ${stalled} ms)`,
    );
    return value;
  } finally {
    clearInterval(clock);
  }
}
