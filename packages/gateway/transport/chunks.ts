import { carriageReturn, lineFeed, valueCharacter } from './characters.ts';
import { type Fields, hex, scanFields } from './fields.ts';

/** What one step of the decoder found. */
export type ChunkStep = 'data' | 'end' | 'more' | 'bad';

type State = 'size' | 'extension' | 'size-end' | 'data' | 'data-cr' | 'data-lf' | 'trailers' | 'done';

const semicolon = 0x3b;

/** Fields that would change what a message means when they come after its body (RFC 9110 section 6.5.1). */
const forbiddenTrailers = new Set([
  'authorization',
  'content-encoding',
  'content-length',
  'content-range',
  'content-type',
  'connection',
  'cookie',
  'host',
  'set-cookie',
  'te',
  'trailer',
  'transfer-encoding',
]);

/**
 * Reads a chunked body (RFC 9112 section 7.1) as it arrives, without any leniency: hexadecimal sizes of at most 13 digits,
 * CRLF where CRLF belongs, extensions and trailers within a bound. Call `step` until it says `more`, `end` or `bad`.
 */
export class ChunkDecoder {
  /** Where the next step goes on. */
  at = 0;
  /** The data that a `data` step found. */
  dataStart = 0;
  dataEnd = 0;
  /** What was wrong, after `bad`. */
  error = '';
  /** Trailer lines as they came, each with its CRLF, after `end`. */
  trailers = '';
  #state: State = 'size';
  #size = 0;
  #digits = 0;
  /** Bytes of extensions so far beyond those of data. */
  #excess = 0;
  #trailerBytes = '';
  readonly #bound: number;

  /**
   * `bound` is the largest length of all trailers, and that by which extensions may exceed the data before them, in bytes: signatures
   * of long chunks pass, and tiny chunks cannot carry extensions without end (RFC 9112 section 7.1.1).
   */
  constructor(bound: number) {
    this.#bound = bound;
  }

  step(bytes: Buffer, from: number): ChunkStep {
    this.at = from;
    while (this.at < bytes.length) {
      const code = bytes[this.at] as number;
      switch (this.#state) {
        case 'size':
          if (!this.#takeSize(code)) return 'bad';
          break;
        case 'extension':
          if (code === carriageReturn) this.#state = 'size-end';
          else if (valueCharacter[code] !== 1) return this.#bad(`a chunk extension holds the byte ${hex(code)}`);
          else if (++this.#excess > this.#bound)
            return this.#bad(`chunk extensions exceed the data by more than ${this.#bound} bytes`);
          this.at++;
          break;
        case 'size-end':
          if (code !== lineFeed) return this.#bad('a chunk size does not end with CRLF');
          this.at++;
          this.#state = this.#size === 0 ? 'trailers' : 'data';
          break;
        case 'data':
          return this.#takeData(bytes);
        case 'data-cr':
          if (code !== carriageReturn) return this.#bad('chunk data does not end with CRLF');
          this.at++;
          this.#state = 'data-lf';
          break;
        case 'data-lf':
          if (code !== lineFeed) return this.#bad('chunk data does not end with CRLF');
          this.at++;
          this.#state = 'size';
          this.#digits = 0;
          this.#size = 0;
          break;
        case 'trailers':
          return this.#takeTrailers(bytes);
        case 'done':
          return 'end';
      }
    }
    return 'more';
  }

  #takeSize(code: number): boolean {
    const digit = hexValue(code);
    if (digit >= 0) {
      this.#size = this.#size * 16 + digit;
      this.at++;
      return ++this.#digits <= 13 || this.#bad('a chunk size has more than 13 digits') !== 'bad';
    }
    if (this.#digits === 0) return this.#bad(`a chunk size begins with the byte ${hex(code)}`) !== 'bad';
    if (code === semicolon) this.#state = 'extension';
    else if (code === carriageReturn) this.#state = 'size-end';
    else return this.#bad(`a chunk size holds the byte ${hex(code)}`) !== 'bad';
    this.at++;
    return true;
  }

  #takeData(bytes: Buffer): ChunkStep {
    this.dataStart = this.at;
    this.dataEnd = Math.min(bytes.length, this.at + this.#size);
    const length = this.dataEnd - this.dataStart;
    this.#size -= length;
    this.#excess = Math.max(0, this.#excess - length);
    this.at = this.dataEnd;
    if (this.#size === 0) this.#state = 'data-cr';
    return 'data';
  }

  #takeTrailers(bytes: Buffer): ChunkStep {
    const room = this.#bound + 4 - this.#trailerBytes.length;
    const before = this.#trailerBytes.length;
    const text = this.#trailerBytes + bytes.toString('latin1', this.at, Math.min(bytes.length, this.at + room));
    const end = text.startsWith('\r\n') ? 2 : text.indexOf('\r\n\r\n') + 4;
    if (end < 4 && end !== 2) {
      if (text.length >= this.#bound + 4) return this.#bad(`the trailers are longer than ${this.#bound} bytes`);
      // A line feed alone would never end the trailers.
      if (/(?:^|[^\r])\n/.test(text)) return this.#bad('a trailer line ends with a bare LF');
      this.#trailerBytes = text;
      this.at = bytes.length;
      return 'more';
    }
    this.at += end - before;
    this.#state = 'done';
    if (end === 2) return 'end';
    const fields = scanFields(Buffer.from(text.slice(0, end), 'latin1'), 0, 0, end, 100);
    if (typeof fields === 'string') return this.#bad(`in the trailers: ${fields}`);
    const forbidden = findForbiddenTrailer(fields);
    if (forbidden) return this.#bad(`${forbidden} is not allowed as a trailer`);
    this.trailers = text.slice(0, end - 2);
    return 'end';
  }

  #bad(error: string): 'bad' {
    this.error = error;
    return 'bad';
  }
}

/** The first name among trailers that must not be there. */
export function findForbiddenTrailer(fields: Fields): string | undefined {
  for (let line = 0; line < fields.count; line++) {
    const name = fields.name(line).toLowerCase();
    if (forbiddenTrailers.has(name)) return name;
  }
  return undefined;
}

function hexValue(code: number): number {
  if (code >= 0x30 && code <= 0x39) return code - 0x30;
  const lower = code | 0x20;
  return lower >= 0x61 && lower <= 0x66 ? lower - 0x57 : -1;
}
