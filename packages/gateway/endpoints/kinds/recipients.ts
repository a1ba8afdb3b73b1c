import { errors } from '@sluice/model';
import type { Exchange } from '../../chain/exchange.ts';
import { fail } from '../../chain/fault.ts';
import { faultRow } from '../../chain/fault-row.ts';
import type { Backends } from '../../transport/backend-pool.ts';
import type { RequestHead } from '../../transport/call.ts';
import type { FieldNames } from '../../transport/field-names.ts';
import { isIdempotent } from '../../transport/idempotent.ts';
import { ask, type OwnAnswer, type OwnRequest, OwnRequestError } from '../../transport/own-request.ts';
import type { Leaf } from '../leaf.ts';
import { best, earliest, type Group, isSpent, type Readiness } from '../sender.ts';

/** How copies of a call reach the recipients that do not answer it. */
export interface CopySettings {
  /** Bytes of a body that are kept for them. */
  readonly maxBody: number;
  /** Milliseconds until there is a connection, and for the answer of a recipient without a duration of its own. */
  readonly connectTimeout: number;
  readonly answerTimeout: number;
  ask(request: OwnRequest): Promise<OwnAnswer>;
}

const usualBody = 1024 * 1024;
/** Milliseconds for an answer where nothing bounds those of calls. */
const longestAnswer = 120_000;

/** Copies go over the connections that calls use, and wait as long. */
export function copySettings(backends: Backends, maxBody = usualBody): CopySettings {
  const { connect, poolWait, global } = backends.timeouts;
  return {
    maxBody,
    connectTimeout: connect + poolWait,
    answerTimeout: global > 0 ? global : longestAnswer,
    ask: (request) => ask(backends, request),
  };
}

/** Bytes of an answer that nobody reads: beyond them the connection is given up. */
const largestAnswer = 1024 * 1024;
/** Ordinals of the phases in which a copy can fail: not connected, and sent (wso2-gateway.md 2.1). */
const phases = { ready: 0, sent: 3 } as const;
const beforeConnection = new Set([
  'connect-refused',
  'connect-timeout',
  'dns',
  'proxy',
  'tls',
  'pool-full',
  'queue-full',
]);

/**
 * Children that all get the call. The first one that is ready answers it; the others get copies, whose answers are thrown away. A child that rests is
 * passed over. WSO2 hands the client whichever answer comes first.
 */
export class Recipients implements Group {
  readonly kind = 'RecipientList';
  readonly name: string;
  parent: Group | null = null;
  readonly #children: readonly Leaf[];
  readonly #settings: CopySettings;

  constructor(name: string, children: readonly Leaf[], settings: CopySettings) {
    this.name = name;
    this.#children = children;
    this.#settings = settings;
    for (const child of children) child.parent = this;
  }

  get readyAt(): number {
    return earliest(this.#children);
  }

  get load(): number {
    return this.#children.reduce((sum, child) => sum + child.load, 0);
  }

  readiness(exchange: Exchange): Readiness {
    return best(this.#children, exchange);
  }

  send(exchange: Exchange): boolean {
    const { call } = exchange;
    const first = this.#children.find((child) => !isSpent(exchange, child) && child.record.ready);
    if (first === undefined) return false;
    if (call.head.webSocketKey !== null) return first.send(exchange);
    if (call.contentLength === 0) this.#share(exchange, first, Buffer.alloc(0));
    else {
      const { maxBody } = this.#settings;
      call.gather(maxBody, (body) => {
        if (body === null) fail(exchange, errors.recipientBodyTooLarge, { limit: maxBody });
        else this.#share(exchange, first, body);
      });
    }
    return true;
  }

  /** Every child has the call already. */
  takeOver(): boolean {
    return false;
  }

  #share(exchange: Exchange, first: Leaf, body: Buffer): void {
    try {
      for (const child of this.#children) {
        if (child !== first && child.record.ready && child.prepare(exchange)) this.#copy(exchange, child, body);
      }
      if (!first.send(exchange)) fail(exchange, errors.noEndpointReady, { kind: this.kind, name: this.name });
    } catch (error) {
      exchange.settings.log.error('A call failed inside the gateway', { request: exchange.call.id, error });
      exchange.call.abort();
    }
  }

  /** Sends what `prepare` has left in the exchange. */
  #copy(exchange: Exchange, leaf: Leaf, body: Buffer): void {
    const { route, target, host, without, added, timeout, call, settings } = exchange;
    const { connectTimeout, answerTimeout, ask } = this.#settings;
    const request: OwnRequest = {
      ...{ route, target, host, body, connectTimeout, largestAnswer },
      method: call.head.method,
      once: !isIdempotent(call.head.method),
      lines: keptLines(call.head, without) + added,
      answerTimeout: timeout > 0 ? timeout : (exchange.global ?? answerTimeout),
    };
    ask(request).then(
      ({ status }) => leaf.record.answered(status),
      (error: unknown) => {
        if (!(error instanceof OwnRequestError)) {
          settings.log.error('A copy of a call failed inside the gateway', { request: call.id, error });
          return;
        }
        if (error.kind === 'response-too-large') {
          leaf.record.answered(200);
          return;
        }
        const phase = beforeConnection.has(error.kind) ? phases.ready : phases.sent;
        const { entry, code } = faultRow({ kind: error.kind, phase, deadline: null });
        if (error.kind !== 'pool-full' && error.kind !== 'queue-full') leaf.record.failed(code, entry.key);
        settings.faultLog.record(Date.now(), {
          request: call.id,
          cause: entry.key,
          api: exchange.api?.label,
          endpoint: leaf.name,
          backend: `${route.host}:${route.port}`,
          phase,
          detail: `a copy of the call: ${error.message}`,
        });
      },
    );
  }
}

/** What concerns one connection alone, or is written anew. */
const ownLines = new Set([
  ...['connection', 'keep-alive', 'proxy-connection', 'transfer-encoding', 'te', 'trailer', 'upgrade', 'expect'],
  ...['host', 'content-length', 'proxy-authorization', 'http2-settings'],
]);

/** The client's header lines that go on to a backend. */
function keptLines(head: RequestHead, without: FieldNames): string {
  const named = new Set((head.header('connection') ?? '').split(',').map((name) => name.trim().toLowerCase()));
  let lines = '';
  head.eachHeader((name, value) => {
    const lower = name.toLowerCase();
    if (!ownLines.has(lower) && !without.has(lower) && !named.has(lower)) lines += `${name}: ${value}\r\n`;
  });
  return lines;
}
