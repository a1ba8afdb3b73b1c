import type { Clock } from '../clock.ts';

interface Event {
  readonly at: number;
  readonly order: number;
  readonly run: () => void;
}

/** Time that passes only when it is told to, for many processes at once. Its wall clock can be put forward and back. */
export class VirtualTime {
  /** Monotonic milliseconds. */
  now = 1000;
  /** Epoch milliseconds at which the monotonic clock showed 0. */
  #epoch: number;
  #events: Event[] = [];
  #order = 0;

  constructor(epoch: number) {
    this.#epoch = epoch;
  }

  readonly clock: Clock = {
    epoch: () => Math.floor(this.#epoch + this.now),
    monotonic: () => this.now,
    soon: (run) => {
      this.at(0.05, run);
    },
    after: (millis, run) => {
      let isOff = false;
      this.at(millis, () => {
        if (!isOff) run();
      });
      return () => {
        isOff = true;
      };
    },
  };

  /** Puts the wall clock forward, or back. */
  step(millis: number): void {
    this.#epoch += millis;
  }

  /** Runs it in so many milliseconds. */
  at(millis: number, run: () => void): void {
    this.#events.push({ at: this.now + Math.max(0, millis), order: this.#order++, run });
  }

  /** Lets so many milliseconds pass. */
  pass(millis: number): void {
    const until = this.now + millis;
    while (true) {
      let next = -1;
      this.#events.forEach((event, place) => {
        const first = this.#events[next];
        if (event.at > until) return;
        if (!first || event.at < first.at || (event.at === first.at && event.order < first.order)) next = place;
      });
      const [event] = next < 0 ? [] : this.#events.splice(next, 1);
      if (event === undefined) break;
      this.now = Math.max(this.now, event.at);
      event.run();
    }
    this.now = until;
  }
}
