const tick = 4;

/** How long this very event loop was kept from running, by other programs or by its own work: nobody could have been punctual in it. */
export class StallClock {
  /** Milliseconds so far. */
  stalled = 0;
  #last = performance.now();
  readonly #timer = setInterval(() => {
    const now = performance.now();
    this.stalled += Math.max(0, now - this.#last - 2 * tick);
    this.#last = now;
  }, tick);

  close(): void {
    clearInterval(this.#timer);
  }
}
