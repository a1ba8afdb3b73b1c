import { errors, type FeedEvent, FeedGapError, type FeedSnapshot, type FeedSource, SluiceError } from '@sluice/model';
import type { Store } from '@sluice/store';
import type { FeedDependencies } from './dependencies.ts';
import { takeSnapshot } from './snapshot.ts';

/** Events read at a time. */
const stride = 500;

/** The feed of one environment, for gateways in this process; the HTTP routes serve the same object to those elsewhere. */
export function feedSource({ store }: Pick<FeedDependencies, 'store'>): (environment: string) => FeedSource {
  const taking = new Map<string, Promise<FeedSnapshot>>();

  /** Gateways that ask while a snapshot is being taken share it: after an outage they all come at once. */
  const snapshot = (environment: string): Promise<FeedSnapshot> => {
    const shared =
      taking.get(environment) ?? takeSnapshot(store, environment).finally(() => taking.delete(environment));
    taking.set(environment, shared);
    return shared;
  };

  return (environment) => ({
    snapshot: async (signal) => {
      signal.throwIfAborted();
      return snapshot(environment);
    },
    events: (sequence, signal) => follow(store, environment, sequence, signal),
  });
}

/** Throws `environmentNotFound` (404) when no organization has such an environment. */
export async function requireEnvironment(store: Store, name: string): Promise<void> {
  for (const organization of await store.organizations()) {
    if (await store.organization(organization).environments.find(name)) return;
  }
  throw new SluiceError(errors.environmentNotFound, { id: name });
}

/**
 * Throws `FeedGapError` when events after `sequence` are no longer kept, or when `sequence` was never given: then it is another
 * installation's, or this database was restored from an older copy, and what follows would not fit.
 */
export async function requireKept(store: Store, sequence: number): Promise<void> {
  const { feed } = store.system;
  const [head, floor] = [await feed.head(), await feed.floor()];
  if (sequence < floor || sequence > head) {
    throw new FeedGapError(`events after ${sequence} are not kept; kept are those after ${floor} up to ${head}`);
  }
}

/** Yields what came after `sequence`, then waits for more until `signal` aborts. */
async function* follow(
  store: Store,
  environment: string,
  sequence: number,
  signal: AbortSignal,
): AsyncIterable<FeedEvent> {
  const { feed } = store.system;
  const wake = waker(signal);
  const unwatch = feed.watch(wake.ring);
  let position = sequence;
  try {
    await requireKept(store, position);
    while (!signal.aborted) {
      // The head is read before the events: what is appended in between is seen in the next round, never skipped.
      const head = await feed.head();
      const events = await feed.after(position, environment, stride);
      // Pruning between two rounds could have taken events unseen; the floor is read after the events for that.
      if (position < (await feed.floor())) await requireKept(store, position);
      for (const event of events) {
        if (signal.aborted) return;
        yield event;
        position = event.sequence;
      }
      if (events.length < stride) {
        // Events for other environments count as passed, so that a quiet environment does not fall behind the floor.
        position = Math.max(position, head);
        await wake.rung();
      }
    }
  } finally {
    unwatch();
    wake.close();
  }
}

/** A bell that remembers one ring. */
function waker(signal: AbortSignal): { ring: () => void; rung: () => Promise<void>; close: () => void } {
  let pending = false;
  let resume: (() => void) | undefined;
  const ring = (): void => {
    pending = true;
    resume?.();
  };
  signal.addEventListener('abort', ring, { once: true });
  return {
    ring,
    async rung() {
      if (!pending) await new Promise<void>((resolve) => (resume = resolve));
      resume = undefined;
      pending = false;
    },
    close: () => signal.removeEventListener('abort', ring),
  };
}
