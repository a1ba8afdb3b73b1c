import type { Authority, LeaseRequest } from './authority.ts';
import type { Clock } from './clock.ts';
import type { LeaseBook } from './lease-book.ts';
import type { SteadyTime } from './steady-time.ts';

/** Counters of one batch, batches without an answer, and milliseconds that all of it may take, at most. */
const largestBatch = 256;
const mostUnanswered = 8;
const longest = 1500;

interface Estate {
  readonly authority: Authority;
  readonly clock: Clock;
  readonly time: SteadyTime;
  readonly books: ReadonlyMap<string, LeaseBook>;
}

/**
 * Tells the authority what is owed, and gives back all that is held, at its pace: a process that counts many keys may hold something of each.
 * Resolves when all was taken, or when time is up; the rest counts as spent.
 */
export function giveBackAll({ authority, clock, time, books }: Estate, owed: readonly LeaseRequest[]): Promise<void> {
  const batches = inBatches(owed, heldIn(books.values(), time.steady()));
  const { promise, resolve } = Promise.withResolvers<void>();
  let unanswered = 0;
  let isSending = false;
  let isOver = false;
  const end = () => {
    isOver = true;
    stop();
    resolve();
  };
  const send = () => {
    if (isSending || isOver) return;
    isSending = true;
    while (unanswered < mostUnanswered) {
      const { value, done } = batches.next();
      if (done) break;
      unanswered++;
      authority.request(value, () => {
        unanswered--;
        send();
      });
    }
    isSending = false;
    if (unanswered === 0) end();
  };
  const stop = clock.after(longest, end);
  send();
  return promise;
}

/** No batch names a counter twice. */
function* inBatches(...parts: Iterable<LeaseRequest>[]): Generator<LeaseRequest[], undefined> {
  for (const part of parts) {
    let batch: LeaseRequest[] = [];
    for (const request of part) {
      if (batch.push(request) < largestBatch) continue;
      yield batch;
      batch = [];
    }
    if (batch.length > 0) yield batch;
  }
}

/** What is held of windows that are open: nothing is left there. */
function* heldIn(books: Iterable<LeaseBook>, now: number): Generator<LeaseRequest> {
  for (const book of books) {
    if (now >= book.turnsAt) book.turn(now);
    for (const { key, page, index } of book.rows) {
      const returned = page.left(index);
      const window = book.windowOf(page, index, now);
      if (returned === 0 || window === 0) continue;
      page.setLeft(index, 0);
      const limit = book.limitOf(page.amount(index));
      yield { counter: book.prefix + key, limit, needed: 0, owed: 0, returned, window };
    }
  }
}
