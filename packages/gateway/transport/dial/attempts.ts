/** An attempt that is under way. */
interface Attempt {
  cancel(): void;
}

/** What the attempts need, and who hears of them. */
export interface AttemptsUser<Handle> {
  /** Begins to connect to `address`; `done` is called once, and not before this returns. */
  connect(address: string, done: (error: string | null, handle: Handle) => void): Attempt;
  /** An attempt began; with `more`, `hurry` is to be called when it takes long. */
  attempting(more: boolean): void;
  /** An address did not take the connection. */
  refused(address: string): void;
  connected(handle: Handle): void;
  /** Every address was tried in vain; `refusals` are the errors. */
  exhausted(refusals: readonly string[]): void;
}

/** Addresses that are tried for one connection. */
const mostAttempts = 6;

/**
 * Connects to the first of some addresses that answers (RFC 8305 section 5): one after the other, the next at once when one
 * refuses, and beside it when one neither refuses nor connects. Knows no clock and no socket.
 */
export class Attempts<Handle> {
  readonly #addresses: readonly string[];
  readonly #left: number;
  readonly #user: AttemptsUser<Handle>;
  readonly #running = new Map<number, Attempt>();
  readonly #refusals: string[] = [];
  /** Number of attempts that were begun. */
  #begun = 0;
  #over = false;

  constructor(addresses: readonly string[], user: AttemptsUser<Handle>) {
    this.#addresses = addresses.slice(0, mostAttempts);
    this.#left = addresses.length - this.#addresses.length;
    this.#user = user;
  }

  start(): void {
    this.#begin();
  }

  /** What is under way takes long: the next address is tried beside it. */
  hurry(): void {
    if (!this.#over && this.#more) this.#begin();
  }

  /** Gives up everything that is under way. */
  cancel(): void {
    this.#over = true;
    for (const attempt of this.#running.values()) attempt.cancel();
    this.#running.clear();
  }

  /** Every address that was tried, with what came of it. */
  get report(): string {
    const tried = this.#addresses
      .slice(0, this.#begun)
      .map((address, index) => `${address} (${this.#refusals[index] ?? 'no answer'})`);
    const untried = this.#addresses.length - this.#begun + this.#left;
    return tried.join(', ') + (untried > 0 ? `, and ${untried} more not tried` : '');
  }

  get #more(): boolean {
    return this.#begun < this.#addresses.length;
  }

  #begin(): void {
    const index = this.#begun++;
    const address = this.#addresses[index] as string;
    const attempt = this.#user.connect(address, (error, handle) => this.#ended(index, error, handle));
    this.#running.set(index, attempt);
    this.#user.attempting(this.#more);
  }

  #ended(index: number, error: string | null, handle: Handle): void {
    this.#running.delete(index);
    if (this.#over) return;
    if (error === null) {
      this.cancel();
      this.#user.connected(handle);
      return;
    }
    this.#refusals[index] = error;
    this.#user.refused(this.#addresses[index] as string);
    if (this.#more) this.#begin();
    else if (this.#running.size === 0) {
      this.#over = true;
      this.#user.exhausted(this.#refusals);
    }
  }
}
