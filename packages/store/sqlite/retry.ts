import { setTimeout as delay } from 'node:timers/promises';
import { isBusy } from './errors.ts';

/**
 * Tries again while another process holds the lock, for `waitMillis` at most. SQLite's own busy handler would block
 * the whole event loop that long, so it is given a few milliseconds only and the rest is waited for here.
 */
export async function retryWhileBusy<T>(attempt: () => T, waitMillis: number): Promise<T> {
  const deadline = performance.now() + waitMillis;
  for (let pause = 2; ; pause = Math.min(pause * 2, 50)) {
    try {
      return attempt();
    } catch (error) {
      if (!isBusy(error) || performance.now() + pause > deadline) throw error;
    }
    await delay(pause);
  }
}
