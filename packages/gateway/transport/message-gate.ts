import type { Gatekeeper } from './gatekeeper.ts';

/** Who sends on what passes. */
export interface GateOwner {
  /** False: the other side takes no more for now. */
  forward(bytes: Buffer): boolean;
  /** A message was held back. */
  replaced(): void;
  /** What was held back while nobody knew has been dealt with: there may be more. */
  wentOn(): void;
}

/** Bytes of the longest head of a frame (RFC 6455 section 5.2). */
const longestHead = 14;
const finalBit = 0x80;
const maskBit = 0x80;
const continuation = 0;
const text = 1;
/** Opcodes from here on are of control frames, which may stand between the frames of a message. */
const firstControl = 8;

/**
 * One direction of a WebSocket whose messages are decided about one by one. It follows the heads of frames, wherever reads cut them, and
 * passes payloads on as they come; those of a message that is held back are thrown away, all its frames, and control frames always pass.
 */
export class MessageGate {
  readonly #keeper: Gatekeeper;
  readonly #owner: GateOwner;
  readonly #head = Buffer.alloc(longestHead);
  #headLength = 0;
  #headNeeded = 2;
  /** Bytes of the current frame's payload that have not come. */
  #left = 0;
  /** The current frame goes on. */
  #passes = false;
  /** Of a message that is not over. */
  #message: 'none' | 'passes' | 'refused' = 'none';
  /** What came while nobody knew whether its message passes. */
  #held: Buffer | null = null;
  #noticeDue = false;

  constructor(keeper: Gatekeeper, owner: GateOwner) {
    this.#keeper = keeper;
    this.#owner = owner;
  }

  /** Nothing more is to be fed until the owner hears `wentOn`. */
  get waits(): boolean {
    return this.#held !== null;
  }

  /** Takes what the direction brings. False: no more for now. */
  feed(bytes: Buffer): boolean {
    if (this.#held !== null) {
      this.#held = Buffer.concat([this.#held, bytes]);
      return false;
    }
    let more = true;
    /** Where that begins which passes and is not forwarded yet; -1 where nothing does. */
    let from = this.#left > 0 && this.#passes ? 0 : -1;
    const pass = (end: number) => {
      if (from >= 0 && end > from) more = this.#owner.forward(bytes.subarray(from, end)) && more;
      from = -1;
    };
    let headAt = -1;
    for (let at = 0; at < bytes.length; ) {
      if (this.#left > 0) {
        const taken = Math.min(this.#left, bytes.length - at);
        at += taken;
        this.#left -= taken;
      } else {
        if (this.#headLength === 0) {
          headAt = at;
          if (from < 0) from = at;
        }
        if (!this.#readHead(bytes[at++] as number)) continue;
        const passes = this.#decide();
        if (passes === undefined) {
          pass(headAt);
          this.#held = Buffer.from(bytes.subarray(at));
          return false;
        }
        if (!passes) pass(headAt);
        else if (headAt < 0) {
          more = this.#owner.forward(this.#takenHead()) && more;
          from = at;
        }
        this.#begin(passes);
      }
      if (this.#left === 0 && this.#endsFrame() && this.#noticeDue) {
        pass(at);
        this.#sendNotice();
      }
    }
    const inHead = this.#headLength > 0 && this.#headLength < this.#headNeeded;
    pass(inHead ? headAt : bytes.length);
    return more;
  }

  /** Sends the notice as soon as it can stand between two messages. */
  notify(): void {
    this.#noticeDue = true;
    const between = this.#message !== 'passes' && !(this.#left > 0 && this.#passes);
    if (between) this.#sendNotice();
  }

  /** One byte of a head; true when that is whole. */
  #readHead(byte: number): boolean {
    const head = this.#head;
    head[this.#headLength++] = byte;
    if (this.#headLength === 2) {
      const length = byte & 0x7f;
      this.#headNeeded = 2 + (length === 127 ? 8 : length === 126 ? 2 : 0) + ((byte & maskBit) === 0 ? 0 : 4);
    }
    return this.#headLength === this.#headNeeded;
  }

  /** Whether the frame whose head is whole passes. */
  #decide(): boolean | undefined {
    const opcode = this.#opcode;
    if (opcode >= firstControl) return true;
    if (opcode === continuation) return this.#message !== 'refused';
    return this.#keeper.ask(this.#goOn);
  }

  readonly #goOn = (passes: boolean): void => {
    const held = this.#held;
    if (held === null) return;
    this.#held = null;
    if (passes) this.#owner.forward(this.#takenHead());
    this.#begin(passes);
    if (this.#left === 0 && this.#endsFrame() && this.#noticeDue) this.#sendNotice();
    this.feed(held);
    if (!this.waits) this.#owner.wentOn();
  };

  /** The payload comes next. */
  #begin(passes: boolean): void {
    const head = this.#head;
    const length = (head[1] as number) & 0x7f;
    if (length === 126) this.#left = head.readUInt16BE(2);
    else this.#left = length === 127 ? head.readUInt32BE(2) * 2 ** 32 + head.readUInt32BE(6) : length;
    this.#passes = passes;
    const starts = this.#opcode !== continuation && this.#opcode < firstControl;
    if (starts) this.#message = passes ? 'passes' : 'refused';
    if (starts && !passes) this.#owner.replaced();
  }

  /** The frame is over: what follows is a head. True where a message of the gateway's own may stand. */
  #endsFrame(): boolean {
    if (this.#opcode < firstControl && ((this.#head[0] as number) & finalBit) !== 0) this.#message = 'none';
    this.#headLength = 0;
    this.#headNeeded = 2;
    this.#passes = false;
    return this.#message !== 'passes';
  }

  get #opcode(): number {
    return (this.#head[0] as number) & 0xf;
  }

  /** The head as it came, in memory of its own. */
  #takenHead(): Buffer {
    return Buffer.from(this.#head.subarray(0, this.#headLength));
  }

  #sendNotice(): void {
    this.#noticeDue = false;
    const words = Buffer.from(this.#keeper.notice, 'latin1');
    this.#owner.forward(Buffer.concat([Buffer.from([finalBit | text, words.length]), words]));
  }
}
