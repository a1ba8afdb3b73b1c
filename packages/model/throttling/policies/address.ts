import { isIP } from 'node:net';

/** An address as a number that orders it among those of its family. */
interface Address {
  readonly family: 4 | 6;
  readonly number: bigint;
}

/** Reads an IPv4 or IPv6 address; undefined when the text is none. Zones (`%eth0`) belong to one host and are refused. */
export function readAddress(text: string): Address | undefined {
  const family = text.includes('%') ? 0 : isIP(text);
  if (family === 4) return { family, number: numberOf(text.split('.').map(Number), 8n) };
  if (family !== 6) return undefined;
  // An IPv4 address may stand in the place of the last two groups (RFC 4291 2.2).
  const dotted = text.slice(text.lastIndexOf(':') + 1);
  const plain = dotted.includes('.') ? text.slice(0, -dotted.length) + groupsOfDotted(dotted) : text;
  const [front = '', back] = plain.split('::') as [string, string?];
  const groups = (part: string | undefined) => (part ? part.split(':').map((group) => Number.parseInt(group, 16)) : []);
  const [first, last] = [groups(front), groups(back)];
  const zeros = new Array<number>(8 - first.length - last.length).fill(0);
  const number = numberOf([...first, ...zeros, ...last], 16n);
  // Mapped into IPv6 (RFC 4291 2.5.5.2), it is an IPv4 address all the same.
  return number >> 32n === 0xffffn ? { family: 4, number: number & 0xffff_ffffn } : { family, number };
}

function groupsOfDotted(dotted: string): string {
  const [a = 0, b = 0, c = 0, d = 0] = dotted.split('.').map(Number);
  return `${((a << 8) | b).toString(16)}:${((c << 8) | d).toString(16)}`;
}

function numberOf(parts: readonly number[], bits: bigint): bigint {
  return parts.reduce((number, part) => (number << bits) | BigInt(part), 0n);
}
