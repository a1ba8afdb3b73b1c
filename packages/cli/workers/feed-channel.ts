import { type FeedEvent, FeedGapError, type FeedSnapshot, type FeedSource, type RuntimeEntry } from '@sluice/model';
import { type FeedAnswer, type FeedRequest, feedWindow } from './messages.ts';

/** The worker's end of the feed: what the main process serves over the channel. */
export class FeedChannel implements FeedSource {
  readonly #post: (request: FeedRequest) => void;
  readonly #inboxes = new Map<number, Inbox>();
  #streams = 0;

  constructor(post: (request: FeedRequest) => void) {
    this.#post = post;
  }

  /** An answer for a stream that was left is dropped. */
  take(answer: FeedAnswer): void {
    this.#inboxes.get(answer.stream)?.put(answer);
  }

  async snapshot(signal: AbortSignal): Promise<FeedSnapshot> {
    const entries: RuntimeEntry[] = [];
    for await (const answer of this.#open((stream) => ({ kind: 'snapshot', stream }), signal)) {
      if (answer.kind === 'entries') entries.push(...answer.entries);
      if (answer.kind === 'whole') {
        return { format: 1, environment: answer.environment, sequence: answer.sequence, entries };
      }
    }
    throw signal.reason;
  }

  async *events(after: number, signal: AbortSignal): AsyncGenerator<FeedEvent> {
    for await (const answer of this.#open((stream) => ({ kind: 'events', stream, after }), signal)) {
      if (answer.kind === 'event') yield answer.event;
    }
  }

  /** Yields answers until the stream is left; throws when the feed is away, and ends when `signal` aborts. */
  async *#open(request: (stream: number) => FeedRequest, signal: AbortSignal): AsyncGenerator<FeedAnswer> {
    const stream = ++this.#streams;
    const inbox = new Inbox();
    this.#inboxes.set(stream, inbox);
    signal.addEventListener('abort', inbox.wake, { once: true });
    let taken = 0;
    try {
      this.#post(request(stream));
      while (!signal.aborted) {
        const answer = inbox.next();
        if (answer === undefined) {
          await inbox.arrival();
          continue;
        }
        if (answer.kind === 'away') throw answer.gap ? new FeedGapError(answer.reason) : new Error(answer.reason);
        yield answer;
        taken += answer.kind === 'entries' ? answer.entries.length : 1;
        if (taken < feedWindow / 4) continue;
        this.#post({ kind: 'taken', stream, items: taken });
        taken = 0;
      }
    } finally {
      signal.removeEventListener('abort', inbox.wake);
      this.#inboxes.delete(stream);
      this.#post({ kind: 'leave', stream });
    }
  }
}

/** Answers that wait for their reader. */
class Inbox {
  #answers: FeedAnswer[] = [];
  #wake: (() => void) | undefined;

  put(answer: FeedAnswer): void {
    this.#answers.push(answer);
    this.wake();
  }

  next(): FeedAnswer | undefined {
    return this.#answers.shift();
  }

  /** Resolves with the next answer, or when woken. */
  arrival(): Promise<void> {
    return new Promise((resolve) => {
      this.#wake = resolve;
    });
  }

  readonly wake = (): void => {
    this.#wake?.();
    this.#wake = undefined;
  };
}
