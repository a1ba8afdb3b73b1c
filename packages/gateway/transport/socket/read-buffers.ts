/** Bytes that one read takes at most. */
export const readBytes = 64 * 1024;

/** How many buffers of streams that are over are kept for others: 4 MiB. */
const spareBuffers = 64;

/**
 * Memory into which sockets read. While messages are small all sockets of the process read into one buffer, since a read is
 * handled before the next one begins. A stream of full reads gets buffers of its own, which can go on to the other side without
 * being copied: whoever writes one that the operating system does not take at once holds it until it is written.
 */
export class ReadBuffer {
  readonly bytes: Buffer = Buffer.allocUnsafeSlow(readBytes);
  /** Writes that are under way from it, and the socket that reads into it. */
  holders = 0;
}

/** The buffer that all sockets share. Nothing that stands in it outlives the read. */
export const shared = new ReadBuffer();

/** Heads and small messages have a few lengths over and over: views of that many bytes are made once, 1 MiB of them at most. */
const longestView = 4096;
const views: (Buffer | undefined)[] = new Array(longestView + 1).fill(undefined);

/** What was lent last, and the memory that it begins, as words of four bytes: whoever scans it need not ask for its memory, which is slow. */
export const lent: { bytes: Buffer; readonly words: Int32Array } = {
  bytes: shared.bytes,
  words: new Int32Array(shared.bytes.buffer),
};

/** The first `length` bytes of the shared buffer, for the read that is being handled. */
export function lend(length: number): Buffer {
  let view = length <= longestView ? views[length] : undefined;
  if (view === undefined) {
    view = length === readBytes ? shared.bytes : shared.bytes.subarray(0, length);
    if (length <= longestView) views[length] = view;
  }
  lent.bytes = view;
  return view;
}

const spare: ReadBuffer[] = [];

/** A buffer for one holder. */
export function takeBuffer(): ReadBuffer {
  const buffer = spare.pop() ?? new ReadBuffer();
  buffer.holders = 1;
  return buffer;
}

/** One holder less; the last one gives the buffer back. */
export function releaseBuffer(buffer: ReadBuffer): void {
  if (--buffer.holders === 0 && spare.length < spareBuffers) spare.push(buffer);
}
