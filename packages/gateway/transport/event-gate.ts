import type { Gatekeeper } from './gatekeeper.ts';

/** Who sends on what passes. */
export interface EventOwner {
  forward(bytes: Buffer, start: number, end: number): void;
  /** What was held back while nobody knew has been dealt with. */
  wentOn(): void;
}

const lineFeed = 10;
const carriageReturn = 13;
const colon = 58;
const dataName = Buffer.from('data');
const byteOrderMark = Buffer.from([0xef, 0xbb, 0xbf]);

/**
 * The events of a `text/event-stream` (WHATWG HTML, section 9.2.6), decided about one by one. An event is taken by its reader at the empty line behind it, so
 * that is where is asked: all before it streams on as it comes. Comments and blocks without data are no events.
 */
export class EventGate {
  readonly #keeper: Gatekeeper;
  readonly #owner: EventOwner;
  /** An event did not pass: nothing does any more. */
  spent = false;
  #held: Buffer | null = null;
  /** The end of an event at hand was decided. */
  #decided = false;
  /** Characters of the line so far; beyond those of a field's name only that there are some. */
  #column = 0;
  /** The line is `data` as far as it has come. */
  #isData = true;
  #hasData = false;
  #afterReturn = false;
  /** Bytes of the stream so far, as far as a byte order mark goes. */
  #seen = 0;

  constructor(keeper: Gatekeeper, owner: EventOwner) {
    this.#keeper = keeper;
    this.#owner = owner;
  }

  get waits(): boolean {
    return this.#held !== null;
  }

  /** Takes what the answer brings; the bytes are lent. */
  take(bytes: Buffer, start: number, end: number): void {
    if (this.spent) return;
    if (this.#held !== null) {
      this.#held = Buffer.concat([this.#held, bytes.subarray(start, end)]);
      return;
    }
    for (let at = start; at < end; at++) {
      const byte = bytes[at] as number;
      if (this.#endsEvent(byte)) {
        const passes = this.#decided || this.#keeper.ask(this.#goOn);
        this.#decided = false;
        if (passes !== true) {
          if (at > start) this.#owner.forward(bytes, start, at);
          if (passes === undefined) this.#held = Buffer.from(bytes.subarray(at, end));
          else this.spent = true;
          return;
        }
      }
      this.#read(byte);
    }
    if (end > start) this.#owner.forward(bytes, start, end);
  }

  readonly #goOn = (passes: boolean): void => {
    const held = this.#held;
    if (held === null) return;
    this.#held = null;
    if (passes) {
      this.#decided = true;
      this.take(held, 0, held.length);
    } else this.spent = true;
    if (!this.waits) this.#owner.wentOn();
  };

  /** Whether `byte` ends an empty line behind data. */
  #endsEvent(byte: number): boolean {
    if (this.#column > 0 || !this.#hasData) return false;
    return byte === carriageReturn || (byte === lineFeed && !this.#afterReturn);
  }

  #read(byte: number): void {
    if (this.#seen < byteOrderMark.length) {
      if (byte === byteOrderMark[this.#seen++]) return;
      this.#seen = byteOrderMark.length;
    }
    if (byte === lineFeed && this.#afterReturn) {
      this.#afterReturn = false;
      return;
    }
    this.#afterReturn = byte === carriageReturn;
    if (byte === lineFeed || byte === carriageReturn) {
      if (this.#column === 0) this.#hasData = false;
      else if (this.#isData && this.#column >= dataName.length) this.#hasData = true;
      this.#column = 0;
      this.#isData = true;
      return;
    }
    const expected = this.#column < dataName.length ? dataName[this.#column] : colon;
    if (this.#column <= dataName.length && byte !== expected) this.#isData = false;
    if (this.#column <= dataName.length) this.#column++;
  }
}
