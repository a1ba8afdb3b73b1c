import type { Window } from '../limit.ts';
import { windowAt, windowStart } from '../window.ts';

/**
 * Which of the aligned windows is open. The wall clock says so, but for one that was put back: the window that was open goes on until as much
 * time has passed as it had left, and the next ones get numbers that nobody had before. So no window is opened twice.
 */
export class AlignedWindow {
  /** Of the open window; -1 before the first. Grows. */
  number = -1;
  /** When it ends, in monotonic milliseconds. */
  endsAt = Number.NEGATIVE_INFINITY;
  readonly #window: Window & { kind: 'aligned' };
  /** What the numbers are ahead of the wall clock's. */
  #ahead = 0;

  constructor(window: Window & { kind: 'aligned' }) {
    this.#window = window;
  }

  /** Looks at the clocks; true where another window has begun. */
  turn(epoch: number, monotonic: number): boolean {
    const index = windowAt(this.#window, epoch);
    if (index + this.#ahead < this.number) {
      if (monotonic < this.endsAt) return false;
      this.#ahead = this.number + 1 - index;
    }
    const isNext = index + this.#ahead > this.number;
    this.number = index + this.#ahead;
    this.endsAt = monotonic + windowStart(this.#window, index + 1) - epoch;
    return isNext;
  }
}
