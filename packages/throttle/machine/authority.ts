import type { Lease, LeaseRequest, Pool } from '../authority.ts';
import type { Clock } from '../clock.ts';
import { rowMask } from '../keys.ts';
import { readCounterName } from '../name.ts';
import { type Connection, endedSeat, Holder } from './connection.ts';
import { GrantBook, type Instant } from './grant-book.ts';
import type { GrantPage } from './grant-page.ts';
import type { HeldWindow, OpenWindow, Oversight } from './open-window.ts';

export interface MachineAuthorityOptions {
  readonly clock: Clock;
  /** Where units come from that other gateways share; absent: the limits are this machine's alone. */
  readonly pool?: Pool;
}

type Answer = (leases: readonly Lease[]) => void;

/**
 * A lease is at most this part of a limit, divided by the number of processes. A process that fetches ahead at half of it holds one and a
 * half of them, and so all together less than a hundredth of the limit.
 */
const leasesPerLimit = 160;

/**
 * Grants leases to all processes of one machine; lives in its main process. Each answer counts as spent what it grants until it comes back,
 * so that a process that dies takes no more than its leases with it.
 */
export class MachineAuthority implements Oversight {
  readonly #clock: Clock;
  readonly #pool: Pool | undefined;
  readonly #books = new Map<string, GrantBook>();
  /** Holders that are connected. */
  #open: readonly Holder[] = [];
  /** Number of the last window that began with a first call. */
  #windows: number;

  constructor({ clock, pool }: MachineAuthorityOptions) {
    this.#clock = clock;
    this.#pool = pool;
    this.#windows = Math.floor(clock.epoch());
  }

  /** Counters that are kept: of open windows, and for a while of closed ones. */
  get size(): number {
    let size = 0;
    for (const { rows } of this.#books.values()) size += rows.size;
    return size;
  }

  /** `name` says who it is to those who look. */
  connect(name: string): Connection {
    const holder = this.#enter(name);
    return {
      request: (batch, answer) => this.#request(holder, batch, answer),
      watch: (forget) => {
        holder.forget = forget;
      },
      close: () => this.#leave(holder),
    };
  }

  *windows(): Generator<HeldWindow> {
    for (const book of this.#books.values()) {
      const now = this.#now();
      book.turn(now);
      for (const { key, page, index } of book.rows) {
        if (book.endOf(page, index) > now.monotonic) yield this.#view(book, key, page, index, now);
      }
    }
  }

  find(counter: string): HeldWindow | undefined {
    const found = this.#find(counter);
    if (found === undefined) return undefined;
    return this.#view(found.book, found.key, found.page, found.index, found.now);
  }

  reset(counter: string): boolean {
    const found = this.#find(counter);
    if (found === undefined) return false;
    const { page, index, now } = found;
    this.#pool?.reset(counter);
    page.begin(index);
    // Windows of their own get a number that no lease of before has.
    if (this.#pool === undefined && page.window !== null) page.window[index] = this.#nextWindow(now);
    for (const { forget } of this.#open) forget(counter);
    return true;
  }

  restore(windows: Iterable<OpenWindow>): void {
    const now = this.#now();
    let book: GrantBook | undefined;
    for (const { counter, limit, window, endsAt, used } of windows) {
      // Most are of the same few books, and there may be a million.
      if (book === undefined || !counter.startsWith(book.name.prefix)) {
        book = this.#bookOf(counter);
        book?.turn(now);
      }
      if (book === undefined || endsAt <= now.epoch) continue;
      const row = book.row(keyOf(counter, book), now);
      book.open(row, window, now.monotonic + endsAt - now.epoch);
      const page = book.rows.page(row);
      page.used[row & rowMask] = used;
      page.amount[row & rowMask] = limit.amount;
      if (page.window !== null) this.#windows = Math.max(this.#windows, window);
    }
  }

  #request(holder: Holder, batch: readonly LeaseRequest[], answer: Answer): void {
    holder.settle();
    const now = this.#now();
    // Whoever asks pays for those who do not come back: rows of windows that are over go.
    for (const book of this.#books.values()) book.turn(now);
    if (this.#pool === undefined) answer(batch.map((request) => this.#grant(holder, request, now)));
    else this.#passOn(this.#pool, holder, batch, now, answer);
  }

  /** Decides here, since the limit is this machine's alone. */
  #grant(holder: Holder, request: LeaseRequest, now: Instant): Lease {
    const { counter, limit, needed } = request;
    const book = this.#bookOf(counter);
    if (book === undefined) return { counter, window: 0, units: 0, left: 0, endsIn: 0, outcome: 'away' };
    const row = book.row(keyOf(counter, book), now);
    const page = book.rows.page(row);
    const index = row & rowMask;
    if (book.endOf(page, index) <= now.monotonic) {
      book.open(
        row,
        this.#nextWindow(now),
        now.monotonic + (limit.window.kind === 'first-call' ? limit.window.millis : 0),
      );
    }
    const window = book.windowOf(page, index);
    page.amount[index] = limit.amount;
    this.#settle(holder, request, page, index, window);
    const left = Math.max(0, limit.amount - (page.used[index] as number));
    const units = Math.min(left, needed + this.#ahead(request, left - needed));
    this.#count(holder, request, page, index, units, now);
    const endsIn = book.endOf(page, index) - now.monotonic;
    const outcome = left > units ? 'granted' : this.#dryOutcome(holder, counter, units < needed, now);
    return { counter, window, units, left: left - units, endsIn, outcome };
  }

  /** Units come from the pool, which also says which window it is. */
  #passOn(pool: Pool, holder: Holder, batch: readonly LeaseRequest[], now: Instant, answer: Answer): void {
    const leases: Lease[] = [];
    const places = new Map<string, number[]>();
    const asked = batch.map((request, place) => {
      const { counter, returned } = request;
      // What a process says at its end may name a counter twice.
      places.set(counter, [...(places.get(counter) ?? []), place]);
      const found = this.#find(counter, now);
      if (found === undefined) return { ...request, spent: 0 };
      const { page, index } = found;
      const back = Math.min(returned, page.heldAt(index, holder.seat));
      return { ...request, returned: back, spent: page.used[index] as number };
    });
    let open = asked.length;
    if (open === 0) answer(leases);
    else {
      pool.request(asked, (answered) => {
        for (const lease of answered) {
          const place = places.get(lease.counter)?.shift();
          if (place === undefined) continue;
          leases[place] = this.#share(pool, holder, batch[place] as LeaseRequest, lease);
          if (--open === 0) answer(leases);
        }
      });
    }
  }

  /** What of a pool's lease a process gets: that of the machine as a whole is too large for one of several. */
  #share(pool: Pool, holder: Holder, request: LeaseRequest, lease: Lease): Lease {
    const { counter, limit, needed } = request;
    const book = this.#bookOf(counter);
    if (book === undefined || lease.outcome === 'away' || lease.outcome === 'unbounded') return lease;
    const now = this.#now();
    book.turn(now);
    const row = book.row(keyOf(counter, book), now);
    const page = book.rows.page(row);
    const index = row & rowMask;
    // Of a window that another answer has closed meanwhile nothing is counted any more.
    if (lease.window < book.windowOf(page, index) && book.endOf(page, index) > now.monotonic) return lease;
    book.open(row, lease.window, now.monotonic + lease.endsIn);
    page.amount[index] = limit.amount;
    this.#settle(holder, request, page, index, lease.window);
    const units = holder.isOpen ? this.#part(request, lease) : 0;
    this.#count(holder, request, page, index, units, now);
    const returned = lease.units - units;
    if (returned > 0) {
      const spent = page.used[index] as number;
      pool.request([{ counter, limit, needed: 0, owed: 0, returned, window: lease.window, spent }], () => {});
    }
    const { outcome } = lease;
    return {
      ...lease,
      units,
      left: lease.left + returned,
      outcome: outcome === 'exhausted' ? this.#dryOutcome(holder, counter, units < needed, now) : outcome,
    };
  }

  #part(request: LeaseRequest, { units, left }: Lease): number {
    const over = units - request.needed;
    return over > 0 ? request.needed + Math.min(over, this.#ahead(request, left + over)) : units;
  }

  /** Units that are granted beyond those that calls wait for, where so many are left. */
  #ahead({ limit, owed, returned, needed }: LeaseRequest, left: number): number {
    if (needed === 0 && owed + returned > 0) return 0;
    const holders = Math.max(1, this.#open.length);
    const units = Math.min(Math.floor(limit.amount / (leasesPerLimit * holders)), Math.floor(left / (2 * holders)));
    return units > 1 ? units : 0;
  }

  /** Of a window of which nothing is left: units that others have just been granted may yet come back. */
  #dryOutcome(holder: Holder, counter: string, isShort: boolean, now: Instant): Lease['outcome'] {
    const mayComeBack = this.#open.some((other) => other !== holder && other.mayGiveBack(counter, now.monotonic));
    if (!mayComeBack) return 'exhausted';
    return isShort ? 'pending' : 'granted';
  }

  /** Units that came back, and those that were spent without a lease. */
  #settle(
    holder: Holder,
    { owed, returned, window }: LeaseRequest,
    page: GrantPage,
    index: number,
    open: number,
  ): void {
    if (owed + returned === 0 || (window !== 0 && window !== open)) return;
    // What it was granted before the counter was reset is not held any more, and does not come back.
    const back = window === 0 ? 0 : Math.min(returned, page.heldAt(index, holder.seat), page.used[index] as number);
    page.used[index] = (page.used[index] as number) + owed - back;
    page.hold(index, holder.seat, owed - back);
  }

  #count(holder: Holder, request: LeaseRequest, page: GrantPage, index: number, units: number, now: Instant): void {
    page.used[index] = (page.used[index] as number) + units;
    page.hold(index, holder.seat, units);
    if (request.needed > 0 && units > 0) holder.doubt(request.counter, now.monotonic);
  }

  #find(counter: string, now = this.#now()) {
    const book = this.#books.get(prefixOf(counter));
    if (book === undefined) return undefined;
    book.turn(now);
    const key = keyOf(counter, book);
    const row = book.find(key);
    if (row < 0) return undefined;
    const page = book.rows.page(row);
    const index = row & rowMask;
    return book.endOf(page, index) > now.monotonic ? { book, key, page, index, now } : undefined;
  }

  #view(book: GrantBook, key: string, page: GrantPage, index: number, now: Instant): HeldWindow {
    return {
      counter: book.name.prefix + key,
      limit: book.limitOf(page, index),
      window: book.windowOf(page, index),
      endsAt: now.epoch + book.endOf(page, index) - now.monotonic,
      used: page.used[index] as number,
      holders: page.held(index).map(({ seat, units }) => ({ name: this.#nameAt(seat), units })),
    };
  }

  #nameAt(seat: number): string {
    return this.#open.find((holder) => holder.seat === seat)?.name ?? 'processes that ended';
  }

  /** Undefined where the name is not one of a counter. */
  #bookOf(counter: string): GrantBook | undefined {
    const prefix = prefixOf(counter);
    let book = this.#books.get(prefix);
    if (book === undefined) {
      const name = readCounterName(counter);
      if (name === undefined) return undefined;
      book = new GrantBook(name, this.#pool !== undefined);
      book.turn(this.#now());
      this.#books.set(prefix, book);
    }
    return book;
  }

  #nextWindow({ epoch }: Instant): number {
    this.#windows = Math.max(this.#windows + 1, Math.floor(epoch));
    return this.#windows;
  }

  #now(): Instant {
    return { epoch: this.#clock.epoch(), monotonic: this.#clock.monotonic() };
  }

  #enter(name: string): Holder {
    let seat = endedSeat + 1;
    while (this.#open.some((holder) => holder.seat === seat)) seat++;
    const holder = new Holder(name, seat);
    this.#open = [...this.#open, holder];
    return holder;
  }

  #leave(holder: Holder): void {
    if (!holder.isOpen) return;
    for (const { rows } of this.#books.values()) {
      for (const page of rows.pages()) page.pass(holder.seat, endedSeat);
    }
    holder.seat = endedSeat;
    holder.settle();
    this.#open = this.#open.filter((other) => other !== holder);
  }
}

/** What stands before the key in a counter's name. */
function prefixOf(counter: string): string {
  let end = -1;
  for (let slash = 0; slash < 3; slash++) end = counter.indexOf('/', end + 1);
  return counter.slice(0, end + 1);
}

function keyOf(counter: string, { name }: GrantBook): string {
  return counter.slice(name.prefix.length);
}
