import type { Authority, Lease, LeaseRequest } from './authority.ts';
import type { Charges } from './charges.ts';
import type { Clock } from './clock.ts';
import type { Counter } from './counter.ts';
import type { Limit } from './limit.ts';
import { counterName } from './name.ts';
import { windowEnd } from './window.ts';

export interface LedgerOptions {
  readonly authority: Authority;
  readonly clock: Clock;
  /** Milliseconds that a call waits for leases at most. */
  readonly patience: number;
  /**
   * What becomes of a call that has waited so long for nothing: `open` lets it pass uncounted; the others spend what this process holds
   * and no more, which is its share.
   */
  readonly fail: 'closed' | 'local-share' | 'open';
}

/** What became of a call's charges. */
export type Verdict = 'admitted' | 'refused' | 'waiting';

/** A call that waits for leases. */
export interface Parked {
  /** The call is gone: `resume` will not come, and nothing is taken for it. */
  cancel(): void;
}

/** The counters of one limit at one level; a compiled snapshot holds one where the key is known only by the call. */
export interface Book {
  counter(key: string): Counter;
}

class Row implements Counter {
  held = 0;
  overall: number;
  endsAt = 0;
  window = 0;
  exhausted = false;
  readonly name: string;
  readonly level: string;
  limit: Limit;
  readonly key: string;
  readonly #clock: Clock;

  constructor(name: string, level: string, limit: Limit, key: string, clock: Clock) {
    this.name = name;
    this.level = level;
    this.limit = limit;
    this.key = key;
    this.overall = limit.amount;
    this.#clock = clock;
  }

  get left(): number {
    return this.endsAt > this.#clock.epoch() ? this.held + this.overall : this.limit.amount;
  }

  get resetsAt(): number {
    const now = this.#clock.epoch();
    return this.endsAt > now ? this.endsAt : windowEnd(this.limit.window, now);
  }
}

/** The counters of one process, and what it may spend of them by itself. */
export class Ledger {
  readonly #options: LedgerOptions;
  readonly #rows = new Map<string, Row>();
  readonly #parked = new Set<{
    readonly charges: Charges;
    readonly due: number;
    resume(verdict: 'admitted' | 'refused', charges: Charges): void;
  }>();
  #asking = false;

  constructor(options: LedgerOptions) {
    this.#options = options;
  }

  book(level: string, limit: Limit): Book {
    return { counter: (key) => this.counter(level, limit, key) };
  }

  counter(level: string, limit: Limit, key: string): Counter {
    const name = counterName(level, limit, key);
    let row = this.#rows.get(name);
    if (row === undefined) {
      row = new Row(name, level, limit, key, this.#options.clock);
      this.#rows.set(name, row);
    }
    if (row.limit.amount !== limit.amount) {
      row.limit = limit;
      row.exhausted = false;
    }
    return row;
  }

  /** Takes all charges of a call or none. `now` in epoch milliseconds, as the clock gives it. */
  take(charges: Charges, now: number): Verdict {
    charges.at = -1;
    charges.passed = -1;
    for (let i = 0; i < charges.length; i++) {
      const row = charges.counter(i) as Row;
      if (row.endsAt <= now) {
        row.held = 0;
        row.exhausted = false;
      }
      if (row.held >= Math.max(charges.units(i), 1)) continue;
      if (row.exhausted && charges.soft(i)) {
        if (charges.passed < 0) charges.passed = i;
        continue;
      }
      if (row.exhausted) {
        charges.at = i;
        charges.cause = 'limit';
        return 'refused';
      }
      if (charges.at < 0) charges.at = i;
    }
    if (charges.at >= 0) return 'waiting';
    for (let i = 0; i < charges.length; i++) {
      const row = charges.counter(i) as Row;
      if (row.held >= charges.units(i)) row.held -= charges.units(i);
    }
    return 'admitted';
  }

  /** Parks a call whose charges are `waiting`; `resume` comes once, with a copy of the charges, within the patience. */
  wait(charges: Charges, resume: (verdict: 'admitted' | 'refused', charges: Charges) => void): Parked {
    const { clock, patience } = this.#options;
    const parked = { charges: charges.copy(), due: clock.monotonic() + patience, resume };
    this.#parked.add(parked);
    this.#ask();
    clock.after(patience, () => {
      if (!this.#parked.delete(parked)) return;
      parked.charges.at = 0;
      parked.charges.cause = 'away';
      resume(this.#options.fail === 'open' ? 'admitted' : 'refused', parked.charges);
    });
    return { cancel: () => this.#parked.delete(parked) };
  }

  /** Charges units after the fact, whatever is left. */
  charge(counter: Counter, units: number): void {
    const row = counter as Row;
    const held = Math.min(row.held, units);
    row.held -= held;
    if (units > held) this.#send([this.#request(row, 0, units - held)]);
  }

  /** Gives back what is held and asks no more. */
  close(): void {
    const now = this.#options.clock.epoch();
    const batch = [...this.#rows.values()]
      .filter((row) => row.held > 0 && row.endsAt > now)
      .map((row) => ({ ...this.#request(row, 0, 0), returned: row.held, window: row.window }));
    if (batch.length > 0) this.#options.authority.request(batch, () => undefined);
  }

  #request(row: Row, needed: number, owed: number): LeaseRequest {
    return { counter: row.name, limit: row.limit, needed, owed, returned: 0, window: row.window };
  }

  #ask(): void {
    if (this.#asking) return;
    this.#asking = true;
    this.#options.clock.soon(() => {
      this.#asking = false;
      const needed = new Map<Row, number>();
      for (const { charges } of this.#parked) {
        for (let i = 0; i < charges.length; i++) {
          const row = charges.counter(i) as Row;
          needed.set(row, (needed.get(row) ?? 0) + Math.max(charges.units(i), 1));
        }
      }
      const batch: LeaseRequest[] = [];
      for (const [row, units] of needed) if (units > row.held) batch.push(this.#request(row, units - row.held, 0));
      if (batch.length > 0) this.#send(batch);
    });
  }

  #send(batch: LeaseRequest[]): void {
    const sent = this.#options.clock.epoch();
    this.#options.authority.request(batch, (leases) => {
      for (const lease of leases) this.#receive(lease, sent);
      this.#retry();
    });
  }

  #receive(lease: Lease, sent: number): void {
    const row = this.#rows.get(lease.counter);
    if (row === undefined || lease.window < row.window) return;
    if (lease.window > row.window) row.held = 0;
    row.window = lease.window;
    row.endsAt = sent + lease.endsIn;
    row.held += lease.units;
    row.overall = lease.left;
    row.exhausted = lease.outcome === 'exhausted';
  }

  #retry(): void {
    let again = false;
    for (const parked of this.#parked) {
      const verdict = this.take(parked.charges, this.#options.clock.epoch());
      if (verdict === 'waiting') {
        again = true;
        continue;
      }
      this.#parked.delete(parked);
      parked.resume(verdict, parked.charges);
    }
    if (again) this.#ask();
  }
}
