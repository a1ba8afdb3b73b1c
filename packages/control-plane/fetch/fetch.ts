import { lookup as systemLookup } from 'node:dns/promises';
import { type ClientRequest, type IncomingMessage, request as requestHttp } from 'node:http';
import { request as requestHttps } from 'node:https';
import { isIP, type LookupFunction } from 'node:net';
import { errors, SluiceError } from '@sluice/model';
import type { FetchProxy } from './proxy.ts';

export interface FetchLimits {
  /** Bytes of the document. */
  readonly bytes: number;
  /** Milliseconds for everything: names, redirects, the whole body. */
  readonly deadline: number;
}

export interface FetchOptions {
  /** Whether an address may be reached; `isPublicAddress` unless private imports are allowed. */
  readonly permits: (address: string) => boolean;
  readonly limits: FetchLimits;
  /** How a host name becomes addresses; the system's resolver by default. */
  readonly lookup?: (host: string) => Promise<readonly ResolvedAddress[]>;
  /** Between here and there. A name that only the proxy knows is left to the proxy. */
  readonly proxy?: FetchProxy;
}

export interface ResolvedAddress {
  readonly address: string;
  readonly family: number;
}

export interface FetchedDocument {
  /** The address that answered, after redirects, without user information. */
  readonly url: string;
  readonly mediaType: string;
  readonly bytes: Buffer;
}

const mostRedirects = 5;
/** Milliseconds for a name that a proxy would resolve. */
const proxiedNamePatience = 1000;

/**
 * Fetches a document that a user named by URL, without lending them the server's place in the network: every hop is resolved once,
 * all of its addresses are judged, and the connection goes to just those (so a name that answers differently the second time gains nothing).
 * Throws the catalogue's errors, which name the URL without user information, the address and the remedy.
 */
export async function fetchDocument(source: string, options: FetchOptions): Promise<FetchedDocument> {
  const signal = AbortSignal.timeout(options.limits.deadline);
  let url = parse(source);
  for (let hop = 0; hop <= mostRedirects; hop++) {
    const proxy = options.proxy?.takes(hostOf(url)) ? options.proxy : undefined;
    const response = await send(url, await resolve(url, options, signal, proxy), signal, options, proxy);
    const location = response.headers.location;
    const status = response.statusCode ?? 0;
    const refusal = proxy?.refusal(status);
    if (refusal) {
      response.destroy();
      throw failed(url, `${refusal.message}.`);
    }
    if (status >= 300 && status < 400 && location !== undefined) {
      response.destroy();
      url = parse(location, url);
      continue;
    }
    if (status !== 200) {
      response.destroy();
      throw failed(url, `it answered ${status}.`);
    }
    return {
      url: shown(url),
      mediaType: response.headers['content-type'] ?? '',
      bytes: await read(url, response, signal, options),
    };
  }
  throw failed(url, `it was redirected more than ${mostRedirects} times.`);
}

/** An address as it may be shown: credentials and what follows `?` may be secrets. */
function shown(url: URL): string {
  return `${url.protocol}//${url.host}${url.pathname}`;
}

function failed(url: URL, detail: string, cause?: unknown): SluiceError {
  return new SluiceError(errors.openapiUrlFailed, { url: shown(url), detail }, { cause });
}

function parse(source: string, base?: URL): URL {
  const url = URL.canParse(source, base?.href) ? new URL(source, base?.href) : undefined;
  if (!url || (url.protocol !== 'http:' && url.protocol !== 'https:')) {
    const plain =
      source
        .split('?', 1)[0]
        ?.replace(/\/\/[^/@]*@/, '//')
        .slice(0, 200) ?? '';
    throw new SluiceError(errors.openapiUrlMalformed, { url: plain });
  }
  if (url.username !== '' || url.password !== '') throw failed(url, 'credentials do not belong into a URL.');
  return url;
}

/** The URL parser has already turned decimal, octal and hexadecimal forms of an IPv4 address into the usual one. */
function hostOf(url: URL): string {
  return url.hostname.replace(/^\[|\]$/g, '');
}

async function resolve(
  url: URL,
  options: FetchOptions,
  signal: AbortSignal,
  proxy: FetchProxy | undefined,
): Promise<readonly ResolvedAddress[]> {
  const host = hostOf(url);
  const family = isIP(host);
  const addresses =
    family > 0
      ? [{ address: host, family }]
      : proxy
        ? await resolveName(url, host, options, AbortSignal.timeout(proxiedNamePatience)).catch(() => [])
        : await resolveName(url, host, options, signal);
  const refused = addresses.find(({ address }) => !options.permits(address));
  if (refused) throw new SluiceError(errors.openapiUrlRefused, { url: shown(url), address: refused.address });
  return addresses;
}

async function resolveName(
  url: URL,
  host: string,
  options: FetchOptions,
  signal: AbortSignal,
): Promise<readonly ResolvedAddress[]> {
  const lookup = options.lookup ?? ((name: string) => systemLookup(name, { all: true }));
  const expired = new Promise<never>((_resolve, reject) => {
    signal.addEventListener('abort', () => reject(tooSlow(url, options)), { once: true });
  });
  // Not waited for when the name resolves.
  expired.catch(() => {});
  try {
    const addresses = await Promise.race([lookup(host), expired]);
    if (addresses.length > 0) return addresses;
  } catch (error) {
    if (error instanceof SluiceError) throw error;
  }
  throw failed(url, `the host ${host} is not known.`);
}

function tooSlow(url: URL, options: FetchOptions): SluiceError {
  return failed(url, `it took longer than ${options.limits.deadline} ms.`);
}

async function send(
  url: URL,
  addresses: readonly ResolvedAddress[],
  signal: AbortSignal,
  options: FetchOptions,
  proxy: FetchProxy | undefined,
): Promise<IncomingMessage> {
  const headers = {
    accept: 'application/json, application/yaml, */*;q=0.5',
    'accept-encoding': 'identity',
    'user-agent': 'Sluice',
  };
  const give = (error: Error) => (signal.aborted ? tooSlow(url, options) : failed(url, reason(error), error));
  const request = proxy
    ? await proxy.request(url, headers, signal).catch((error: Error) => Promise.reject(give(error)))
    : direct(url, addresses, headers, signal);
  return new Promise((resolve, reject) => {
    request.on('response', resolve);
    request.on('error', (error) => reject(give(error)));
    request.end();
  });
}

function direct(
  url: URL,
  addresses: readonly ResolvedAddress[],
  headers: Readonly<Record<string, string>>,
  signal: AbortSignal,
): ClientRequest {
  const pinned: LookupFunction = (_host, { all }, done) => {
    const first = addresses[0] as ResolvedAddress;
    if (all) done(null, [...addresses]);
    else done(null, first.address, first.family);
  };
  return (url.protocol === 'https:' ? requestHttps : requestHttp)(url, {
    lookup: pinned,
    agent: false,
    signal,
    headers,
  });
}

/** Node's messages name addresses and ports, which is what the reader needs; a bundle of attempts has none of its own. */
function reason(error: Error): string {
  if (error instanceof AggregateError) return error.errors.map((inner: Error) => inner.message).join('; ');
  return error.message;
}

async function read(url: URL, response: IncomingMessage, signal: AbortSignal, options: FetchOptions): Promise<Buffer> {
  const encoding = response.headers['content-encoding'] ?? 'identity';
  if (encoding !== 'identity') {
    response.destroy();
    throw failed(url, `it answered in the encoding ${encoding}, although plain bytes were asked for.`);
  }
  const { bytes: limit } = options.limits;
  const chunks: Buffer[] = [];
  let size = 0;
  try {
    for await (const chunk of response as AsyncIterable<Buffer>) {
      size += chunk.length;
      if (size > limit) throw new SluiceError(errors.definitionTooLarge, { limit });
      chunks.push(chunk);
    }
  } catch (error) {
    if (error instanceof SluiceError) throw error;
    throw signal.aborted ? tooSlow(url, options) : failed(url, 'it ended early.', error);
  }
  return Buffer.concat(chunks);
}
