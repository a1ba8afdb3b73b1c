import type { Log } from '@sluice/model';
import type { Client } from 'pg';

/** The channel on which stores tell each other that the feed grew. */
export const channel = 'sluice_feed';

/** Milliseconds between looks at the feed's head. */
const lookMillis = 1_000;

/** Milliseconds from a lost connection to the first try, and at most between tries. */
const retryMillis = { first: 100, longest: 5_000 };

interface Listening {
  /** A new client, not yet connected, outside of the pool: it is held for as long as somebody watches. */
  connect(): Client;
  /** The feed's last sequence. */
  head(): Promise<number>;
  wake(): void;
  /** What this store's own notifications carry: its watchers were woken by the commit already. */
  readonly own: string;
  readonly log: Log;
}

/**
 * Wakes after other processes committed events. Notifications come at once but only while the connection stands (and not
 * through every pooler), so the head is looked at as well.
 */
export function listen(listening: Listening): () => void {
  let stopped = false;
  let client: Client | undefined;
  let connected = false;
  let seen: number | undefined;
  let pause = retryMillis.first;
  let retry: NodeJS.Timeout | undefined;
  let look: NodeJS.Timeout | undefined;

  const lost = (failed: Client, error?: Error): void => {
    if (client !== failed) return;
    client = undefined;
    if (connected) listening.log.warn('notifications from PostgreSQL stopped', { error: error?.message });
    connected = false;
    failed.end().catch(() => undefined);
    if (stopped) return;
    retry = setTimeout(open, pause).unref();
    pause = Math.min(pause * 2, retryMillis.longest);
  };

  const open = (): void => {
    const opening = listening.connect();
    client = opening;
    opening.on('error', (error) => lost(opening, error));
    opening.on('end', () => lost(opening));
    opening.on('notification', ({ payload }) => payload !== listening.own && listening.wake());
    const begin = async (): Promise<void> => {
      await opening.connect();
      await opening.query(`listen ${channel}`);
      if (client !== opening) return;
      connected = true;
      pause = retryMillis.first;
      // What was committed while nobody listened.
      listening.wake();
    };
    begin().catch((error: Error) => lost(opening, error));
  };

  const lookNow = async (): Promise<void> => {
    try {
      const head = await listening.head();
      if (!stopped && seen !== undefined && head !== seen) listening.wake();
      seen = head;
    } catch {
      // Away; the next look tells.
    }
    if (!stopped) look = setTimeout(lookNow, lookMillis).unref();
  };

  open();
  void lookNow();
  return () => {
    stopped = true;
    clearTimeout(retry);
    clearTimeout(look);
    client?.end().catch(() => undefined);
  };
}
