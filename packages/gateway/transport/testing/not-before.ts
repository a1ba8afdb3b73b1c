import assert from 'node:assert/strict';

/** Runs `act`, which a deadline ends, and fails when it comes true before that can be due. How late it is says more about the machine than about the deadline. */
export async function notBefore<T>(millis: number, act: () => Promise<T>): Promise<T> {
  const began = performance.now();
  const value = await act();
  const took = performance.now() - began;
  // The clock of the deadline began a little before this one where the request was on its way already.
  assert.ok(took >= millis - 10, `${took} ms is before ${millis} ms`);
  return value;
}
