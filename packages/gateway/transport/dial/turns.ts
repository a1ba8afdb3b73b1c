import { isIPv6 } from 'node:net';

/**
 * The order in which the addresses of a name are tried for one connection. Each `turn` begins with another address, so that
 * connections are shared out; the two families alternate, that of the first address before the other (RFC 8305 section 4).
 * Those in `avoided` come last.
 */
export function inTurn(addresses: readonly string[], turn: number, avoided: ReadonlySet<string>): string[] {
  if (addresses.length < 2) return [...addresses];
  const sixFirst = isIPv6(addresses[0] as string);
  const first = rotated(
    addresses.filter((address) => isIPv6(address) === sixFirst),
    turn,
  );
  const other = rotated(
    addresses.filter((address) => isIPv6(address) !== sixFirst),
    turn,
  );
  const order: string[] = [];
  for (let i = 0; i < first.length || i < other.length; i++) {
    if (i < first.length) order.push(first[i] as string);
    if (i < other.length) order.push(other[i] as string);
  }
  if (avoided.size === 0) return order;
  return [...order.filter((address) => !avoided.has(address)), ...order.filter((address) => avoided.has(address))];
}

function rotated(addresses: readonly string[], turn: number): string[] {
  const from = addresses.length === 0 ? 0 : turn % addresses.length;
  return [...addresses.slice(from), ...addresses.slice(0, from)];
}
