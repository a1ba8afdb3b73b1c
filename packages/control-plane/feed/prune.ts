import type { Log } from '@sluice/model';
import type { Store } from '@sluice/store';

export interface PruneOptions {
  /** Events that are kept for gateways that were away; those further back take a new snapshot. Default 100,000. */
  readonly keep?: number;
  /** Milliseconds between looks; default 10 minutes. */
  readonly every?: number;
}

/** Forgets events beyond the newest `keep`, again and again; the returned function stops it. */
export function startPruning({ store, log }: { store: Store; log: Log }, options: PruneOptions = {}): () => void {
  const { keep = 100_000, every = 600_000 } = options;
  const prune = async (): Promise<void> => {
    try {
      await pruneFeed(store, keep);
    } catch (error) {
      log.warn('old events could not be forgotten', { error: String(error) });
    }
  };
  const timer = setInterval(prune, every);
  timer.unref();
  return () => clearInterval(timer);
}

/** Forgets events beyond the newest `keep`; gives how many. */
export async function pruneFeed(store: Store, keep: number): Promise<number> {
  const { feed } = store.system;
  const last = (await feed.head()) - keep;
  return last > (await feed.floor()) ? feed.prune(last) : 0;
}
