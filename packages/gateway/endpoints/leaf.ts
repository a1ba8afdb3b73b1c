import { type ErrorEntry, errors, type LeafEndpoint, type TimeoutAction } from '@sluice/model';
import type { ApiKeyQuery } from '../backend-security/api-key-query.ts';
import { compileSecurity } from '../backend-security/compile.ts';
import type { Scheme } from '../backend-security/scheme.ts';
import type { CompiledCredentials } from '../chain/credentials.ts';
import { hasDotSegments } from '../chain/dot-segments.ts';
import type { Exchange } from '../chain/exchange.ts';
import { fail } from '../chain/fault.ts';
import type { CompiledHeaders } from '../chain/request-headers.ts';
import type { CompileSettings } from '../chain/settings.ts';
import { withoutToken } from '../chain/websocket.ts';
import { monotonic } from '../deadlines/clock.ts';
import { passedLine } from '../throttling/passed.ts';
import type { Route } from '../transport/call.ts';
import { FieldNames } from '../transport/field-names.ts';
import type { OwnRequest } from '../transport/own-request.ts';
import type { LeafDeadlines } from './leaf-deadlines.ts';
import type { LeafRecord } from './leaf-records.ts';
import type { LeafStatus } from './leaf-state.ts';
import { retryAfter } from './retry-after.ts';
import { retryRule } from './retry-codes.ts';
import { type Failing, type Group, Readiness } from './sender.ts';
import { expandMapping } from './uri-mapping.ts';
import { type EndpointUrl, joinTarget, parseEndpointUrl } from './url.ts';
import { expandVariables } from './variables.ts';

/** As WSO2's messages call the states (wso2-gateway.md 2.6). */
const stateNames: Readonly<Record<LeafStatus, string>> = {
  active: 'ACTIVE',
  timeout: 'TIMEOUT',
  suspended: 'SUSPENDED',
  off: 'MAINTNENCE',
};

/** Kinds that have a message of their own. */
const notReady: { readonly [K in LeafEndpoint['kind']]?: ErrorEntry } = {
  address: errors.addressEndpointNotReady,
  wsdl: errors.wsdlEndpointNotReady,
};

/** One backend address. */
export class Leaf implements Failing {
  parent: Group | null = null;
  readonly name: string;
  /** What a timeout leads to; `fault` answers, the others close the client's connection. */
  readonly action: TimeoutAction;
  /** Its state, and what became of the calls to it. */
  readonly record: LeafRecord;
  /** Whether a group may try another member after a fault of this code. */
  readonly permitsRetry: (code: number) => boolean;
  readonly #kind: LeafEndpoint['kind'];
  readonly #url: EndpointUrl;
  readonly #path: string;
  /** Its path or its query has variables. */
  readonly #varies: boolean;
  readonly #route: Route;
  /** The same for WebSocket, which begins in HTTP/1.1. */
  readonly #upgradeRoute: Route;
  /** How long its calls may take. */
  readonly deadlines: LeafDeadlines;
  readonly #headers: CompiledHeaders;
  /** Proves the gateway to the backend, so that the client's own proof stays here. */
  readonly #secured: boolean;
  /** Null where a fixed line proves it, or nothing does. */
  readonly #scheme: Scheme | null;
  readonly #keyQuery: ApiKeyQuery | null;
  /** By basic authentication. */
  readonly provesByPassword: boolean;
  /** Query of the endpoint, before the client's. */
  readonly #query: string;
  /** Lines that every call gets. */
  readonly #fixed: string;
  readonly #withoutConsumed: FieldNames;
  readonly #withoutOpen: FieldNames;
  /**
   * Fixed SOAP and POX forms go to the very address, whatever followed the base path (wso2-gateway.md 4.9). So do WebSocket endpoints, save
   * for what the topic is mapped to (wso2-policies-and-kinds.md 4.2).
   */
  readonly #appendsRest: boolean;

  /** Throws an Error in words when the endpoint cannot be called. */
  constructor(
    endpoint: LeafEndpoint,
    credentials: CompiledCredentials,
    settings: CompileSettings,
    record: LeafRecord,
    deadlines: LeafDeadlines,
  ) {
    this.deadlines = deadlines;
    this.record = record;
    this.#kind = endpoint.kind;
    this.name = endpoint.name;
    this.action = endpoint.timeout.action;
    this.permitsRetry = retryRule(endpoint.retry);
    this.#url = parseEndpointUrl(endpoint.url);
    this.#path = this.#url.path.texts.join('');
    this.#varies = this.#url.path.variables.length > 0 || this.#url.query.variables.length > 0;
    this.#upgradeRoute = {
      host: this.#url.hostname,
      port: this.#url.port,
      tls: this.#url.secure ? { serverName: this.#url.hostname, ...settings.backendTls } : null,
      ...(deadlines.route === undefined ? {} : { timeouts: deadlines.route }),
    };
    const { protocol } = endpoint;
    this.#route = protocol === undefined ? this.#upgradeRoute : { ...this.#upgradeRoute, protocol };
    const security = compileSecurity(endpoint.security, credentials.apiId, settings.backendSecurity);
    this.#headers = settings.headers;
    this.#secured = security.without.includes('authorization');
    this.#scheme = security.scheme;
    this.#keyQuery = security.query;
    this.provesByPassword = endpoint.security?.type === 'basic';
    this.#query = this.#withKey(this.#url.query.texts.join(''));
    this.#fixed = security.line + settings.headers.fixed;
    const own = [...settings.headers.without, ...security.without];
    this.#withoutConsumed = new FieldNames([...credentials.withoutConsumed, ...own]);
    this.#withoutOpen = new FieldNames([...credentials.withoutOpen, ...own]);
    const shaped = endpoint.kind === 'address' || endpoint.kind === 'wsdl';
    const fixed = shaped && endpoint.format !== null && endpoint.format !== 'rest';
    this.#appendsRest = !fixed && endpoint.kind !== 'ws';
  }

  get readyAt(): number {
    const { status, retryAt } = this.record.state.facts;
    return status === 'off' ? Number.POSITIVE_INFINITY : retryAt;
  }

  get load(): number {
    return this.record.load;
  }

  readiness(): Readiness {
    if (this.record.ready) return Readiness.ready;
    return this.record.state.facts.status === 'off' ? Readiness.none : Readiness.resting;
  }

  /** A request for that path below the address, for the gateway itself. */
  probe(path: string): Pick<OwnRequest, 'route' | 'target' | 'host' | 'lines'> {
    return {
      route: this.#route,
      target: joinTarget(this.#path, '', path, ''),
      host: this.#url.host,
      lines: this.#fixed,
    };
  }

  /** A call that it has sent is over, or goes elsewhere. */
  left(): void {
    this.record.load--;
  }

  /** Whether a request can be written at once: nothing has to be fetched or asked before it. */
  get provesAtOnce(): boolean {
    return this.#scheme === null;
  }

  send(exchange: Exchange): boolean {
    if (this.parent === null && !this.record.ready) return this.refuse(exchange);
    if (this.prepare(exchange)) return this.#send(exchange);
    fail(exchange, errors.badRequest, { detail: 'The variables of the path hold dot segments.' });
    return true;
  }

  /** Sends to that path, with that query before the client's, at the address. */
  sendTo(exchange: Exchange, path: string, query: string): boolean {
    if (!this.record.ready) return false;
    this.#write(exchange, path, this.#withKey(query));
    return this.#send(exchange);
  }

  #send(exchange: Exchange): true {
    exchange.notes?.sends(exchange, this, monotonic());
    if (this.#scheme !== null) this.#prove(exchange, this.#scheme);
    else {
      // The member before this one in a group may have had one.
      exchange.proof = null;
      exchange.call.send(exchange);
    }
    return true;
  }

  /** Leaves the request in `exchange`, without sending it. False where the variables of the path lead out of the one that the endpoint names. */
  prepare(exchange: Exchange): boolean {
    if (!this.#varies) {
      this.#write(exchange, this.#path, this.#query);
      return true;
    }
    const { operation, plainRest, call } = exchange;
    const values = { template: operation?.template ?? null, path: plainRest, query: call.head.query };
    const path = expandVariables(this.#url.path, 'path', values);
    if (hasDotSegments(path)) return false;
    this.#write(exchange, path, this.#withKey(expandVariables(this.#url.query, 'query', values)));
    return true;
  }

  #write(exchange: Exchange, path: string, ownQuery: string): void {
    const { call, api } = exchange;
    const consumed = exchange.token !== null && !exchange.testKey;
    exchange.leaf?.left();
    exchange.leaf = this;
    this.record.load++;
    exchange.route = this.#route;
    exchange.host = this.#headers.keepsHost && call.head.host !== '' ? call.head.host : this.#url.host;
    exchange.timeout = this.deadlines.durationOf(call.head);
    exchange.global = this.deadlines.global;
    exchange.without = consumed ? this.#withoutConsumed : this.#withoutOpen;
    const rest = this.#appendsRest ? exchange.rest : '';
    const query = this.#keyQuery === null ? call.head.query : this.#keyQuery.withoutOwn(call.head.query);
    if (call.head.webSocketKey !== null) this.#prepareUpgrade(exchange, path, ownQuery, rest, query);
    else exchange.target = joinTarget(path, ownQuery, rest, query);
    let added = this.#headers.lines(call) + this.#fixed;
    if (exchange.otherAuthorization !== null && !this.#secured && api !== null) {
      added += `${api.credentials.authorizationName}: ${exchange.otherAuthorization}\r\n`;
    }
    if (exchange.forwardsLeft >= 0) {
      exchange.without = exchange.without.with(['max-forwards']);
      added += `Max-Forwards: ${exchange.forwardsLeft}\r\n`;
    }
    if (exchange.passed !== null) added += passedLine(exchange.passed);
    exchange.added = added;
  }

  #withKey(query: string): string {
    const pair = this.#keyQuery?.pair ?? '';
    return query === '' || pair === '' ? query + pair : `${query}&${pair}`;
  }

  /** Says that it is not ready. In a group the other members are asked instead (wso2-gateway.md 4.3). */
  refuse(exchange: Exchange): true {
    const entry = notReady[this.#kind] ?? errors.httpEndpointNotReady;
    const state = stateNames[this.record.state.facts.status];
    fail(exchange, entry, { name: this.name, state }, retryAfter(this.readyAt));
    return true;
  }

  #prove(exchange: Exchange, scheme: Scheme): void {
    exchange.proof = scheme.begin(exchange);
    exchange.proof.send();
  }

  #prepareUpgrade(exchange: Exchange, path: string, ownQuery: string, rest: string, clientQuery: string): void {
    const { operation, plainRest } = exchange;
    const query = withoutToken(clientQuery);
    const mapped = operation?.mapping ? expandMapping(operation.mapping, operation.template, plainRest, query) : null;
    exchange.upgrade = true;
    exchange.route = this.#upgradeRoute;
    exchange.target = joinTarget(path, ownQuery, mapped?.rest ?? rest, mapped?.query ?? query);
  }
}
