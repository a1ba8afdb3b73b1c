import type { EndpointSecurity, Log } from '@sluice/model';
import { joinTarget } from '../endpoints/url.ts';
import type { Backends } from '../transport/backend-pool.ts';
import type { BackendTls, Route } from '../transport/call.ts';
import { ask } from '../transport/own-request.ts';
import { type TokenCredentials, type TokenTimeouts, tokenCredentials } from './token-credentials.ts';
import { type TokenExchange, TokenSource } from './token-source.ts';

/** Bytes of a token endpoint's answer. */
const largestAnswer = 64 * 1024;

export interface TokenSourcesOptions {
  readonly backends: Backends;
  readonly tls: Omit<BackendTls, 'serverName'>;
  readonly timeouts: TokenTimeouts;
  readonly log: Log;
}

/**
 * The token sources of a gateway. Endpoints with the same credentials share one, so that a redeployment keeps its token; one that no endpoint
 * needs any more is forgotten.
 */
export class TokenSources {
  readonly #options: TokenSourcesOptions;
  readonly #sources = new Map<string, WeakRef<TokenSource>>();
  readonly #forgotten = new FinalizationRegistry<string>((key) => {
    if (this.#sources.get(key)?.deref() === undefined) this.#sources.delete(key);
  });

  constructor(options: TokenSourcesOptions) {
    this.#options = options;
  }

  /** `security` is of type `oauth`, its secrets in the clear. Throws an Error in words when it cannot be used. */
  of(security: EndpointSecurity): TokenSource {
    const credentials = tokenCredentials(security, this.#options.timeouts);
    const known = this.#sources.get(credentials.key)?.deref();
    if (known !== undefined) return known;
    const source = new TokenSource(credentials, this.#exchangeOf(credentials), this.#options.log);
    this.#sources.set(credentials.key, new WeakRef(source));
    this.#forgotten.register(source, credentials.key);
    return source;
  }

  #exchangeOf({ url, clientLine, timeouts, proxy }: TokenCredentials): TokenExchange {
    const { backends, tls } = this.#options;
    const route: Route = {
      host: url.hostname,
      port: url.port,
      tls: url.secure ? { serverName: url.hostname, ...tls } : null,
      ...(proxy === null ? {} : { proxy }),
    };
    const lines = `${clientLine}Content-Type: application/x-www-form-urlencoded\r\nAccept: application/json\r\n`;
    const request = {
      ...{ route, method: 'POST', host: url.host, lines, largestAnswer },
      target: joinTarget(url.path.texts.join(''), url.query.texts.join(''), '', ''),
      connectTimeout: timeouts.connect,
      answerTimeout: timeouts.answer,
    };
    return (body) => ask(backends, { ...request, body: Buffer.from(body, 'latin1') });
  }
}
