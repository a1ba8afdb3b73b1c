import type { Log } from '@sluice/model';
import type { Store } from '@sluice/store';

const interval = 600_000;

/** Removes what has expired every ten minutes. The result stops it and waits for a sweep that runs. */
export function startSweep(store: Store, log: Log, now: () => number): () => Promise<void> {
  let running = Promise.resolve();
  const timer = setInterval(() => {
    running = sweep().catch((error: unknown) => log.warn('expired tokens could not be removed', { error }));
  }, interval).unref();

  async function sweep(): Promise<void> {
    await store.system.artifacts.removeExpired(now());
    await store.system.revocations.removeExpired(now());
  }

  return async () => {
    clearInterval(timer);
    await running;
  };
}
