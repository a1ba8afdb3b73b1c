/** The body of a request, kept from its first byte so that it can be sent again: up to a bound, and beyond it not at all. */
export class KeptBody {
  readonly #limit: number;
  #pieces: Buffer[] | null;
  #bytes = 0;

  /** `limit` in bytes. `held` is what has come so far; its buffers are shared, nobody changes them. */
  constructor(limit: number, held: readonly Buffer[]) {
    this.#limit = limit;
    this.#pieces = [];
    for (const piece of held) this.#take(piece);
  }

  /** All that has come so far is here. */
  get whole(): boolean {
    return this.#pieces !== null;
  }

  get bytes(): number {
    return this.#bytes;
  }

  /** The bytes are only lent. */
  add(bytes: Buffer): void {
    if (this.#pieces !== null) this.#take(this.#bytes + bytes.length > this.#limit ? bytes : Buffer.from(bytes));
  }

  /** The pieces in order, to be sent; none where the body is no longer whole. */
  copy(): Buffer[] {
    return [...(this.#pieces ?? [])];
  }

  #take(piece: Buffer): void {
    this.#bytes += piece.length;
    if (this.#bytes > this.#limit) this.#pieces = null;
    else this.#pieces?.push(piece);
  }
}
