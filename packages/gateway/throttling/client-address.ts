import { BlockList, isIP } from 'node:net';
import type { Call } from '../transport/call.ts';

/** Elements of `X-Forwarded-For` that are looked at, from its end: nobody has that many proxies. */
const mostHops = 32;

/** What is said in front of an IPv4 address that came over a socket of both families (RFC 4291 section 2.5.5.2). */
const mapped = '::ffff:';

/**
 * Who the client of a call is. WSO2 believes the first element of `X-Forwarded-For`, which anybody may write, so that a header is
 * enough to leave a deny policy behind. Here the peer counts, unless it is a proxy that is trusted: then the last address of the header
 * that is not a trusted proxy itself.
 */
export class ClientAddress {
  /** Null trusts nobody. */
  readonly #trusted: BlockList | null;

  /** Addresses and networks in prefix notation. Throws a RangeError that names the one that is neither. */
  constructor(trusted: readonly string[]) {
    this.#trusted = trusted.length === 0 ? null : networksOf(trusted);
  }

  /** IPv4 addresses in dotted form, also where they came mapped into IPv6. */
  of(call: Call): string {
    const peer = plain(call.remoteAddress);
    if (this.#trusted === null || !this.#trusts(peer)) return peer;
    const header = call.head.header('x-forwarded-for');
    return header === undefined ? peer : this.#behind(peer, header);
  }

  /** Each proxy added whom it saw at the end: from there on back, the first that is no proxy of ours; one that cannot be read ends the search. */
  #behind(peer: string, header: string): string {
    let client = peer;
    let end = header.length;
    for (let hop = 0; hop < mostHops && end >= 0; hop++) {
      const comma = header.lastIndexOf(',', end - 1);
      const address = addressOf(header.slice(comma + 1, end).trim());
      if (address === undefined) return client;
      client = address;
      if (!this.#trusts(client) || comma <= 0) return client;
      end = comma;
    }
    return client;
  }

  #trusts(address: string): boolean {
    const family = isIP(address);
    return family !== 0 && (this.#trusted as BlockList).check(address, family === 6 ? 'ipv6' : 'ipv4');
  }
}

/** Throws a RangeError that names the one that is neither an address nor a network. */
export function assertProxies(texts: readonly string[]): void {
  networksOf(texts);
}

function plain(address: string): string {
  return address.startsWith(mapped) && address.includes('.') ? address.slice(mapped.length) : address;
}

/** Without port and brackets; undefined when it is no address. */
function addressOf(element: string): string | undefined {
  const bracket = element.startsWith('[') ? element.indexOf(']') : -1;
  let bare = element;
  if (bracket !== -1) bare = element.slice(1, bracket);
  // One colon stands before a port; an IPv6 address has more.
  else if (element.includes('.') && element.indexOf(':') === element.lastIndexOf(':')) {
    bare = element.split(':', 1)[0] as string;
  }
  const address = plain(bare);
  return isIP(address) === 0 ? undefined : address;
}

function networksOf(texts: readonly string[]): BlockList {
  const list = new BlockList();
  for (const text of texts) {
    const [address = '', prefix, ...rest] = text.split('/');
    const family = isIP(address);
    const bits = family === 6 ? 128 : 32;
    const length = prefix === undefined ? bits : /^\d{1,3}$/.test(prefix) ? Number(prefix) : -1;
    if (family === 0 || rest.length > 0 || length < 0 || length > bits) {
      throw new RangeError(`${JSON.stringify(text)} is neither an address nor a network such as 10.0.0.0/8`);
    }
    list.addSubnet(address, length, family === 6 ? 'ipv6' : 'ipv4');
  }
  return list;
}
