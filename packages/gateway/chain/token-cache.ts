import { flat } from '../transport/characters.ts';
import type { VerifiedToken } from './verified-token.ts';

/**
 * A token is found by its end, which is a part of its signature, and then compared as a whole: to hash all of it would cost a call
 * more than everything else that is looked up for it.
 */
const keyCharacters = 32;

interface Entry {
  readonly text: string;
  readonly token: VerifiedToken;
}

/**
 * Verified tokens by their text. Bounded in number and characters; what was not used since its last turn goes first
 * (second chance), which costs a hit one flag where a strict order of use would cost two map operations.
 */
export class TokenCache {
  readonly #entries = new Map<string, Entry>();
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
    const entry = this.#entries.get(keyOf(text));
    if (entry === undefined || entry.text !== text) return undefined;
    entry.token.used = true;
    return entry.token;
  }

  /** A token with the same end, which nobody has but who made it up, gives way. */
  set(text: string, token: VerifiedToken): void {
    if (text.length > this.#mostCharacters / 4 || this.#most === 0) return;
    // A copy: the text may be a slice that keeps a whole request head alive.
    const own = flat(text);
    const key = keyOf(own);
    const before = this.#entries.get(key);
    if (before !== undefined) this.#remove(key, before);
    token.text = own;
    this.#entries.set(key, { text: own, token });
    this.#characters += own.length;
    while (this.#entries.size > this.#most || this.#characters > this.#mostCharacters) this.#evict();
  }

  delete(text: string): void {
    const key = keyOf(text);
    const entry = this.#entries.get(key);
    if (entry !== undefined && entry.text === text) this.#remove(key, entry);
  }

  #remove(key: string, entry: Entry): void {
    this.#entries.delete(key);
    this.#characters -= entry.text.length;
  }

  /** One step of the clock: the oldest either goes, or loses its mark and becomes the youngest. */
  #evict(): void {
    for (const [key, entry] of this.#entries) {
      if (!entry.token.used) {
        this.#remove(key, entry);
        return;
      }
      this.#entries.delete(key);
      entry.token.used = false;
      this.#entries.set(key, entry);
    }
  }
}

function keyOf(text: string): string {
  return text.substring(text.length - keyCharacters);
}
