import { setImmediate } from 'node:timers/promises';

/** Asks again and again until `probe` gives something, for at most `millis`; then fails with the last error or `what`. */
export async function eventually<T>(what: string, millis: number, probe: () => Promise<T | undefined>): Promise<T> {
  const end = performance.now() + millis;
  let last: unknown;
  while (performance.now() < end) {
    try {
      const found = await probe();
      if (found !== undefined) return found;
    } catch (error) {
      last = error;
    }
    await setImmediate();
  }
  throw new Error(`${what} did not happen within ${millis} ms`, { cause: last });
}
