import { lineFeed } from './characters.ts';
import type { Limits } from './options.ts';
import { badRequest, headersTooLarge, type Refusal, targetTooLong } from './refusal.ts';

/** What has come on a client's connection and is not read yet. */
export class RequestInput {
  /** Null when everything is read. */
  bytes: Buffer | null = null;
  /** Index of the first byte that is not read. */
  at = 0;
  /** The bytes are lent by the socket, and copied when they must stay. */
  #lent = false;
  /** Where the search for the end of the head goes on. */
  #searched = 0;
  #skippedLine = false;

  /** What is not read; lent for the call. */
  get rest(): Buffer | null {
    return this.bytes === null ? null : this.bytes.subarray(this.at);
  }

  add(bytes: Buffer): void {
    if (this.bytes === null) {
      this.bytes = bytes;
      this.#lent = true;
      this.#searched = 0;
    } else {
      this.bytes = Buffer.concat([this.bytes.subarray(this.at), bytes]);
      this.#searched = Math.max(0, this.#searched - this.at);
      this.#lent = false;
    }
    this.at = 0;
  }

  /** Everything before `to` is read. */
  take(to: number): void {
    this.at = to;
    if (to === this.bytes?.length) this.bytes = null;
  }

  /** Nothing of what is left is read any more. */
  clear(): void {
    this.bytes = null;
  }

  /** What is left waits for more of it, or for the answer before it. Returns how many bytes that are. */
  keep(): number {
    if (this.bytes === null) return 0;
    const rest = this.bytes.subarray(this.at);
    this.bytes = this.#lent ? Buffer.from(rest) : rest;
    this.#searched -= this.at;
    this.at = 0;
    this.#lent = false;
    return rest.length;
  }

  /** The next byte is the first of a head. */
  beginHead(): void {
    this.#searched = this.at;
    this.#skippedLine = false;
  }

  /**
   * Where the head ends if it is all that has come, as mostly it is: nobody need look for its end then. -1 when it is not; otherwise
   * it holds if the head can be read, which no second empty line lets it. Only the first head of a read may be all of it: to try
   * each of many pipelined ones would copy what follows it again and again.
   */
  likelyEnd(limits: Limits): number {
    const { bytes, at } = this;
    if (bytes === null || at > 0) return -1;
    const end = bytes.length;
    return end <= limits.headBytes &&
      bytes[end - 1] === lineFeed &&
      bytes[end - 2] === 0x0d &&
      bytes[end - 3] === lineFeed &&
      bytes[end - 4] === 0x0d
      ? end
      : -1;
  }

  /** Index of the first byte after the head that begins at `at`; -1 when it is not whole, or why it cannot become a head any more. */
  headEnd(limits: Limits): number | Refusal {
    this.#skipEmptyLine();
    if (this.bytes === null) return -1;
    const mark = this.bytes.indexOf('\r\n\r\n', Math.max(this.#searched, this.at), 'latin1');
    const end = mark + 4;
    return mark < 0 || end - this.at > limits.headBytes ? this.#partOfHead(this.bytes, mark >= 0, limits) : end;
  }

  /** RFC 9112 section 2.2: one empty line before a request is forgiven. */
  #skipEmptyLine(): void {
    const { bytes, at } = this;
    if (this.#skippedLine || bytes === null || bytes.length - at < 2) return;
    this.#skippedLine = true;
    if (bytes[at] === 0x0d && bytes[at + 1] === lineFeed) this.take(at + 2);
  }

  #partOfHead(bytes: Buffer, whole: boolean, limits: Limits): -1 | Refusal {
    const from = Math.max(this.at, this.#searched - 1);
    this.#searched = Math.max(this.at, bytes.length - 3);
    if (whole || bytes.length - this.at > limits.headBytes) {
      const lineEnd = bytes.indexOf(lineFeed, this.at);
      return lineEnd < 0 || lineEnd - this.at > limits.targetBytes + 64
        ? targetTooLong(limits.targetBytes)
        : headersTooLarge(`the head is larger than ${limits.headBytes} bytes`);
    }
    return hasBareLineFeed(bytes, from, this.at) ? badRequest('a line ends with a bare LF') : -1;
  }
}

function hasBareLineFeed(bytes: Buffer, from: number, first: number): boolean {
  for (let at = bytes.indexOf(lineFeed, from); at >= 0; at = bytes.indexOf(lineFeed, at + 1)) {
    if (at === first || bytes[at - 1] !== 0x0d) return true;
  }
  return false;
}
