/** The last so many of what was put in. */
export class Ring<T> implements Iterable<T> {
  readonly #items: T[] = [];
  readonly #most: number;
  #next = 0;

  /** `most` may be 0, which keeps nothing. */
  constructor(most: number) {
    this.#most = most;
  }

  put(item: T): void {
    if (this.#most === 0) return;
    this.#items[this.#next] = item;
    this.#next = this.#next + 1 === this.#most ? 0 : this.#next + 1;
  }

  /** In no order. */
  [Symbol.iterator](): Iterator<T> {
    return this.#items[Symbol.iterator]();
  }
}
