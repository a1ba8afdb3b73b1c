import assert from 'node:assert/strict';
import type { Wire } from './wire.ts';

/** A prime, so that no buffer size divides it and a lost or doubled piece never fits. */
const period = 262_139;
const pieceBytes = 65_536;

const tape = Buffer.alloc(period + pieceBytes);
let state = 0x9e3779b9;
for (let at = 0; at < period; at++) {
  state ^= state << 13;
  state ^= state >>> 17;
  state ^= state << 5;
  tape[at] = state;
}
tape.copy(tape, period, 0, pieceBytes);

/** `length` bytes (64 KiB at most) of a body in which every place looks different, from `offset` on. */
export function pattern(offset: number, length: number): Buffer {
  assert.ok(length <= pieceBytes);
  return tape.subarray(offset % period, (offset % period) + length);
}

/** Fails unless `piece` is what stands at `offset` of the pattern. */
export function checkPattern(piece: Buffer, offset: number): void {
  for (let at = 0; at < piece.length; at += pieceBytes) {
    const part = piece.subarray(at, at + pieceBytes);
    assert.ok(part.equals(pattern(offset + at, part.length)), `the body differs in bytes ${offset + at} and after`);
  }
}

/** Writes `total` bytes of the pattern as fast as the peer takes them; `progress` hears how many were handed over. */
export async function pour(wire: Wire, total: number, progress: (bytes: number) => void = () => {}): Promise<void> {
  const { socket } = wire;
  for (let offset = 0; offset < total && !socket.destroyed; ) {
    const piece = pattern(offset, Math.min(pieceBytes, total - offset));
    offset += piece.length;
    const room = socket.write(piece);
    progress(offset - socket.writableLength);
    if (room) continue;
    await new Promise<void>((resolve) => {
      const go = () => {
        socket.off('drain', go);
        socket.off('close', go);
        resolve();
      };
      socket.on('drain', go);
      socket.on('close', go);
    });
  }
  progress(total - socket.writableLength);
}
