import { setTimeout as delay } from 'node:timers/promises';
import { isBusy } from './errors.ts';

/** Between tries, milliseconds. A writer that is waited for makes gaps of `courtesyMillis`, which this must stay well below. */
const pauseMillis = 3;

/** How long a writer steps back for other processes, and after how long of uninterrupted writing. Milliseconds. */
const courtesyMillis = 10;
const sprintMillis = 100;

/**
 * Tries again while another process holds the lock, for `waitMillis` at most. SQLite's own busy handler would block
 * the whole event loop that long, so it is given next to nothing and the rest is waited for here.
 */
export async function retryWhileBusy<T>(attempt: () => T, waitMillis: number): Promise<T> {
  const deadline = performance.now() + waitMillis;
  for (;;) {
    try {
      return attempt();
    } catch (error) {
      if (!isBusy(error) || performance.now() + pauseMillis > deadline) throw error;
    }
    await delay(pauseMillis);
  }
}

/**
 * SQLite's lock goes to whoever asks at the right moment, so a process that writes without a pause would starve all others.
 * Called before each write, this steps back when writes have followed each other closely for a while.
 */
export class Courtesy {
  #sprintSince = 0;
  #lastWrite = 0;

  async before(): Promise<void> {
    const now = performance.now();
    if (now - this.#lastWrite > courtesyMillis) {
      this.#sprintSince = now;
    } else if (now - this.#sprintSince > sprintMillis) {
      await delay(courtesyMillis);
      this.#sprintSince = performance.now();
    }
  }

  after(): void {
    this.#lastWrite = performance.now();
  }
}
