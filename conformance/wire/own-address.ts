let taken = 0;

/**
 * An address of the loopback network (127.0.0.0/8) that nothing else of this process has, for a server that goes away and comes back: nobody
 * takes its port in the meantime, as clients on 127.0.0.1 may.
 */
export function ownAddress(): string {
  const number = ++taken;
  return `127.${10 + (process.pid % 200)}.${(number >> 8) & 255}.${number & 255}`;
}
