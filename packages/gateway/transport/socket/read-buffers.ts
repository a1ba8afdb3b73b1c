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
