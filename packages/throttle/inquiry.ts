import type { Authority, Lease, LeaseRequest } from './authority.ts';
import type { Charges } from './charges.ts';
import type { Clock } from './clock.ts';
import type { Counter } from './counter.ts';
import { rowMask } from './keys.ts';
import { giveBackAll } from './last-words.ts';
import { type LeaseBook, placeOf } from './lease-book.ts';
import { asked, exhausted, type LeasePage, pending } from './lease-page.ts';
import { readCounterName } from './name.ts';
import { Parking } from './parking.ts';
import { lacking, quietMillis, receive, roundedUp, rowOf } from './receive.ts';
import type { SteadyTime } from './steady-time.ts';
import { leaving, type Waiting, type Want } from './want.ts';
import { Wants } from './wants.ts';

/** Counters of one batch, at most. */
const largestBatch = 256;
/** Milliseconds until it is asked again for units that others may give back. */
const pendingMillis = 5;
/** Milliseconds since it came for which a call waits for such units; an authority that answers is no reason to wait longer. */
const longestPending = 100;

interface InquiryOptions {
  readonly authority: Authority;
  readonly clock: Clock;
  /** Milliseconds. */
  readonly patience: number;
  readonly time: SteadyTime;
  /** By prefix of the counters' names. */
  readonly books: ReadonlyMap<string, LeaseBook>;
  /** Takes the charges of a call that waits; in a hurry it is not to wait any longer. */
  take(charges: Charges, hurry: boolean): 'admitted' | 'refused' | 'waiting';
}

/** One batch on its way. */
interface Flight {
  readonly wants: readonly Want[];
  /** When it was sent, in steady and in monotonic milliseconds. */
  readonly sent: number;
  readonly departed: number;
}

/**
 * What a ledger asks of its authority: one batch per turn, and one at a time, so that a batch also says that the answer before it was
 * worked off, and all that it left over given back. The authority relies on that to know when a window is exhausted for good.
 */
export class Inquiry {
  readonly #options: InquiryOptions;
  readonly #clock: Clock;
  readonly #wants = new Wants();
  /** Calls for which it is asked again in a moment. */
  #later: Waiting[] = [];
  #isScheduled = false;
  /** An answer brought units that calls waited for: the next batch says that it was worked off. */
  #owesWord = false;
  #flight: Flight | null = null;
  readonly #parked: Parking;
  #quietUntil = Number.NEGATIVE_INFINITY;
  #isClosed = false;
  /** A batch was not answered in time, and nothing was heard since. */
  isUnheard = false;

  constructor(options: InquiryOptions) {
    this.#options = options;
    this.#clock = options.clock;
    this.#parked = new Parking(options.clock, options.patience, (calls) => this.#expire(calls));
    options.authority.watch?.((name) => this.#forget(name));
  }

  /** It is known that nobody can be asked, and not worth while to ask again yet. */
  get isQuiet(): boolean {
    return this.#clock.monotonic() < this.#quietUntil;
  }

  park(charges: Charges, resume: Waiting['resume']): { cancel(): void } {
    const call = this.#parked.add(charges, resume);
    this.#enlist(call);
    return {
      cancel() {
        call.isOver = true;
      },
    };
  }

  fetchAhead(counter: Counter, page: LeasePage, index: number): void {
    const flags = page.flags(index);
    if ((flags & (asked | exhausted)) !== 0) return;
    page.setFlags(index, flags | asked);
    const want = this.#wants.of(counter);
    want.ahead = true;
    this.#put(want);
  }

  /** Units that were spent though they were not held. */
  owe(counter: Counter, page: LeasePage, index: number, units: number): void {
    const want = this.#wants.of(counter);
    want.owe(units, this.#windowOf(counter, page, index));
    page.setOverall(index, Math.max(0, page.overall(index) - units));
    this.#put(want);
  }

  giveBack(counter: Counter, page: LeasePage, index: number, units: number): void {
    const window = this.#windowOf(counter, page, index);
    if (units === 0 || window === 0) return;
    const want = this.#wants.of(counter);
    want.giveBack(units, window);
    this.#put(want);
  }

  /** Gives back all that is held; the calls that wait are told that there is nobody to ask. Resolves when it was taken, or nobody takes it. */
  async close(): Promise<void> {
    if (this.#isClosed) return;
    this.#isClosed = true;
    for (const call of this.#parked.close()) this.#finish(call);
    await giveBackAll(this.#options, this.#wants.owed());
  }

  #windowOf(counter: Counter, page: LeasePage, index: number): number {
    return counter.book.windowOf(page, index, this.#options.time.steady());
  }

  #put(want: Want): void {
    this.#wants.put(want);
    this.#schedule();
  }

  #schedule(): void {
    if (this.#isLate()) this.#giveUp();
    if (this.#isScheduled || this.#flight !== null || this.#isClosed) return;
    this.#isScheduled = true;
    this.#clock.soon(() => this.#send());
  }

  #send(): void {
    this.#isScheduled = false;
    if (this.#flight !== null || this.#isClosed) return;
    const now = this.#options.time.steady();
    // Whoever asks clears up after those who do not come back.
    for (const book of this.#options.books.values()) if (now >= book.turnsAt) book.turn(now);
    const wants: Want[] = [];
    const batch: LeaseRequest[] = [];
    const due = this.#wants.next(largestBatch);
    // It grows while it is worked off: what a call lacks is asked for together, so that no part of it goes back for want of another.
    for (const want of due) {
      this.#wants.begin(want);
      const { page, index } = rowOf(want.counter, now);
      const held = page.left(index);
      const need = want.need();
      if (need > 0 && held >= need) for (const call of this.#retry([want])) this.#enlist(call);
      const needed = Math.max(0, need - held);
      if (needed > 0) this.#wants.join(want, due, largestBatch);
      if (want.isIdle && needed === 0) {
        this.#wants.drop(want);
        continue;
      }
      batch.push(want.request(needed));
      want.sent(needed);
      wants.push(want);
    }
    if (this.#wants.areDue) this.#schedule();
    if (batch.length === 0 && !this.#owesWord) return;
    this.#owesWord = false;
    const flight = { wants, sent: now, departed: this.#clock.monotonic() };
    this.#flight = flight;
    this.#options.authority.request(batch, (leases) => this.#answered(flight, leases));
  }

  #answered(flight: Flight, leases: readonly Lease[]): void {
    if (this.#isClosed) return;
    if (this.#flight === flight) this.#flight = null;
    this.isUnheard = false;
    const now = this.#options.time.steady();
    flight.wants.forEach((want, place) => {
      const lease = leases[place];
      if (lease?.counter !== want.name) return;
      if (!receive(want, lease, flight.sent, now)) this.#quietUntil = this.#clock.monotonic() + quietMillis;
    });
    const still = this.#retry(flight.wants.map((want) => this.#wants.current(want)));
    flight.wants.forEach((want, place) => {
      const lease = leases[place];
      if (lease !== undefined && lease.units > 0 && want.needed > 0) this.#clear(want, lease, now);
    });
    for (const call of still) this.#enlistAgain(call);
    for (const want of flight.wants) this.#wants.drop(want);
    if (this.#wants.areDue || this.#owesWord) this.#schedule();
  }

  /** What calls needed and did not take goes back at once, so that nobody is refused for units that nobody uses. */
  #clear(want: Want, lease: Lease, now: number): void {
    this.#owesWord = true;
    const { page, index } = rowOf(want.counter, now);
    const over = page.left(index) - Math.max(0, lease.units - want.needed);
    if (over <= 0) return;
    this.giveBack(want.counter, page, index, over);
    page.setLeft(index, page.left(index) - over);
    page.setOverall(index, roundedUp(page.overall(index) + over));
  }

  /** Decides the calls that wait for some counters, in the order in which they came; answers those that wait for more. */
  #retry(wants: readonly Want[]): Waiting[] {
    return leaving(wants).filter((call) => {
      if (call.isOver) return false;
      const verdict = this.#options.take(call.charges, false);
      if (verdict !== 'waiting') call.end(verdict);
      return verdict === 'waiting';
    });
  }

  /** Asks for what a call lacks. */
  #enlist(call: Waiting): void {
    if (call.isOver) return;
    for (const place of lacking(call, this.#options.time.steady())) {
      const want = this.#wants.of(call.charges.counter(place));
      if (call.wants[place] === null) want.enlist(call, place);
      this.#put(want);
    }
  }

  /**
   * Asks for what a call still lacks. Where others may give it back, in a moment: what was granted of the rest goes back meanwhile, so that
   * of two processes that each have a part of what both need one gets all of it.
   */
  #enlistAgain(call: Waiting): void {
    const now = this.#options.time.steady();
    const isPending = (place: number) => {
      const { page, index } = rowOf(call.charges.counter(place), now);
      return (page.flags(index) & pending) !== 0;
    };
    if (!lacking(call, now).some(isPending)) {
      this.#enlist(call);
      return;
    }
    if (this.#clock.monotonic() - call.came >= Math.min(longestPending, this.#options.patience)) {
      this.#finish(call);
      return;
    }
    this.#later.push(call);
    if (this.#later.length > 1) return;
    this.#clock.after(pendingMillis, () => {
      for (const again of this.#later.splice(0)) this.#enlist(again);
    });
  }

  #expire(calls: readonly Waiting[]): void {
    if (this.#isLate()) this.#giveUp();
    for (const call of calls) this.#finish(call);
    if (this.#wants.areDue) this.#schedule();
  }

  /** A batch leaves a little after the call for which it was made has come. */
  #isLate(): boolean {
    if (this.#flight === null) return false;
    return this.#clock.monotonic() - this.#flight.departed >= 0.9 * this.#options.patience;
  }

  /** The batch that is on its way is not waited for any longer; its answer counts nevertheless, should it come. */
  #giveUp(): void {
    const now = this.#options.time.steady();
    this.isUnheard = true;
    for (const { counter } of this.#flight?.wants ?? []) {
      const { page, index } = rowOf(counter, now);
      page.setFlags(index, page.flags(index) & ~asked);
    }
    this.#flight = null;
  }

  /** A call has waited long enough. */
  #finish(call: Waiting): void {
    if (call.isOver) return;
    call.end(this.#options.take(call.charges, true) === 'admitted' ? 'admitted' : 'refused');
  }

  #forget(name: string): void {
    const read = readCounterName(name);
    const book = read && this.#options.books.get(read.prefix);
    if (read === undefined || book === undefined) return;
    const place = placeOf(read.key);
    const page = book.page(place, this.#options.time.steady(), 0);
    page.forget(place.row & rowMask);
  }
}
