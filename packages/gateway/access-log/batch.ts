import { escapeValue } from './mask.ts';

/** Characters that stand for themselves in a record: printable ASCII but quote and backslash. */
const plain = Uint8Array.from({ length: 256 }, (_, code) =>
  code >= 0x20 && code <= 0x7e && code !== 0x22 && code !== 0x5c ? 1 : 0,
);
const lineFeed = 0x0a;
/** Room beyond what a batch grows for. */
const spareBytes = 4096;

/**
 * Records that are written together. They are put down character by character where they will be written from: as a string of twenty
 * pieces each would be joined first, and then copied.
 */
export class Batch {
  #bytes: Buffer;
  #used = 0;
  /** End of the last whole record. */
  #whole = 0;

  /** With room for so many bytes; it grows by itself, by little more than it must: it may wait long for a slow disk. */
  constructor(room: number) {
    this.#bytes = Buffer.allocUnsafeSlow(room);
  }

  /** Bytes of whole records. */
  get length(): number {
    return this.#whole;
  }

  /** The whole records. */
  get records(): Buffer {
    return this.#bytes.subarray(0, this.#whole);
  }

  /** A record begins. What is there of one that was not ended is forgotten. */
  begin(): void {
    this.#used = this.#whole;
  }

  /** Text of printable ASCII. */
  text(text: string): void {
    this.#makeRoom(text.length);
    const bytes = this.#bytes;
    const start = this.#used;
    for (let index = 0; index < text.length; index++) bytes[start + index] = text.charCodeAt(index);
    this.#used = start + text.length;
  }

  /** Text that somebody sent: what could begin a record or a field of its own is escaped. */
  value(text: string): void {
    this.#makeRoom(text.length);
    const bytes = this.#bytes;
    const start = this.#used;
    for (let index = 0; index < text.length; index++) {
      const code = text.charCodeAt(index);
      if (plain[code] !== 1) {
        this.#used = start + index;
        this.text(escapeValue(text.slice(index)));
        return;
      }
      bytes[start + index] = code;
    }
    this.#used = start + text.length;
  }

  /** The record is whole. */
  end(): void {
    this.#makeRoom(1);
    this.#bytes[this.#used++] = lineFeed;
    this.#whole = this.#used;
  }

  #makeRoom(length: number): void {
    if (this.#used + length <= this.#bytes.length) return;
    const bytes = Buffer.allocUnsafeSlow(this.#used + length + spareBytes);
    this.#bytes.copy(bytes, 0, 0, this.#used);
    this.#bytes = bytes;
  }
}
