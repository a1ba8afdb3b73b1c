import { BlockList, isIP } from 'node:net';

/** IPv4 blocks that are not globally reachable (IANA special-purpose registry), with multicast and what is reserved. */
const closedV4 = new BlockList();
for (const [network, prefix] of [
  ['0.0.0.0', 8],
  ['10.0.0.0', 8],
  ['100.64.0.0', 10],
  ['127.0.0.0', 8],
  ['169.254.0.0', 16],
  ['172.16.0.0', 12],
  ['192.0.0.0', 24],
  ['192.0.2.0', 24],
  ['192.88.99.0', 24],
  ['192.168.0.0', 16],
  ['198.18.0.0', 15],
  ['198.51.100.0', 24],
  ['203.0.113.0', 24],
  ['224.0.0.0', 3],
] as const) {
  closedV4.addSubnet(network, prefix, 'ipv4');
}

/** Global unicast, the only IPv6 block in use on the internet. Mapped, translated, link-local and unique-local addresses lie outside. */
const openV6 = new BlockList();
openV6.addSubnet('2000::', 3, 'ipv6');
/** Parts of it that are special: protocol assignments with Teredo, documentation, and 6to4, which holds any IPv4 address. */
const closedV6 = new BlockList();
for (const [network, prefix] of [
  ['2001::', 23],
  ['2001:db8::', 32],
  ['2002::', 16],
  ['3fff::', 20],
] as const) {
  closedV6.addSubnet(network, prefix, 'ipv6');
}

/** True for an address that anybody on the internet can be assumed to reach; false for everything else, text that is no address included. */
export function isPublicAddress(address: string): boolean {
  switch (isIP(address)) {
    case 4:
      return !closedV4.check(address, 'ipv4');
    case 6:
      return openV6.check(address, 'ipv6') && !closedV6.check(address, 'ipv6');
    default:
      return false;
  }
}
