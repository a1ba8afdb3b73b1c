import type { Authority, Lease, LeaseRequest } from './authority.ts';
import type { Charges } from './charges.ts';
import type { Clock } from './clock.ts';
import type { Counter } from './counter.ts';
import { rowMask } from './keys.ts';
import { type LeaseBook, placeOf } from './lease-book.ts';
import { asked, away, exhausted, known, type LeasePage, pending, unbounded } from './lease-page.ts';
import { readCounterName } from './name.ts';
import type { SteadyTime } from './steady-time.ts';
import { Waiting, Want } from './want.ts';

/** Counters of one batch, at most. */
const largestBatch = 256;
/** Counters whose units are given back at the end, at most: they are what a second of calls can have left. */
const mostReturned = 10_000;
/** Milliseconds until it is asked again for units that others may give back. */
const pendingMillis = 5;
/** Milliseconds for which it is believed that nobody can be asked. */
const quietMillis = 100;

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
  readonly #wants = new Map<string, Want>();
  /** Those for the next batch. */
  #due: Want[] = [];
  /** Calls for which it is asked again in a moment. */
  #later: Waiting[] = [];
  #batches = 0;
  #isScheduled = false;
  /** An answer brought units that calls waited for: the next batch says that it was worked off. */
  #owesWord = false;
  #flight: Flight | null = null;
  /** Calls in the order in which their patience ends. */
  #parked: Waiting[] = [];
  #isTimed = false;
  #quietUntil = Number.NEGATIVE_INFINITY;
  #isClosed = false;
  /** A batch was not answered in time, and nothing was heard since. */
  isUnheard = false;

  constructor(options: InquiryOptions) {
    this.#options = options;
    this.#clock = options.clock;
    options.authority.watch?.((name) => this.#forget(name));
  }

  /** It is known that nobody can be asked, and not worth while to ask again yet. */
  get isQuiet(): boolean {
    return this.#clock.monotonic() < this.#quietUntil;
  }

  park(charges: Charges, resume: Waiting['resume']): { cancel(): void } {
    const call = new Waiting(charges, this.#clock.monotonic() + this.#options.patience, resume);
    this.#enlist(call);
    this.#parked.push(call);
    this.#watchPatience();
    return {
      cancel() {
        call.isOver = true;
      },
    };
  }

  fetchAhead(counter: Counter, page: LeasePage, index: number): void {
    const flags = page.flags[index] as number;
    if ((flags & (asked | exhausted)) !== 0) return;
    page.flags[index] = flags | asked;
    const want = this.#want(counter);
    want.ahead = true;
    this.#put(want);
  }

  /** Units that were spent though they were not held. */
  owe(counter: Counter, page: LeasePage, index: number, units: number): void {
    const want = this.#want(counter);
    want.owe(units, this.#windowOf(counter, page, index));
    page.overall[index] = Math.max(0, (page.overall[index] as number) - units);
    this.#put(want);
  }

  giveBack(counter: Counter, page: LeasePage, index: number, units: number): void {
    const window = this.#windowOf(counter, page, index);
    if (units === 0 || window === 0) return;
    const want = this.#want(counter);
    want.giveBack(units, window);
    this.#put(want);
  }

  /** Gives back all that is held; the calls that wait are told that there is nobody to ask. */
  close(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    for (const call of this.#parked.splice(0)) this.#finish(call);
    const batch = [...this.#lastWords()];
    for (let from = 0; from < batch.length; from += largestBatch) {
      this.#options.authority.request(batch.slice(from, from + largestBatch), () => {});
    }
  }

  /** What is owed and what is held, of every counter. */
  *#lastWords(): Generator<LeaseRequest> {
    const now = this.#options.time.steady();
    for (const want of this.#due) if (want.owed > 0) yield want.request(0);
    let most = mostReturned;
    for (const book of this.#options.books.values()) {
      if (now >= book.turnsAt) book.turn(now);
      for (const { key, page, index } of book.rows) {
        const returned = page.left[index] as number;
        const window = book.windowOf(page, index, now);
        if (returned === 0 || window === 0) continue;
        if (most-- === 0) return;
        const limit = book.limitOf(page.amount[index] as number);
        yield { counter: book.prefix + key, limit, needed: 0, owed: 0, returned, window };
      }
    }
  }

  #windowOf(counter: Counter, page: LeasePage, index: number): number {
    return counter.book.windowOf(page, index, this.#options.time.steady());
  }

  #want(counter: Counter): Want {
    const name = counter.name;
    let want = this.#wants.get(name);
    if (want === undefined) {
      want = new Want(counter, name);
      this.#wants.set(name, want);
    }
    want.counter = counter;
    return want;
  }

  #put(want: Want): void {
    if (!want.isDue) {
      want.isDue = true;
      this.#due.push(want);
    }
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
    const wants: Want[] = [];
    const batch: LeaseRequest[] = [];
    const due = this.#due;
    this.#due = due.splice(largestBatch);
    const serial = ++this.#batches;
    // It grows while it is worked off: what a call lacks is asked for together, so that no part of it goes back for want of another.
    for (const want of due) {
      want.isDue = false;
      want.batch = serial;
      const page = want.counter.book.page(want.counter.place, now, want.counter.amount);
      const held = page.left[want.counter.place.row & rowMask] as number;
      const need = want.need();
      if (need > 0 && held >= need) for (const call of this.#retry([want])) this.#enlist(call);
      const needed = Math.max(0, need - held);
      if (needed > 0) this.#join(want, due, serial);
      if (want.isIdle && needed === 0) {
        this.#drop(want);
        continue;
      }
      batch.push(want.request(needed));
      want.sent(needed);
      wants.push(want);
    }
    if (this.#due.length > 0) this.#schedule();
    if (batch.length === 0 && !this.#owesWord) return;
    this.#owesWord = false;
    const flight = { wants, sent: now, departed: this.#clock.monotonic() };
    this.#flight = flight;
    this.#options.authority.request(batch, (leases) => this.#answered(flight, leases));
  }

  /** Whatever else the calls lack that wait for one counter comes into the same batch. */
  #join(want: Want, due: Want[], serial: number): void {
    for (const { wants } of want.waiting) {
      if (due.length >= largestBatch) return;
      for (const other of wants) {
        if (other === null || other.isDue || other.batch === serial) continue;
        other.isDue = true;
        due.push(other);
      }
    }
  }

  #answered(flight: Flight, leases: readonly Lease[]): void {
    if (this.#isClosed) return;
    if (this.#flight === flight) this.#flight = null;
    this.isUnheard = false;
    const now = this.#options.time.steady();
    flight.wants.forEach((want, place) => {
      const lease = leases[place];
      if (lease?.counter === want.name) this.#receive(want, lease, flight.sent, now);
    });
    const still = this.#retry(flight.wants.map((want) => this.#wants.get(want.name) ?? want));
    flight.wants.forEach((want, place) => {
      const lease = leases[place];
      if (lease !== undefined && lease.units > 0 && want.needed > 0) this.#clear(want, lease, now);
    });
    for (const call of still) this.#enlistAgain(call);
    for (const want of flight.wants) this.#drop(want);
    if (this.#due.length > 0 || this.#owesWord) this.#schedule();
  }

  #receive(want: Want, lease: Lease, sent: number, now: number): void {
    const { book, place, amount } = want.counter;
    const endsAt = sent + lease.endsIn;
    // Nobody may have said which window it is where nobody could be asked.
    const isOpen = endsAt > now && book.open(lease.window, endsAt);
    const page = book.page(place, now, amount);
    const index = place.row & rowMask;
    page.flags[index] = (page.flags[index] as number) & ~asked;
    if (lease.outcome === 'away' || lease.outcome === 'unbounded') {
      this.#quietUntil = this.#clock.monotonic() + quietMillis;
      page.flags[index] = lease.outcome === 'away' ? away : unbounded;
      if (page.endsAt !== null) page.endsAt[index] = Math.max(page.endsAt[index] as number, now + quietMillis);
      return;
    }
    if (!isOpen || !page.open(index, lease.window, endsAt)) return;
    page.left[index] = (page.left[index] as number) + lease.units;
    page.low[index] = Math.max(0, lease.units - want.needed) / 2;
    page.overall[index] = roundedUp(lease.left);
    let flags = known;
    // Of another limit than the one that is in force now it says nothing.
    if (lease.outcome === 'exhausted' && want.amount === page.amount[index]) flags |= exhausted;
    if (lease.outcome === 'pending') flags |= pending;
    page.flags[index] = flags;
  }

  /** What calls needed and did not take goes back at once, so that nobody is refused for units that nobody uses. */
  #clear(want: Want, lease: Lease, now: number): void {
    this.#owesWord = true;
    const { book, place, amount } = want.counter;
    const page = book.page(place, now, amount);
    const index = place.row & rowMask;
    const over = (page.left[index] as number) - Math.max(0, lease.units - want.needed);
    if (over <= 0) return;
    this.giveBack(want.counter, page, index, over);
    page.left[index] = (page.left[index] as number) - over;
    page.overall[index] = roundedUp((page.overall[index] as number) + over);
  }

  /** Decides the calls that wait for some counters, in the order in which they came; answers those that wait for more. */
  #retry(wants: readonly Want[]): Waiting[] {
    const calls = new Set<Waiting>();
    for (const want of wants) {
      for (const call of want.waiting) {
        call.leave(want);
        if (!call.isOver) calls.add(call);
      }
      want.waiting = [];
    }
    const inOrder = [...calls].sort((one, other) => one.due - other.due);
    return inOrder.filter((call) => {
      if (call.isOver) return false;
      const verdict = this.#options.take(call.charges, false);
      if (verdict !== 'waiting') call.end(verdict);
      return verdict === 'waiting';
    });
  }

  /** Asks for what a call lacks. */
  #enlist(call: Waiting): void {
    if (call.isOver) return;
    for (const place of this.#lacks(call)) {
      const want = this.#want(call.charges.counter(place));
      if (call.wants[place] === null) want.enlist(call, place);
      this.#put(want);
    }
  }

  /**
   * Asks for what a call still lacks. Where others may give it back, in a moment: what was granted of the rest goes back meanwhile, so that
   * of two processes that each have a part of what both need one gets all of it.
   */
  #enlistAgain(call: Waiting): void {
    const isPending = ({ place, book }: Counter) => {
      return ((book.rows.page(place.row).flags[place.row & rowMask] as number) & pending) !== 0;
    };
    if (!this.#lacks(call).some((place) => isPending(call.charges.counter(place)))) {
      this.#enlist(call);
      return;
    }
    this.#later.push(call);
    if (this.#later.length > 1) return;
    this.#clock.after(pendingMillis, () => {
      for (const again of this.#later.splice(0)) this.#enlist(again);
    });
  }

  /** The charges for which a call has to wait. */
  #lacks({ charges }: Waiting): number[] {
    const now = this.#options.time.steady();
    const lacks: number[] = [];
    for (let at = 0; at < charges.length; at++) {
      const { book, place, amount } = charges.counter(at);
      const page = book.page(place, now, amount);
      const index = place.row & rowMask;
      const units = Math.max(charges.units(at), 1);
      const left = page.left[index] as number;
      const isRefused =
        ((page.flags[index] as number) & exhausted) !== 0 && units > left + (page.overall[index] as number);
      if (at === charges.at || (left < units && !isRefused)) lacks.push(at);
    }
    return lacks;
  }

  /** Forgets a want that is no more. */
  #drop(want: Want): void {
    if (want.isIdle && want.waiting.length === 0 && !want.isDue) this.#wants.delete(want.name);
  }

  #watchPatience(): void {
    const first = this.#parked[0];
    if (this.#isTimed || first === undefined) return;
    this.#isTimed = true;
    this.#clock.after(Math.max(0, first.due - this.#clock.monotonic()), () => {
      this.#isTimed = false;
      if (!this.#isClosed) this.#expire();
    });
  }

  #expire(): void {
    const now = this.#clock.monotonic();
    if (this.#isLate()) this.#giveUp();
    let open = 0;
    while (this.#parked[open]?.isOver || (this.#parked[open]?.due ?? Number.POSITIVE_INFINITY) <= now) open++;
    for (const call of this.#parked.splice(0, open)) this.#finish(call);
    this.#watchPatience();
    if (this.#due.length > 0) this.#schedule();
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
      const page = counter.book.page(counter.place, now, counter.amount);
      const index = counter.place.row & rowMask;
      page.flags[index] = (page.flags[index] as number) & ~asked;
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

/** The next number that a `Float32Array` can hold. */
function roundedUp(units: number): number {
  return Math.fround(units) < units ? units * (1 + 2 ** -23) : units;
}
