import type { LeaseRequest } from './authority.ts';
import type { Charges } from './charges.ts';
import type { Counter } from './counter.ts';

/** A call that waits for leases. */
export class Waiting {
  readonly charges: Charges;
  /** By charge: what is asked for on its account. */
  readonly wants: (Want | null)[] = [];
  /** Monotonic milliseconds at which it came, and until which it waits. */
  readonly came: number;
  readonly due: number;
  readonly resume: (verdict: 'admitted' | 'refused', charges: Charges) => void;
  isOver = false;

  constructor(charges: Charges, came: number, due: number, resume: Waiting['resume']) {
    this.charges = charges;
    this.came = came;
    this.due = due;
    this.resume = resume;
    for (let place = 0; place < charges.length; place++) this.wants.push(null);
  }

  leave(want: Want): void {
    for (let place = 0; place < this.wants.length; place++) {
      if (this.wants[place] === want) this.wants[place] = null;
    }
  }

  end(verdict: 'admitted' | 'refused'): void {
    this.isOver = true;
    this.resume(verdict, this.charges);
  }
}

/** What is asked of the authority for one counter. */
export class Want {
  /** As it was used last: its limit is the one in force. */
  counter: Counter;
  readonly name: string;
  /** Calls that lack units of it, in their order. */
  waiting: Waiting[] = [];
  /** Units spent that were not held, and units that go back. */
  owed = 0;
  returned = 0;
  /** The window these are of; 0: the one that is open. */
  window = 0;
  /** Units are wanted before calls wait for them. */
  ahead = false;
  /** Whether it is among those of the next batch. */
  isDue = false;
  /** Number of the batch that it was in last. */
  batch = 0;
  /** What calls needed of it, and the number of the limit's amount, when it was asked last. */
  needed = 0;
  amount = 0;

  constructor(counter: Counter, name: string) {
    this.counter = counter;
    this.name = name;
  }

  /** There is nothing to say but what calls wait for. */
  get isIdle(): boolean {
    return this.owed === 0 && this.returned === 0 && !this.ahead;
  }

  enlist(call: Waiting, place: number): void {
    call.wants[place] = this;
    if (this.waiting.at(-1) !== call) this.waiting.push(call);
  }

  owe(units: number, window: number): void {
    // Units of a window before this one went with it; what is owed of it is owed all the same.
    if (this.window !== window) this.returned = 0;
    this.owed += units;
    this.window = window;
  }

  giveBack(units: number, window: number): void {
    this.returned = this.window === window ? this.returned + units : units;
    this.window = window;
  }

  /** Units that the waiting calls need, in all. Calls that are over are left out from now on. */
  need(): number {
    let units = 0;
    let kept = 0;
    for (const call of this.waiting) {
      if (call.isOver) continue;
      this.waiting[kept++] = call;
      const { charges } = call;
      for (let place = 0; place < charges.length; place++) {
        const { book, key } = charges.counter(place);
        // A call may charge one counter twice.
        if (book === this.counter.book && key === this.counter.key) units += Math.max(charges.units(place), 1);
      }
    }
    this.waiting.length = kept;
    return units;
  }

  request(needed: number): LeaseRequest {
    const { limit } = this.counter;
    const { name, owed, returned, window } = this;
    return { counter: name, limit, needed, owed, returned, window };
  }

  /** It was asked with what `request` says. */
  sent(needed: number): void {
    this.needed = needed;
    this.amount = this.counter.amount;
    this.owed = 0;
    this.returned = 0;
    this.window = 0;
    this.ahead = false;
  }
}

/** The calls that wait for some wants, in the order in which they came; they wait for them no longer. */
export function leaving(wants: readonly Want[]): Waiting[] {
  const calls = new Set<Waiting>();
  for (const want of wants) {
    for (const call of want.waiting) {
      call.leave(want);
      if (!call.isOver) calls.add(call);
    }
    want.waiting = [];
  }
  return [...calls].sort((one, other) => one.due - other.due);
}
