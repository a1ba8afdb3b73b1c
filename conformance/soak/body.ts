import { dice } from './dice.ts';

/** A prime, so that no buffer size divides it and a lost or doubled piece never fits. */
const period = 262_139;
/** Most bytes of one piece. */
export const pieceBytes = 65_536;

const roll = dice(0x9e3779b9);
const tape = Buffer.from(Array.from({ length: period }, () => roll(256)));
const doubled = Buffer.concat([tape, tape.subarray(0, pieceBytes)]);

/** Bodies of one call: what it sends, and what it gets. */
export type Direction = 'request' | 'answer';

/** Bytes `offset` to `offset + length` (64 KiB at most) of the one body that belongs to a call: no other call's looks the same anywhere. */
export function bodyBytes(call: number, direction: Direction, offset: number, length: number): Buffer {
  const from = (place(call, direction) + offset) % period;
  return doubled.subarray(from, from + length);
}

/** Whether `piece` is what stands at `offset` of that body. */
export function isBody(call: number, direction: Direction, offset: number, piece: Buffer): boolean {
  for (let at = 0; at < piece.length; at += pieceBytes) {
    const part = piece.subarray(at, at + pieceBytes);
    if (!part.equals(bodyBytes(call, direction, offset + at, part.length))) return false;
  }
  return true;
}

/** Where in that body the bytes of `piece` stop being its own, and how far away the bytes stand that came instead. For people who look for a defect. */
export function strayOf(call: number, direction: Direction, offset: number, piece: Buffer): string {
  let at = 0;
  while (at < piece.length && isBody(call, direction, offset + at, piece.subarray(at, at + 1))) at++;
  const sample = piece.subarray(at, at + 16);
  const found = tape.indexOf(sample);
  const from = (place(call, direction) + offset + at) % period;
  const whose = found < 0 ? `nowhere: ${sample.toString('latin1')}` : `${found - from} bytes further on the tape`;
  return `from byte ${offset + at} on (${piece.length - at} of ${piece.length} bytes that came); they belong ${whose}`;
}

/** Where on the tape the body begins: neighbours lie far apart. */
function place(call: number, direction: Direction): number {
  return ((2 * call + (direction === 'answer' ? 1 : 0)) * 104_729) % period;
}
