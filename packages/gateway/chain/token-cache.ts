import type { VerifiedToken } from './verified-token.ts';

/**
 * Verified tokens by their whole text. Bounded in number and characters; what was not used since its last turn goes first
 * (second chance), which costs a hit one flag where a strict order of use would cost two map operations.
 */
export class TokenCache {
  readonly #entries = new Map<string, VerifiedToken>();
  readonly #most: number;
  readonly #mostCharacters: number;
  #characters = 0;

  /** Room for `most` tokens of 2 KiB on average. 0 keeps none. */
  constructor(most: number) {
    this.#most = most;
    this.#mostCharacters = most * 2048;
  }

  get size(): number {
    return this.#entries.size;
  }

  get(text: string): VerifiedToken | undefined {
    const entry = this.#entries.get(text);
    if (entry !== undefined) entry.used = true;
    return entry;
  }

  set(text: string, entry: VerifiedToken): void {
    if (text.length > this.#mostCharacters / 4 || this.#most === 0) return;
    // A copy: the text may be a slice that keeps a whole request head alive.
    const key = Buffer.from(text, 'latin1').toString('latin1');
    this.delete(key);
    this.#entries.set(key, entry);
    this.#characters += key.length;
    while (this.#entries.size > this.#most || this.#characters > this.#mostCharacters) this.#evict();
  }

  delete(text: string): void {
    if (this.#entries.delete(text)) this.#characters -= text.length;
  }

  /** One step of the clock: the oldest either goes, or loses its mark and becomes the youngest. */
  #evict(): void {
    for (const [text, entry] of this.#entries) {
      this.#entries.delete(text);
      if (!entry.used) {
        this.#characters -= text.length;
        return;
      }
      entry.used = false;
      this.#entries.set(text, entry);
    }
  }
}
