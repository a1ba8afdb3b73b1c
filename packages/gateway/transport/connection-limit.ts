/** A place where connections come in. */
export interface Gate {
  /** No more of them for now. */
  pause(): void;
  /** There is room again. */
  resume(): void;
}

/** Bounds the client connections that are open at once, over all listeners of a process: the gates close with the last one that fits. */
export class ConnectionLimit {
  readonly #most: number;
  readonly #changed: (paused: boolean) => void;
  readonly #gates: Gate[] = [];
  #open = 0;
  #paused = false;
  #pauses = 0;
  #settling = false;

  /** `changed` is told when accepting stops and when it goes on. */
  constructor(most: number, changed: (paused: boolean) => void) {
    this.#most = most;
    this.#changed = changed;
  }

  /** No further connection fits. */
  get full(): boolean {
    return this.#open >= this.#most;
  }

  /** Accepting has stopped. */
  get paused(): boolean {
    return this.#paused;
  }

  /** How often it stopped since the start. */
  get pauses(): number {
    return this.#pauses;
  }

  add(gate: Gate): void {
    this.#gates.push(gate);
    this.#settle();
  }

  opened(): void {
    this.#open++;
    this.#settle();
  }

  closed(): void {
    this.#open--;
    this.#settle();
  }

  #settle(): void {
    // A gate that opens may let some in that waited before it.
    if (this.#settling) return;
    this.#settling = true;
    for (const gate of this.#gates) if (!this.full) gate.resume();
    const paused = this.full;
    if (paused) for (const gate of this.#gates) gate.pause();
    this.#settling = false;
    if (paused === this.#paused) return;
    this.#paused = paused;
    if (paused) this.#pauses++;
    this.#changed(paused);
  }
}
