import type { Authority, Lease, LeaseRequest } from '@sluice/throttle';
import { leasesFromWire, toWire } from './lease-wire.ts';
import type { CounterReset, LeaseGrant, LeaseWish } from './messages.ts';

/**
 * Batches without an answer. A ledger has one on its way at a time, and goes on after its patience; what it gives back at its end is some more.
 * A main process that has so many to read is stuck: it gets no further ones.
 */
const mostUnanswered = 64;

/** The worker's end of the machine's authority: batches go to the main process by number, and their answers come back by it. */
export class AuthorityChannel implements Authority {
  readonly #post: (wish: LeaseWish) => void;
  readonly #unanswered = new Map<
    number,
    { readonly batch: readonly LeaseRequest[]; readonly answer: (leases: readonly Lease[]) => void }
  >();
  #batches = 0;
  #isGone = false;
  /** What is answered where nobody can be asked, which `fail` of the throttling options decides. */
  absence: 'away' | 'unbounded' = 'away';
  #forget: (counter: string) => void = () => {};

  constructor(post: (wish: LeaseWish) => void) {
    this.#post = post;
  }

  request(batch: readonly LeaseRequest[], answer: (leases: readonly Lease[]) => void): void {
    if (this.#isGone || this.#unanswered.size >= mostUnanswered) {
      answer(this.#absent(batch));
      return;
    }
    const number = ++this.#batches;
    this.#unanswered.set(number, { batch, answer });
    this.#post({ kind: 'wish', batch: number, requests: batch.map(toWire) });
  }

  watch(forget: (counter: string) => void): void {
    this.#forget = forget;
  }

  /** What came over the channel. */
  take(message: LeaseGrant | CounterReset): void {
    if (message.kind === 'reset') {
      this.#forget(message.counter);
      return;
    }
    const waiting = this.#unanswered.get(message.batch);
    if (waiting === undefined) return;
    this.#unanswered.delete(message.batch);
    waiting.answer(leasesFromWire(waiting.batch, message.leases));
  }

  /** The main process is gone: all that waits, and all that comes, has nobody to ask. */
  close(): void {
    this.#isGone = true;
    for (const { batch, answer } of this.#unanswered.values()) answer(this.#absent(batch));
    this.#unanswered.clear();
  }

  #absent(batch: readonly LeaseRequest[]): Lease[] {
    const nothing = { window: 0, units: 0, left: 0, endsIn: 0, outcome: this.absence };
    return batch.map(({ counter }) => ({ counter, ...nothing }));
  }
}
