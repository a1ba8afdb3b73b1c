import { type ClientRequest, type RequestOptions, request as requestHttp } from 'node:http';
import { request as requestHttps } from 'node:https';
import { isIP, type Socket } from 'node:net';
import { connect as connectTls } from 'node:tls';
import { hostPattern } from '@sluice/model';

/** An HTTP proxy between the control plane and what it fetches. `[apim.proxy_config]`. */
export interface FetchProxyOptions {
  readonly host: string;
  readonly port: number;
  /** How the proxy itself is spoken to. */
  readonly protocol: 'http' | 'https';
  readonly username?: string;
  readonly password?: string;
  /** Hosts that go through it; empty means all. Names, with `*` for anything, or regular expressions. */
  readonly targets: readonly string[];
  /** Hosts that do not. */
  readonly bypass: readonly string[];
}

/** The proxy would not do it. The message names it, and never its password. */
export class ProxyRefusal extends Error {
  override readonly name = 'ProxyRefusal';
}

/** Sends requests through a proxy: in absolute form, or over a tunnel where the other end speaks TLS. */
export class FetchProxy {
  readonly #options: FetchProxyOptions;
  readonly #targets: readonly ((host: string) => boolean)[];
  readonly #bypass: readonly ((host: string) => boolean)[];
  readonly #authorization: Readonly<Record<string, string>>;

  /** Throws a SyntaxError for a broken pattern. */
  constructor(options: FetchProxyOptions) {
    this.#options = options;
    this.#targets = options.targets.map(hostPattern);
    this.#bypass = options.bypass.map(hostPattern);
    const credentials = Buffer.from(`${options.username ?? ''}:${options.password ?? ''}`, 'utf8').toString('base64');
    this.#authorization = options.username ? { 'proxy-authorization': `Basic ${credentials}` } : {};
  }

  /** Whether a host is asked through it. */
  takes(host: string): boolean {
    if (this.#bypass.some((fits) => fits(host))) return false;
    return this.#targets.length === 0 || this.#targets.some((fits) => fits(host));
  }

  /** Why an answer with this status is the proxy's own; undefined when it is not. */
  refusal(status: number): ProxyRefusal | undefined {
    if (status !== 407) return undefined;
    return new ProxyRefusal(`the proxy ${this.#label} wants other credentials (407)`);
  }

  /** A request for `url`, not ended yet. Rejects with `ProxyRefusal`, or when the proxy cannot be reached. */
  async request(url: URL, headers: Readonly<Record<string, string>>, signal: AbortSignal): Promise<ClientRequest> {
    if (url.protocol === 'https:') {
      const socket = await this.#tunnel(url, signal);
      const name = bare(url.hostname);
      const createConnection = () => connectTls({ socket, servername: isIP(name) === 0 ? name : '' });
      // With an agent, `createConnection` would not be asked.
      return requestHttps(url, { createConnection, headers, signal });
    }
    return this.#send({
      path: `http://${url.host}${url.pathname}${url.search}`,
      headers: { ...headers, host: url.host, ...this.#authorization },
      signal,
    });
  }

  /** RFC 9110 section 9.3.6. */
  async #tunnel(url: URL, signal: AbortSignal): Promise<Socket> {
    const target = `${url.hostname}:${url.port || 443}`;
    const request = this.#send({
      method: 'CONNECT',
      path: target,
      headers: { host: target, ...this.#authorization },
      signal,
    });
    const { promise, resolve, reject } = Promise.withResolvers<Socket>();
    request.on('connect', ({ statusCode = 0 }, socket, early) => {
      if (statusCode >= 200 && statusCode < 300 && early.length === 0) {
        resolve(socket as Socket);
        return;
      }
      socket.destroy();
      reject(
        this.refusal(statusCode) ?? new ProxyRefusal(`the proxy ${this.#label} answered CONNECT with ${statusCode}`),
      );
    });
    request.on('error', reject);
    request.end();
    return promise;
  }

  #send(options: RequestOptions): ClientRequest {
    const { host, port, protocol } = this.#options;
    return (protocol === 'https' ? requestHttps : requestHttp)({ ...options, host, port, agent: false });
  }

  get #label(): string {
    return `${this.#options.host}:${this.#options.port}`;
  }
}

function bare(hostname: string): string {
  return hostname.replace(/^\[|\]$/g, '');
}
