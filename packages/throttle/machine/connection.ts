import type { Authority } from '../authority.ts';

/** One process's way to its authority. */
export interface Connection extends Authority {
  /** The process has gone; what a dead one held counts as spent until the windows end. */
  close(dead: boolean): void;
}

/** Seat of all that have ended: what they held counts as spent, and is theirs together. */
export const endedSeat = 0;

/** A process that holds leases. */
export class Holder {
  readonly name: string;
  /** Where its units stand among those of the others. Free for another one when it has ended. */
  seat: number;
  forget: (counter: string) => void = () => {};
  /** Counters of which it was granted units that calls waited for, and has not said yet what became of them. */
  readonly #doubts = new Set<string>();
  /** Monotonic milliseconds of its last answer. */
  #answered = 0;

  constructor(name: string, seat: number) {
    this.name = name;
    this.seat = seat;
  }

  get isOpen(): boolean {
    return this.seat !== endedSeat;
  }

  doubt(counter: string, now: number): void {
    this.#doubts.add(counter);
    this.#answered = now;
  }

  /** It has worked off the answers that it got: a new batch has come. */
  settle(): void {
    this.#doubts.clear();
  }

  /** Whether units of the counter may yet come back from it. One that has been silent for long is not waited for. */
  mayGiveBack(counter: string, now: number): boolean {
    return this.#doubts.has(counter) && now - this.#answered < silenceMillis;
  }
}

/** Milliseconds in which a process works off an answer, unless something is wrong with it: nobody waits longer for what it may give back. */
const silenceMillis = 250;
