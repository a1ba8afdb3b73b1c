import { isIPv6 } from 'node:net';

/**
 * An address that can be compared: a number for IPv4, a bigint for IPv6. An IPv4 address that came mapped into IPv6
 * (RFC 4291 section 2.5.5.2) is that IPv4 address.
 */
export type Address = number | bigint;

/** Texts of IPv6 addresses that are remembered; beyond these all are forgotten. */
const mostKnown = 10_000;
const known = new Map<string, Address>();

/** Reads an address; undefined when it is none. Allocates nothing for IPv4. */
export function readAddress(text: string): Address | undefined {
  const found = readIPv4(text, 0, text.length);
  if (found >= 0) return found;
  const remembered = known.get(text);
  if (remembered !== undefined) return remembered;
  const address = readIPv6(text);
  if (address === undefined) return undefined;
  if (known.size >= mostKnown) known.clear();
  known.set(text, address);
  return address;
}

/** The part of `text` between two offsets as an IPv4 address; -1 when it is none. Zeros before a number would be octal elsewhere and are refused. */
function readIPv4(text: string, begin: number, end: number): number {
  let address = 0;
  let part = -1;
  let parts = 0;
  for (let index = begin; index <= end; index++) {
    const digit = index === end ? -2 : text.charCodeAt(index) - 48;
    if (digit >= 0 && digit <= 9) {
      if (part === 0) return -1;
      part = part < 0 ? digit : part * 10 + digit;
      if (part > 255) return -1;
    } else {
      if (digit !== -2 || part < 0 || ++parts > 4) return -1;
      address = address * 256 + part;
      part = -1;
    }
  }
  return parts === 4 ? address : -1;
}

function readIPv6(text: string): Address | undefined {
  const zone = text.indexOf('%');
  const bare = zone === -1 ? text : text.slice(0, zone);
  if (!isIPv6(bare)) return undefined;
  const dotted = bare.lastIndexOf('.') === -1 ? -1 : bare.lastIndexOf(':') + 1;
  let groups = bare;
  if (dotted > 0) {
    const last = readIPv4(bare, dotted, bare.length);
    if (last < 0) return undefined;
    groups = `${bare.slice(0, dotted)}${Math.floor(last / 0x1_0000).toString(16)}:${(last % 0x1_0000).toString(16)}`;
  }
  const [before = '', after] = groups.split('::');
  const head = groupsOf(before);
  const tail = after === undefined ? [] : groupsOf(after);
  const zeros: string[] = after === undefined ? [] : new Array(8 - head.length - tail.length).fill('0');
  const address = [...head, ...zeros, ...tail].reduce((sum, group) => sum * 0x1_0000n + BigInt(`0x${group}`), 0n);
  return address >> 32n === 0xffffn ? Number(address & 0xffff_ffffn) : address;
}

function groupsOf(text: string): string[] {
  return text === '' ? [] : text.split(':');
}
