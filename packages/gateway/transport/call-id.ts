import { randomUUID } from 'node:crypto';

/** How many ids share what comes before their last three digits. */
const blockSize = 4096;
const lastDigits: readonly string[] = Array.from({ length: blockSize }, (_, index) =>
  index.toString(16).padStart(3, '0'),
);

let block = '';
let used = blockSize;

/**
 * An id that no other call has, of this process or any: a UUID (RFC 9562), random but for its last three digits, which count. To
 * make each from its own random bytes costs a call as much as reading its head.
 */
export function nextCallId(): string {
  if (used === blockSize) {
    block = randomUUID().slice(0, -3);
    used = 0;
  }
  return block + lastDigits[used++];
}
