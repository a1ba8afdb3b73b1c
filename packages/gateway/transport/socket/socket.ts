import type { TLSSocket } from 'node:tls';
import { getSystemErrorName } from 'node:util';
import { holdClock, letClockRun } from '../../deadlines/clock.ts';
import { latin1 } from '../characters.ts';
import {
  endOfFile,
  handleOf,
  ownerOf,
  readResult,
  ShutdownWrap,
  type StreamHandle,
  type TcpHandle,
  type WriteRequest,
  WriteWrap,
  writeIsPending,
} from './handles.ts';
import { lend, ReadBuffer, readBytes, releaseBuffer, shared, takeBuffer } from './read-buffers.ts';
import { readHandled, writeAtEndOfTurn } from './turn.ts';
import { WriteQueue } from './write-queue.ts';

/** Who a socket works for. None of it is called after `destroy` or `reset`. */
export interface SocketUser {
  /** Bytes came. They are lent: what must outlive the call is copied, or written to a socket, which sees to it. */
  received(bytes: Buffer): void;
  /** Everything that was queued when `write` returned false has been taken. */
  drained(): void;
  /** What had waited for the end of the turn was written, and the operating system has not taken all of it. */
  lingers?(): void;
  /** The peer has closed its sending side. */
  ended(): void;
  /** Nothing can be sent any more (`code` is the system's name of the error); what the peer sent before may still be read. */
  broken(code: string): void;
  /** The connection is gone; `code` is the system's name of the error, null when there was none. */
  closed(code: string | null): void;
}

/** Up to this many bytes are written as one latin1 string: its copy costs less than another buffer. */
export const stringBytes = 16 * 1024;

/** Bytes on their way beyond which `write` returns false. */
const queueBytes = 64 * 1024;

/** What a write keeps until it is done. */
type Held = ReadBuffer | Buffer | WriteQueue;

/** Requests are only used up by writes that the operating system does not take at once. */
let spareWrite: WriteRequest | null = null;

/** The buffer of the read that is being handled, when it is not the shared one. */
let delivering: ReadBuffer | null = null;

/** One connection, as bytes: TCP, or TLS whose handshake is over. */
export class Socket {
  readonly #handle: StreamHandle;
  /** Node's object around a TLS handle, which looks after its end. */
  readonly #tls: TLSSocket | null;
  #user: SocketUser | null = null;
  #own: ReadBuffer | null = null;
  #reading = false;
  #pending = 0;
  #needDrain = false;
  #broken = false;
  #queue: WriteQueue | null = null;
  /** Text that is written at the end of the turn; only while nothing is pending. */
  #gathered = '';
  #endsAfterQueue = false;
  /** The end is said in the next turn of the event loop. */
  #ending = false;

  constructor(handle: StreamHandle, tls: TLSSocket | null) {
    this.#handle = handle;
    this.#tls = tls;
    handle[ownerOf] = this;
    handle.onread = onRead;
    handle.useUserBuffer(shared.bytes);
    tls?.on('error', (error: NodeJS.ErrnoException) => this.#gone(error.code ?? 'ECONNRESET'));
    tls?.on('close', () => this.#gone(null));
  }

  /** Begins to read. */
  start(user: SocketUser): void {
    this.#user = user;
    this.resume();
  }

  /** Another user takes the connection over, as it is. */
  handTo(user: SocketUser): void {
    this.#user = user;
  }

  get destroyed(): boolean {
    return this.#user === null;
  }

  /** Bytes that were written and that the operating system has not taken yet, but for what waits for the end of the turn. */
  get queued(): number {
    if (this.#pending === 0) return 0;
    return this.#tls === null ? this.#handle.writeQueueSize : this.#pending;
  }

  /** The user waits for `drained`. */
  get blocked(): boolean {
    return this.#needDrain;
  }

  /** Writes latin1 text, with that of other sockets at the end of the turn. False: enough is queued, wait for `drained`. */
  writeText(text: string): boolean {
    if (this.#user === null || this.#broken) return true;
    if (this.#busy) return this.#enqueue(text, null, null);
    if (this.#pending > 0) return this.#writeNow(text);
    if (this.#gathered === '') writeAtEndOfTurn(this);
    this.#gathered += text;
    if (this.#gathered.length > stringBytes) this.flush();
    return !this.#needDrain;
  }

  /** The same for text and bytes that follow it, in one write. */
  write(text: string, bytes: Buffer): boolean {
    if (text.length + bytes.length <= stringBytes) return this.writeText(text + latin1(bytes, 0, bytes.length));
    if (this.#user === null || this.#broken) return true;
    const before = this.#gathered + text;
    this.#gathered = '';
    let piece = bytes;
    let held: ReadBuffer | null = null;
    if (bytes.buffer === shared.bytes.buffer) {
      held = takeBuffer();
      bytes.copy(held.bytes);
      piece = held.bytes.subarray(0, bytes.length);
    } else if (delivering !== null && bytes.buffer === delivering.bytes.buffer) {
      held = delivering;
      held.holders++;
    }
    if (this.#busy) return this.#enqueue(before, piece, held);
    const request = takeWrite();
    const error =
      before === ''
        ? this.#handle.writeBuffer(request, piece)
        : this.#handle.writev(request, [before, 'latin1', piece, 'buffer'], false);
    return this.#after(error, request, before.length + piece.length, held ?? piece);
  }

  /** Writes at once what waits for the end of the turn. */
  flush(): void {
    const text = this.#gathered;
    if (text === '') return;
    this.#gathered = '';
    this.#writeNow(text);
    if (this.#pending > 0) this.#user?.lingers?.();
  }

  /** The operating system has taken everything that was written; what waits for the end of the turn is given to it first. */
  flushed(): boolean {
    this.flush();
    return this.queued === 0;
  }

  /** Closes the sending side when everything is written. */
  end(): void {
    this.flush();
    if (this.#user === null || this.#broken) return;
    // A TLS handle that is told to end in the middle of a write closes the TCP connection before it has said goodbye; a TCP handle
    // that is ending can no longer be reset.
    this.#endsAfterQueue = this.#pending > 0;
    if (this.#endsAfterQueue) return;
    const request = new ShutdownWrap();
    request.oncomplete = () => {
      this.#ending = false;
    };
    this.#ending = this.#handle.shutdown(request) === 0;
  }

  pause(): void {
    if (!this.#reading) return;
    this.#reading = false;
    this.#handle.readStop();
  }

  resume(): void {
    if (this.#reading || this.#user === null) return;
    this.#reading = true;
    const error = this.#handle.readStart();
    if (error === 0) return;
    const code = getSystemErrorName(error);
    // A TLS handle reads already: its handshake did.
    if (code !== 'EALREADY') this.#gone(code);
  }

  /** Closes at once, in order as far as the operating system can: what is queued is dropped. */
  destroy(): void {
    if (this.#user === null) return;
    this.flush();
    this.#forget();
    if (this.#tls === null) this.#handle.close();
    else this.#tls.destroy();
  }

  /** Closes so that the peer cannot take what it has for a whole: with a reset, under TLS without a goodbye. */
  reset(): void {
    if (this.#user === null) return;
    // Node takes a handle whose reset failed for closed: it would stay open, and keep the process from ending.
    if (this.#tls !== null || this.#ending) {
      this.destroy();
      return;
    }
    this.flush();
    this.#forget();
    (this.#handle as TcpHandle).reset();
  }

  // Called by the handle

  /** Returns the buffer to read into from now on, undefined to go on with the same. */
  read(count: number): Buffer | undefined {
    if (this.#user === null || count === 0) return undefined;
    if (count < 0) {
      this.#reading = false;
      if (count === endOfFile) this.#user.ended();
      else this.#gone(getSystemErrorName(count));
      return undefined;
    }
    const own = this.#own;
    const outer = delivering;
    delivering = own;
    if (own === null) this.#user.received(lend(count));
    else {
      own.holders++;
      this.#user.received(count === readBytes ? own.bytes : own.bytes.subarray(0, count));
    }
    if (own !== null) releaseBuffer(own);
    delivering = outer;
    return this.#nextBuffer(own, count === readBytes);
  }

  /** A stream of full reads gets buffers of its own; a read that was not full ends it. */
  #nextBuffer(own: ReadBuffer | null, full: boolean): Buffer | undefined {
    if (own === null) {
      if (!full || this.#user === null) return undefined;
      this.#own = takeBuffer();
      return this.#own.bytes;
    }
    if (full && own.holders === 1 && this.#own === own) return undefined;
    if (this.#own === own) releaseBuffer(own);
    this.#own = full && this.#user !== null ? takeBuffer() : null;
    return (this.#own ?? shared).bytes;
  }

  #writeNow(text: string): boolean {
    const request = takeWrite();
    const error = this.#handle.writeLatin1String(request, text);
    return this.#after(error, request, text.length, null);
  }

  #after(error: number, request: WriteRequest, length: number, held: Held | null): boolean {
    let failure = error;
    if (error === 0 && writeIsPending()) {
      spareWrite = null;
      if (request.early === null) {
        request.socket = this;
        request.bytes = length;
        request.piece = held;
        return this.#added(length);
      }
      failure = request.early;
    }
    if (held !== null) letGo(held);
    if (failure !== 0) this.#break(failure);
    return true;
  }

  written(status: number, length: number): void {
    this.#pending -= length;
    if (this.#user === null) return;
    if (status < 0) {
      this.#break(status);
      return;
    }
    if (this.#queue !== null) this.#writeQueue(this.#queue);
    else if (this.#endsAfterQueue && this.#pending === 0) this.end();
    if (this.#pending === 0 && this.#needDrain) {
      this.#needDrain = false;
      this.#user.drained();
    }
  }

  /** A TLS handle takes one write at a time. */
  get #busy(): boolean {
    return this.#tls !== null && this.#pending > 0;
  }

  #enqueue(text: string, bytes: Buffer | null, held: ReadBuffer | null): boolean {
    this.#queue ??= new WriteQueue();
    this.#queue.add(text, bytes, held);
    return this.#added(text.length + (bytes?.length ?? 0));
  }

  #writeQueue(queue: WriteQueue): void {
    this.#queue = null;
    const request = takeWrite();
    // They count as pending already.
    this.#pending -= queue.bytes;
    this.#after(this.#handle.writev(request, queue.pieces, false), request, queue.bytes, queue);
    if (this.#endsAfterQueue) this.end();
  }

  #added(length: number): boolean {
    this.#pending += length;
    if (this.#pending > queueBytes) this.#needDrain = true;
    return !this.#needDrain;
  }

  #break(error: number): void {
    if (this.#broken) return;
    this.#broken = true;
    this.#gathered = '';
    this.#needDrain = false;
    // Not at once: whoever writes is in the middle of something.
    process.nextTick(() => this.#user?.broken(getSystemErrorName(error)));
  }

  #gone(code: string | null): void {
    const user = this.#user;
    if (user === null) return;
    this.destroy();
    user.closed(code);
  }

  #forget(): void {
    this.#user = null;
    this.#reading = false;
    if (this.#own !== null) releaseBuffer(this.#own);
    this.#own = null;
    this.#queue?.release();
    this.#queue = null;
  }
}

/** A TLS connection whose handshake is over: from now on its bytes are read and written without Node's streams. */
export function adoptTls(socket: TLSSocket): Socket {
  return new Socket(handleOf(socket), socket);
}

function onRead(this: StreamHandle): Buffer | undefined {
  holdClock();
  try {
    return (this[ownerOf] as Socket).read(readResult());
  } finally {
    letClockRun();
    readHandled();
  }
}

function takeWrite(): WriteRequest {
  if (spareWrite === null) {
    spareWrite = new WriteWrap();
    spareWrite.oncomplete = onWritten;
    spareWrite.socket = null;
    spareWrite.early = null;
  }
  return spareWrite;
}

function onWritten(this: WriteRequest, status: number): void {
  // A TLS handle whose connection is broken says so before the call that writes returns.
  if (this.socket === null) {
    this.early = status;
    return;
  }
  if (this.piece !== null) letGo(this.piece as Held);
  this.piece = null;
  (this.socket as Socket).written(status, this.bytes);
}

/** Buffers of ours go back; anything else was only kept alive. */
function letGo(held: Held): void {
  if (held instanceof ReadBuffer) releaseBuffer(held);
  else if (held instanceof WriteQueue) held.release();
}
