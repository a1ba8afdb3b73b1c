/** How much two clocks may drift apart: 50 millionths, what quartz does. */
const drift = 50e-6;

/** The clock of Redis as this process knows it: measured by round trips, carried on by a clock that never steps. It never goes back. */
export class ServerClock {
  private offset = 0;
  private halfTrip = Number.POSITIVE_INFINITY;
  private measuredAt = 0;
  private highest = 0;

  /** `sent` and `received` by `performance.now()`, `server` in milliseconds since the epoch. `anew` takes it even where an earlier one was better; so does what both cannot be true of: somebody has put the clock. */
  measured(sent: number, received: number, server: number, anew: boolean): void {
    // Redis tells whole milliseconds, rounded down.
    const halfTrip = (received - sent) / 2 + 0.5;
    const offset = server + 0.5 - (sent + received) / 2;
    const error = this.errorAt(received);
    const isStep = Math.abs(offset - this.offset) > halfTrip + error;
    if (!anew && !isStep && received - this.measuredAt < 5000 && halfTrip > error) return;
    this.offset = offset;
    this.halfTrip = halfTrip;
    this.measuredAt = received;
  }

  get known(): boolean {
    return this.halfTrip !== Number.POSITIVE_INFINITY;
  }

  /** Milliseconds since the epoch. */
  now(): number {
    const now = performance.now() + this.offset;
    if (now > this.highest) this.highest = now;
    return this.highest;
  }

  /** By how much `now` may be wrong, either way, in milliseconds. */
  error(): number {
    return this.errorAt(performance.now());
  }

  private errorAt(moment: number): number {
    return this.halfTrip + (moment - this.measuredAt) * drift;
  }
}
