/** Time, as the parts of throttling need it. Tests put a controlled one in its place. */
export interface Clock {
  /** Milliseconds since the epoch, UTC; may step either way. */
  epoch(): number;
  /** Milliseconds that never step. */
  monotonic(): number;
  /** Runs it when the events of this turn have been handled. */
  soon(run: () => void): void;
  /** Runs it once, `millis` from now; the answer takes that back. Does not keep the process alive. */
  after(millis: number, run: () => void): () => void;
}

/** The clock of this process. */
export const systemClock: Clock = {
  epoch: Date.now,
  monotonic: performance.now.bind(performance),
  soon: setImmediate,
  after(millis, run) {
    const timer = setTimeout(run, millis);
    timer.unref();
    return () => clearTimeout(timer);
  },
};
