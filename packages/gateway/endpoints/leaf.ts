import type { LeafEndpoint, TimeoutAction } from '@sluice/model';
import type { CompiledCredentials } from '../chain/credentials.ts';
import type { Exchange } from '../chain/exchange.ts';
import type { CompiledHeaders } from '../chain/request-headers.ts';
import type { CompileSettings } from '../chain/settings.ts';
import { withoutToken } from '../chain/websocket.ts';
import { passedLine } from '../throttling/passed.ts';
import type { Route } from '../transport/call.ts';
import type { Group, Sender } from './sender.ts';
import { expandMapping, expandPath } from './uri-mapping.ts';
import { type EndpointUrl, joinTarget, parseEndpointUrl } from './url.ts';

/** One backend address. */
export class Leaf implements Sender {
  parent: Group | null = null;
  readonly name: string;
  /** What a timeout leads to; `fault` answers, the others close the client's connection. */
  readonly action: TimeoutAction;
  readonly #url: EndpointUrl;
  readonly #path: string;
  readonly #route: Route;
  /** The same for WebSocket, which begins in HTTP/1.1. */
  readonly #upgradeRoute: Route;
  /** Milliseconds; 0 leaves the global limit alone in force. */
  readonly #timeout: number;
  readonly #headers: CompiledHeaders;
  /** Proves the gateway to the backend, so that the client's own proof stays here. */
  readonly #secured: boolean;
  /** Lines that every call gets. */
  readonly #fixed: string;
  readonly #withoutConsumed: ReadonlySet<string>;
  readonly #withoutOpen: ReadonlySet<string>;
  /**
   * Fixed SOAP and POX forms go to the very address, whatever followed the base path (wso2-gateway.md 4.9). So do WebSocket endpoints, save
   * for what the topic is mapped to (wso2-policies-and-kinds.md 4.2).
   */
  readonly #appendsRest: boolean;

  /** Throws an Error in words when the endpoint cannot be called. */
  constructor(endpoint: LeafEndpoint, credentials: CompiledCredentials, settings: CompileSettings) {
    this.name = endpoint.name;
    this.action = endpoint.timeout.action;
    this.#url = parseEndpointUrl(endpoint.url);
    this.#path = this.#url.path.texts.join('');
    this.#upgradeRoute = {
      host: this.#url.hostname,
      port: this.#url.port,
      tls: this.#url.secure ? { serverName: this.#url.hostname, ...settings.backendTls } : null,
    };
    const { protocol } = endpoint;
    this.#route = protocol === undefined ? this.#upgradeRoute : { ...this.#upgradeRoute, protocol };
    this.#timeout = endpoint.timeout.action === 'never' ? 0 : (endpoint.timeout.duration ?? 0);
    const security = securityLine(endpoint);
    this.#headers = settings.headers;
    this.#secured = security !== '';
    this.#fixed = security + settings.headers.fixed;
    const own = [...settings.headers.without, ...(this.#secured ? ['authorization'] : [])];
    this.#withoutConsumed = new Set([...credentials.withoutConsumed, ...own]);
    this.#withoutOpen = new Set([...credentials.withoutOpen, ...own]);
    const fixed = endpoint.kind === 'address' && endpoint.format !== null && endpoint.format !== 'rest';
    this.#appendsRest = !fixed && endpoint.kind !== 'ws';
  }

  send(exchange: Exchange): boolean {
    const { call, api } = exchange;
    const consumed = exchange.token !== null && !exchange.testKey;
    exchange.leaf = this;
    exchange.route = this.#route;
    exchange.host = this.#headers.keepsHost && call.head.host !== '' ? call.head.host : this.#url.host;
    exchange.timeout = this.#timeout;
    exchange.without = consumed ? this.#withoutConsumed : this.#withoutOpen;
    const rest = this.#appendsRest ? exchange.rest : '';
    if (call.head.webSocketKey !== null) this.#prepareUpgrade(exchange, rest);
    else exchange.target = joinTarget(this.#pathFor(exchange), this.#url.query, rest, call.head.query);
    let added = this.#headers.lines(call) + this.#fixed;
    if (exchange.otherAuthorization !== null && !this.#secured && api !== null) {
      added += `${api.credentials.authorizationName}: ${exchange.otherAuthorization}\r\n`;
    }
    if (exchange.forwardsLeft >= 0) {
      exchange.without = new Set([...exchange.without, 'max-forwards']);
      added += `Max-Forwards: ${exchange.forwardsLeft}\r\n`;
    }
    if (exchange.passed !== null) added += passedLine(exchange.passed);
    exchange.added = added;
    call.send(exchange);
    return true;
  }

  #prepareUpgrade(exchange: Exchange, rest: string): void {
    const { call, operation, plainRest } = exchange;
    const query = withoutToken(call.head.query);
    const mapped = operation?.mapping ? expandMapping(operation.mapping, operation.template, plainRest, query) : null;
    exchange.upgrade = true;
    exchange.route = this.#upgradeRoute;
    exchange.target = joinTarget(
      this.#pathFor(exchange),
      this.#url.query,
      mapped?.rest ?? rest,
      mapped?.query ?? query,
    );
  }

  #pathFor({ operation, plainRest }: Exchange): string {
    const { path } = this.#url;
    if (path.variables.length === 0 || operation === null) return this.#path;
    return expandPath(path, operation.template, plainRest);
  }
}

/** Basic credentials (RFC 7617) in UTF-8. */
function securityLine(endpoint: LeafEndpoint): string {
  const security = endpoint.security;
  if (security === null) return '';
  if (security.type !== 'basic') throw new Error(`endpoint security of type ${security.type} is not supported`);
  const text = `${security.username ?? ''}:${security.password ?? ''}`;
  return `Authorization: Basic ${Buffer.from(text, 'utf8').toString('base64')}\r\n`;
}
