import type { Socket } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import { pattern } from '../../packages/gateway/transport/testing/pattern.ts';

/** How fast one end of a connection goes. */
export interface Pace {
  readonly bytesPerSecond: number;
  /** Milliseconds in which it does nothing at first. */
  readonly stall: number;
}

/** Most bytes that are written at once. */
const pieceBytes = 65_536;

/** Writes `total` bytes of the pattern, no faster than the peer takes them. Rejects when the connection ends before. */
export async function pour(socket: Socket, total: number, pace: Pace | null): Promise<void> {
  const clock = new Clock(pace);
  for (let offset = 0; offset < total; ) {
    const piece = pattern(offset, Math.min(pieceBytes, total - offset));
    offset += piece.length;
    if (!socket.write(piece)) await drained(socket);
    if (socket.destroyed) throw new Error(`the connection ended after ${offset} of ${total} bytes`);
    await clock.after(offset);
  }
}

/** Reads `total` bytes of the pattern, of which `first` have come; resolves with their number. Rejects when they are others, or the connection ends before. */
export function sink(socket: Socket, first: Buffer, total: number, pace: Pace | null): Promise<number> {
  const { promise, resolve, reject } = Promise.withResolvers<number>();
  const clock = new Clock(pace);
  let offset = 0;
  const take = (bytes: Buffer) => {
    for (let at = 0; at < bytes.length; at += pieceBytes) {
      const piece = bytes.subarray(at, at + pieceBytes);
      if (!piece.equals(pattern(offset + at, piece.length))) reject(new Error(`other bytes after ${offset + at}`));
    }
    offset += bytes.length;
    if (offset >= total) {
      if (offset > total) reject(new Error(`${offset - total} bytes too many`));
      resolve(offset);
      return;
    }
    const ahead = clock.ahead(offset);
    if (ahead < 1) return;
    socket.pause();
    setTimeout(() => socket.resume(), ahead);
  };
  const over = () => reject(new Error(`the connection ended after ${offset} of ${total} bytes`));
  socket.on('close', over);
  take(first);
  socket.on('data', take).resume();
  return promise.finally(() => void socket.off('data', take).off('close', over).pause());
}

/** Tells how far a transfer is ahead of its pace. */
class Clock {
  readonly #pace: Pace | null;
  readonly #began = performance.now();

  constructor(pace: Pace | null) {
    this.#pace = pace;
  }

  /** Milliseconds to wait after so many bytes. */
  ahead(bytes: number): number {
    if (this.#pace === null) return 0;
    return this.#began + this.#pace.stall + (bytes * 1000) / this.#pace.bytesPerSecond - performance.now();
  }

  async after(bytes: number): Promise<void> {
    const millis = this.ahead(bytes);
    if (millis >= 1) await delay(millis);
  }
}

function drained(socket: Socket): Promise<void> {
  return new Promise((resolve) => {
    const go = () => {
      socket.off('drain', go).off('close', go);
      resolve();
    };
    socket.on('drain', go).on('close', go);
    if (socket.destroyed) go();
  });
}
