import { errors, type LeafEndpoint, readVariables } from '@sluice/model';
import { hasDotSegments } from '../../chain/dot-segments.ts';
import type { Exchange } from '../../chain/exchange.ts';
import { fail } from '../../chain/fault.ts';
import type { Leaf } from '../leaf.ts';
import { earliest, type Group, Readiness } from '../sender.ts';
import { type EndpointUrl, parseEndpointUrl } from '../url.ts';
import { expandVariables } from '../variables.ts';
import type { AllowedHosts } from './hosts.ts';

/** What a call says about its address. */
type AddressReader = (exchange: Exchange) => string;

/** Hosts that have a leaf of their own at a time. */
const mostHosts = 100;
const longestAddress = 8192;

/**
 * An endpoint whose host the call chooses: a default endpoint, by the header `To`, or a URL with variables in its host. Only hosts that an operator has allowed are
 * called, so that nobody lends themselves the gateway's place in the network. Each host is a leaf with a state of its own.
 */
export class Dynamic implements Group {
  readonly kind = 'HTTP';
  readonly name: string;
  parent: Group | null = null;
  readonly #addressOf: AddressReader;
  readonly #hosts: AllowedHosts;
  /** By scheme, host and port; those that were used last are at the end. */
  readonly #leaves = new Map<string, Leaf>();
  readonly #leafOf: (origin: string) => Leaf;
  readonly #forget: (leaf: Leaf) => void;

  constructor(
    endpoint: LeafEndpoint,
    hosts: AllowedHosts,
    leafOf: (endpoint: LeafEndpoint) => Leaf,
    forget: (leaf: Leaf) => void,
  ) {
    this.name = endpoint.name;
    this.#hosts = hosts;
    this.#addressOf = endpoint.kind === 'default' ? fromHeader : fromUrl(endpoint.url);
    this.#leafOf = (origin) => leafOf({ ...endpoint, kind: 'http', name: `${endpoint.name}:${origin}`, url: origin });
    this.#forget = forget;
  }

  get readyAt(): number {
    return this.#leaves.size < mostHosts ? 0 : earliest([...this.#leaves.values()]);
  }

  get load(): number {
    let load = 0;
    for (const leaf of this.#leaves.values()) load += leaf.load;
    return load;
  }

  /** An address that nobody has called yet is as ready as can be. */
  readiness(exchange: Exchange): Readiness {
    try {
      return this.#leaves.get(originOf(parseEndpointUrl(this.#addressOf(exchange))))?.readiness() ?? Readiness.ready;
    } catch {
      return Readiness.ready;
    }
  }

  send(exchange: Exchange): boolean {
    let url: EndpointUrl;
    const text = this.#addressOf(exchange);
    try {
      if (text.length > longestAddress) throw new Error('the address is too long');
      url = parseEndpointUrl(text);
    } catch (error) {
      fail(exchange, errors.endpointAddressMissing, { name: this.name, detail: (error as Error).message });
      return true;
    }
    const path = url.path.texts.join('');
    if (hasDotSegments(path)) {
      fail(exchange, errors.badRequest, { detail: 'The address holds dot segments.' });
      return true;
    }
    if (!this.#hosts.allows(url)) {
      fail(exchange, errors.endpointAddressRefused, { name: this.name, host: url.host });
      return true;
    }
    const leaf = this.#find(originOf(url));
    if (leaf.sendTo(exchange, path, url.query.texts.join(''))) return true;
    return this.parent === null && leaf.refuse(exchange);
  }

  /** No other host was asked for. */
  takeOver(): boolean {
    return false;
  }

  #find(origin: string): Leaf {
    let leaf = this.#leaves.get(origin);
    if (leaf === undefined) {
      leaf = this.#leafOf(origin);
      leaf.parent = this;
      for (const [oldest, one] of this.#leaves) {
        if (this.#leaves.size < mostHosts) break;
        this.#leaves.delete(oldest);
        this.#forget(one);
      }
    } else this.#leaves.delete(origin);
    this.#leaves.set(origin, leaf);
    return leaf;
  }
}

function originOf({ secure, host }: EndpointUrl): string {
  return `${secure ? 'https' : 'http'}://${host}`;
}

/** Not for the backend: it is what the call tells the gateway. */
function fromHeader({ call }: Exchange): string {
  return call.head.header('to') ?? '';
}

/** What stands in scheme, host and port is decoded: the whole of a URL may be one segment of a path. */
function fromUrl(text: string): AddressReader {
  const [, origin = '', path = '', query = ''] =
    /^([^/?#]*(?:\/\/[^/?#]*)?)([^?#]*)(?:\?([^#]*))?/.exec(text.trim()) ?? [];
  const parts = { origin: readVariables(origin), path: readVariables(path), query: readVariables(query) };
  return ({ operation, plainRest, call }) => {
    const values = { template: operation?.template ?? null, path: plainRest, query: call.head.query };
    const place = decoded(expandVariables(parts.origin, 'path', values)) + expandVariables(parts.path, 'path', values);
    return query === '' ? place : `${place}?${expandVariables(parts.query, 'query', values)}`;
  };
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
