import { once } from 'node:events';
import type { ServerResponse } from 'node:http';
import { errors, type FeedEvent, type FeedSource, type Log, SluiceError } from '@sluice/model';

/** Bounds of the streams. */
export interface FollowerLimits {
  /** Streams at one time; more are answered 503. */
  readonly followers: number;
  /** Milliseconds between blank lines, by which both ends notice a dead connection. */
  readonly heartbeat: number;
  /** Milliseconds in which a follower must take what was sent, or be dropped. */
  readonly patience: number;
  /** Bytes that may wait for a follower before nothing more is read for it. */
  readonly pending: number;
}

const defaults: FollowerLimits = { followers: 256, heartbeat: 2000, patience: 30_000, pending: 1_048_576 };

/** What a follower asked for. */
export interface Following {
  readonly environment: string;
  readonly after: number;
}

/** The gateways that listen: each gets events as lines of JSON until it goes, is too slow, or the server stops. */
export class Followers {
  readonly #log: Log;
  readonly #limits: FollowerLimits;
  readonly #responses = new Set<ServerResponse>();

  constructor(log: Log, limits: Partial<FollowerLimits> = {}) {
    this.#log = log;
    this.#limits = { ...defaults, ...limits };
  }

  /** Milliseconds between signs of life. */
  get heartbeat(): number {
    return this.#limits.heartbeat;
  }

  /** Streams what comes after; resolves when the stream is over. Throws 503 when there are too many. */
  async follow(source: FeedSource, following: Following, response: ServerResponse): Promise<void> {
    if (this.#responses.size >= this.#limits.followers) {
      throw new SluiceError(errors.feedFull, { limit: this.#limits.followers });
    }
    const gone = new AbortController();
    this.#responses.add(response);
    response.once('close', () => {
      this.#responses.delete(response);
      gone.abort();
    });
    response.writeHead(200, { 'content-type': 'application/x-ndjson', 'cache-control': 'no-store' });
    // The head goes out at once: a quiet feed would otherwise look like a dead one.
    response.write('\n');
    const heartbeat = this.#beat(response, following);
    try {
      for await (const event of source.events(following.after, gone.signal)) {
        await this.#send(response, event, gone.signal);
      }
      response.end();
    } catch (error) {
      if (gone.signal.aborted) return;
      // The reader sees a broken stream, asks again, and learns the reason then.
      this.#log.warn('a gateway was cut off the feed', { ...following, reason: (error as Error).message });
      response.destroy();
    } finally {
      clearInterval(heartbeat);
    }
  }

  close(): void {
    for (const response of this.#responses) response.destroy();
  }

  /** Keeps the stream warm, and drops a follower that has taken nothing of what waits for it for too long. */
  #beat(response: ServerResponse, following: Following): NodeJS.Timeout {
    let taken = 0;
    let since = performance.now();
    return setInterval(() => {
      const written = response.socket?.bytesWritten ?? 0;
      if (response.writableLength === 0 || written > taken) {
        taken = written;
        since = performance.now();
        if (response.writableLength === 0) response.write('\n');
      } else if (performance.now() - since >= this.#limits.patience) {
        this.#log.warn('a gateway was too slow for the feed', { ...following, patience: this.#limits.patience });
        response.destroy();
      }
    }, this.#limits.heartbeat);
  }

  async #send(response: ServerResponse, event: FeedEvent, gone: AbortSignal): Promise<void> {
    response.write(`${JSON.stringify(event)}\n`);
    if (response.writableLength >= this.#limits.pending) await once(response, 'drain', { signal: gone });
  }
}
