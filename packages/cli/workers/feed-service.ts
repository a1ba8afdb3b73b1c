import { FeedGapError, type FeedSource } from '@sluice/model';
import { type FeedAnswer, type FeedRequest, feedWindow } from './messages.ts';

/** Entries in one message. */
const batch = 64;

/** Serves a feed to one worker over its channel, no faster than the worker takes it. */
export class FeedService {
  readonly #source: FeedSource;
  readonly #post: (answer: FeedAnswer) => void;
  readonly #streams = new Map<number, Stream>();

  constructor(source: FeedSource, post: (answer: FeedAnswer) => void) {
    this.#source = source;
    this.#post = post;
  }

  take(request: FeedRequest): void {
    const known = this.#streams.get(request.stream);
    if (request.kind === 'taken') known?.refill(request.items);
    else if (request.kind === 'leave') known?.end();
    else void this.#serve(request);
  }

  /** Ends every stream. */
  close(): void {
    for (const stream of this.#streams.values()) stream.end();
  }

  async #serve(request: Extract<FeedRequest, { kind: 'snapshot' | 'events' }>): Promise<void> {
    const { stream: number } = request;
    const stream = new Stream();
    this.#streams.set(number, stream);
    try {
      if (request.kind === 'snapshot') await this.#sendSnapshot(number, stream);
      else await this.#sendEvents(number, request.after, stream);
    } catch (error) {
      const answer = { reason: (error as Error).message, gap: error instanceof FeedGapError };
      if (!stream.signal.aborted) this.#post({ kind: 'away', stream: number, ...answer });
    } finally {
      this.#streams.delete(number);
    }
  }

  async #sendSnapshot(number: number, stream: Stream): Promise<void> {
    const { environment, sequence, entries } = await this.#source.snapshot(stream.signal);
    for (let from = 0; from < entries.length; from += batch) {
      const some = entries.slice(from, from + batch);
      await stream.spend(some.length);
      if (stream.signal.aborted) return;
      this.#post({ kind: 'entries', stream: number, entries: some });
    }
    this.#post({ kind: 'whole', stream: number, environment, sequence });
  }

  async #sendEvents(number: number, after: number, stream: Stream): Promise<void> {
    for await (const event of this.#source.events(after, stream.signal)) {
      await stream.spend(1);
      if (stream.signal.aborted) return;
      this.#post({ kind: 'event', stream: number, event });
    }
  }
}

/** One answer in many messages, and how much of it the worker still has room for. */
class Stream {
  readonly #stop = new AbortController();
  #room = feedWindow;
  #wake: () => void = () => {};

  get signal(): AbortSignal {
    return this.#stop.signal;
  }

  /** Waits until there is room. */
  async spend(items: number): Promise<void> {
    while (this.#room <= 0 && !this.signal.aborted) {
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
    this.#room -= items;
  }

  refill(items: number): void {
    this.#room += items;
    this.#wake();
  }

  end(): void {
    this.#stop.abort();
    this.#wake();
  }
}
