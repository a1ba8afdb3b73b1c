import { monotonic } from './clock.ts';

/** Something that is due once. Make one per use that lasts and arm it again and again: arming allocates nothing. */
export class Deadline {
  /** Called when it is due; it is disarmed by then. */
  readonly expire: () => void;
  /** Monotonic milliseconds; meaningful while armed. */
  due = 0;
  /** Place on the wheel: its slot (-1 while disarmed) and its neighbours there. The wheel's own. */
  slot = -1;
  next: Deadline | null = null;
  previous: Deadline | null = null;

  constructor(expire: () => void) {
    this.expire = expire;
  }

  get armed(): boolean {
    return this.slot >= 0;
  }
}

const slotMillis = 8;
const slotCount = 512;
/** One turn of the wheel: deadlines further out stay in their slot for some turns. */
const turnMillis = slotMillis * slotCount;

/**
 * Every deadline of the process on one hashed timing wheel: arming and disarming link and unlink a list entry,
 * and no call costs a timer of its own. A deadline fires at most 8 ms after it is due, never before (given a free event loop).
 * The wheel ticks only while something is due soon, and never keeps the process alive by itself.
 */
export class Wheel {
  readonly #slots: (Deadline | null)[] = new Array(slotCount).fill(null);
  #count = 0;
  /** Number of slots since the epoch of `performance.now` that were swept. */
  #swept = Math.floor(monotonic() / slotMillis);
  #timer: NodeJS.Timeout | null = null;
  #wakeAt = Number.POSITIVE_INFINITY;

  /** How many deadlines are armed. */
  get size(): number {
    return this.#count;
  }

  /** Arms `deadline` to fire `millis` from now; one that is armed moves. */
  arm(deadline: Deadline, millis: number): void {
    this.armAt(deadline, monotonic() + millis);
  }

  /** The same for an instant of `performance.now`. */
  armAt(deadline: Deadline, due: number): void {
    if (deadline.slot >= 0) this.#unlink(deadline);
    // Never back: one that arms itself as it expires, and is due by then, must not be found again in the same sweep without end.
    if (this.#count === 0) this.#swept = Math.max(this.#swept, Math.floor(monotonic() / slotMillis) - 1);
    deadline.due = due;
    // One that is already over goes into the next slot to be swept.
    const slot = Math.max(Math.ceil(due / slotMillis), this.#swept + 1);
    const index = slot % slotCount;
    const head = this.#slots[index] ?? null;
    deadline.slot = index;
    deadline.next = head;
    deadline.previous = null;
    if (head) head.previous = deadline;
    this.#slots[index] = deadline;
    this.#count++;
    if (slot * slotMillis < this.#wakeAt) this.#wakeBy(slot * slotMillis);
  }

  /** Harmless when it is not armed. */
  disarm(deadline: Deadline): void {
    if (deadline.slot >= 0) this.#unlink(deadline);
  }

  #unlink(deadline: Deadline): void {
    if (deadline.previous) deadline.previous.next = deadline.next;
    else this.#slots[deadline.slot] = deadline.next;
    if (deadline.next) deadline.next.previous = deadline.previous;
    deadline.next = null;
    deadline.previous = null;
    deadline.slot = -1;
    this.#count--;
  }

  #wakeBy(due: number): void {
    if (this.#timer) clearTimeout(this.#timer);
    // A sleep of more than a turn would miss slots; waking early is harmless.
    const delay = Math.min(Math.max(due - monotonic(), 0), turnMillis / 2);
    this.#wakeAt = monotonic() + delay;
    this.#timer = setTimeout(() => this.#sweep(), Math.ceil(delay));
    this.#timer.unref();
  }

  #sweep(): void {
    this.#timer = null;
    this.#wakeAt = Number.POSITIVE_INFINITY;
    const now = monotonic();
    const last = Math.floor(now / slotMillis);
    // After a stall of more than a turn every slot is looked at once.
    let slot = Math.max(this.#swept + 1, last - slotCount + 1);
    this.#swept = last;
    for (; slot <= last; slot++) this.#expireSlot(slot % slotCount, now);
    if (this.#count === 0) return;
    // What expired may have armed something for later: that must not put off what is due before it.
    const next = this.#nextDue(last);
    if (next < this.#wakeAt) this.#wakeBy(next);
  }

  #expireSlot(index: number, now: number): void {
    let deadline = this.#slots[index] ?? null;
    while (deadline) {
      if (deadline.due > now) {
        deadline = deadline.next;
        continue;
      }
      this.#unlink(deadline);
      deadline.expire();
      // Its neighbours may have moved meanwhile: begin the slot again.
      deadline = this.#slots[index] ?? null;
    }
  }

  /** The earliest instant at which a slot that holds something is due to be swept. */
  #nextDue(from: number): number {
    for (let slot = from + 1; slot <= from + slotCount; slot++) {
      if (this.#slots[slot % slotCount]) return slot * slotMillis;
    }
    return (from + slotCount) * slotMillis;
  }
}

/** The wheel of this process. */
export const wheel = new Wheel();
