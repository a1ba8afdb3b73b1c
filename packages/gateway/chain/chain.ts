import { type ErrorEntry, type ErrorName, errors, type Log } from '@sluice/model';
import { Admission, type PriorityStatistics, type Rejection } from '../admission/admission.ts';
import type { AdmissionOptions } from '../admission/options.ts';
import { monotonic } from '../deadlines/clock.ts';
import { emptySnapshot } from '../snapshot/picture.ts';
import type { Snapshot } from '../snapshot/snapshot.ts';
import { passedHeader, passedLine } from '../throttling/passed.ts';
import { throttle } from '../throttling/step.ts';
import type { Call, CallHandler, CallOutcome, RefusedFrom, ResponseHead } from '../transport/call.ts';
import { nextCallId } from '../transport/call-id.ts';
import { compileServer, type ServerHeader } from '../transport/forward.ts';
import { onBackendFault } from './backend-fault.ts';
import { corsLinesBeside } from './cors.ts';
import { hasDotSegments } from './dot-segments.ts';
import { Exchange } from './exchange.ts';
import { fail, noteError } from './fault.ts';
import { FaultLog } from './fault-log.ts';
import { grpcFaultLines, isGrpc } from './grpc-fault.ts';
import { plainUnreserved } from './plain-unreserved.ts';
import type { ChainSettings } from './settings.ts';
import type { Step } from './steps.ts';
import { warnOf500 } from './warn-of-500.ts';
import { checkOrigin, tunnelAllowed } from './websocket.ts';

/** Where load balancers and start scripts ask whether the gateway serves. */
const healthPath = '/api/am/gateway/v2/server-startup-healthcheck';

/** What a chain may do besides answering calls. */
export interface ChainOptions {
  /** Absent passes on what backends say. */
  readonly server?: ServerHeader | undefined;
  /** Media types with which a 500 of a backend is worth a warning, `none` for an answer without one. */
  readonly warnOn500?: readonly string[] | undefined;
  /** Absent bounds nothing. */
  readonly admission?: AdmissionOptions | undefined;
}

/** Told of every call that is over; the access log. */
export type CallRecorder = (exchange: Exchange, outcome: CallOutcome) => void;

/** Counters since the start. */
export interface ChainStatistics {
  calls: number;
  /** Calls that are not over. */
  inFlight: number;
  /** Calls that the gateway itself answered with an error. */
  refused: number;
  /** Calls that became WebSockets, and how many of these are open. */
  webSockets: number;
  openWebSockets: number;
}

const rowsByKey = new Map<string, ErrorEntry>(
  (Object.keys(errors) as ErrorName[]).map((name) => [errors[name].key, errors[name]]),
);

/** The way of every call: finds API and operation in the snapshot and runs the steps that were compiled for them. */
export class Chain implements CallHandler {
  readonly server: ServerHeader;
  readonly statistics: ChainStatistics = { calls: 0, inFlight: 0, refused: 0, webSockets: 0, openWebSockets: 0 };
  readonly #settings: ChainSettings;
  readonly #log: Log;
  readonly #refusals: FaultLog;
  readonly #record: CallRecorder | null;
  /** Null where nothing bounds the calls in flight. */
  readonly #admission: Admission<Exchange> | null;
  #snapshot: Snapshot = emptySnapshot;
  #ready = false;

  constructor(
    settings: Omit<ChainSettings, 'faultLog' | 'onResponse' | 'onFault' | 'tunnelAllowed' | 'decided'>,
    record: CallRecorder | null,
    { server, warnOn500 = [], admission }: ChainOptions = {},
  ) {
    this.server = server ?? compileServer('', true);
    this.#settings = {
      ...settings,
      faultLog: new FaultLog(settings.log, 'The backend did not answer'),
      onResponse: warnOn500.length === 0 ? onResponse : warning(warnOn500, settings.log),
      onFault: guarded(onBackendFault),
      decided: guarded(decided),
      tunnelAllowed: (exchange) => tunnelAllowed(exchange, (id) => this.#snapshot.revocations.get(id) !== undefined),
    };
    this.#log = settings.log;
    this.#refusals = new FaultLog(settings.log, 'A request was refused');
    this.#record = record;
    const letIn = (exchange: Exchange) => {
      exchange.snapshot = this.#snapshot;
      this.#run(exchange);
    };
    this.#admission = admission ? new Admission(admission, letIn, guarded(reject)) : null;
  }

  /** Calls in flight, waiting and sent away by priority; undefined where nothing bounds them. */
  get priorities(): readonly PriorityStatistics[] | undefined {
    return this.#admission?.statistics;
  }

  /** The picture that calls are served from; undefined before the first one. */
  get snapshot(): Snapshot | undefined {
    return this.#ready ? this.#snapshot : undefined;
  }

  /** New calls see this picture; those on their way keep theirs. */
  swap(snapshot: Snapshot): void {
    this.#snapshot = snapshot;
    this.#ready = true;
    this.#settings.throttler.swap(snapshot);
  }

  call(call: Call): void {
    this.statistics.calls++;
    this.statistics.inFlight++;
    const exchange = new Exchange(call, this.#settings, this.#snapshot);
    call.context = exchange;
    exchange.notes = this.#settings.stories.begin();
    if (this.#admission !== null && !this.#admits(this.#admission, exchange)) return;
    this.#run(exchange);
  }

  switched(call: Call): void {
    const exchange = call.context as Exchange;
    exchange.tunnelled = true;
    this.statistics.webSockets++;
    this.statistics.openWebSockets++;
    // It may stay for days: the bound is for calls that the backend works on.
    this.#admission?.leave(exchange);
  }

  ended(call: Call, outcome: CallOutcome): void {
    const exchange = call.context as Exchange;
    this.statistics.inFlight--;
    if (exchange.tunnelled) this.statistics.openWebSockets--;
    this.#admission?.leave(exchange);
    exchange.leaf?.left();
    this.#settings.throttler.ended(exchange, outcome);
    if (exchange.cause !== null) this.statistics.refused++;
    if (exchange.notes !== null || outcome.end !== 'complete') this.#tell(exchange, outcome);
    if (this.#record === null) return;
    try {
      this.#record(exchange, outcome);
    } catch (error) {
      this.#log.error('The access log failed', { error });
    }
  }

  #tell(exchange: Exchange, outcome: CallOutcome): void {
    try {
      this.#settings.stories.record(exchange, outcome);
    } catch (error) {
      this.#log.error('The story of a call failed', { error });
    }
  }

  refusal(
    status: number,
    cause: string,
    detail: string,
    from: RefusedFrom,
  ): { headers: string; body: string; status?: number } {
    const { id = nextCallId(), head, remoteAddress, context } = from;
    const entry = rowsByKey.get(cause) ?? errors.badRequest;
    const { key } = entry;
    const own = `Sluice-Cause: ${key}\r\nSluice-Request-Id: ${id}\r\n`;
    this.statistics.refused++;
    if (context instanceof Exchange)
      noteError(context, { entry, code: entry.code, description: detail, limit: undefined });
    else this.#settings.stories.refuse(id, entry, detail, from);
    this.#refusals.record(Date.now(), { request: id, cause: key, client: remoteAddress, detail });
    if (head !== undefined && isGrpc(head)) {
      return { headers: grpcFaultLines(status, detail) + own, body: '', status: 200 };
    }
    const body = {
      code: String(entry.code),
      type: 'Status report',
      message: entry.message,
      description: detail,
    };
    return {
      headers: `Content-Type: application/json; charset=UTF-8\r\n${own}`,
      body: JSON.stringify(body),
    };
  }

  /** Whether the gateway serves must be known when it has the most to do. */
  #admits(admission: Admission<Exchange>, exchange: Exchange): boolean {
    const { head } = exchange.call;
    if (head.path === healthPath) return true;
    try {
      return admission.enter(exchange, head);
    } catch (error) {
      failed(exchange, error);
      return false;
    }
  }

  #run(exchange: Exchange): void {
    try {
      this.#dispatch(exchange);
    } catch (error) {
      failed(exchange, error);
    }
  }

  #dispatch(exchange: Exchange): void {
    const { head } = exchange.call;
    const path = head.path;
    if (!this.#ready) fail(exchange, errors.gatewayNotReady, undefined, { retryAfter: 1 });
    else if (path.length === healthPath.length && path === healthPath) exchange.call.reply(200, '', '');
    else if (hasDotSegments(path)) fail(exchange, errors.badRequest, { detail: 'The path holds dot segments.' });
    else route(exchange, path);
  }
}

function route(exchange: Exchange, path: string): void {
  const { head } = exchange.call;
  const mount = exchange.snapshot.routes.find(path, head.host);
  const { documents } = exchange.settings;
  if (mount === undefined) {
    if (!documents?.answerUnrouted(exchange)) fail(exchange, errors.noApi);
    return;
  }
  const api = mount.target;
  exchange.api = api;
  exchange.rest = path.substring(mount.basePath.length);
  exchange.plainRest = plainUnreserved(exchange.rest);
  if (head.webSocketKey !== null && exchange.settings.checksOrigins && !checkOrigin(exchange)) return;
  const operation = api.operations.find(head.method, exchange.plainRest, 0);
  if (operation !== undefined) exchange.operation = operation;
  if (exchange.rest.length <= 1 && head.query !== '' && documents?.answerApi(exchange)) return;
  run(exchange, operation === undefined ? api.unmatched : operation.steps, 0);
}

function run(exchange: Exchange, steps: readonly Step[], first: number): void {
  for (let i = first; i < steps.length; i++) if (!(steps[i] as Step)(exchange)) return;
}

/** A call that waited for units knows now whether it has them. */
function decided(exchange: Exchange, goesOn: () => boolean): void {
  const steps = exchange.operation?.steps ?? [];
  if (goesOn()) run(exchange, steps, steps.indexOf(throttle) + 1);
}

/** The bound of calls in flight is reached, and no place in the queue came free. */
function reject(exchange: Exchange, { reason, priority, limit, retryAfter }: Rejection): void {
  const entry = reason === 'full' ? errors.admissionQueueFull : errors.admissionTimeout;
  fail(exchange, entry, { limit, priority }, { retryAfter });
}

function failed(exchange: Exchange, error: unknown): void {
  exchange.settings.log.error('A call failed inside the gateway', { request: exchange.call.id, error });
  try {
    fail(exchange, errors.gatewayFailure);
  } catch {
    exchange.call.abort();
  }
}

/** Nothing thrown in a callback may reach the transport. */
function guarded<A>(run: (exchange: Exchange, argument: A) => void): (exchange: Exchange, argument: A) => void {
  return (exchange, argument) => {
    try {
      run(exchange, argument);
    } catch (error) {
      failed(exchange, error);
    }
  };
}

/** The same, with a look at answers 500 before it. */
function warning(types: readonly string[], log: Log): ChainSettings['onResponse'] {
  const warn = warnOf500(types, log);
  return (exchange, head) => {
    if (head.status === 500) warn(exchange, head);
    return onResponse(exchange, head);
  };
}

function onResponse(exchange: Exchange, head: ResponseHead): string | undefined {
  exchange.leaf?.record.answered(head.status);
  exchange.notes?.answers(head.status, monotonic());
  const wanted = exchange.settings.loggedHeaders;
  for (let i = 0; i < wanted.length; i++) {
    const value = head.header(wanted[i] as string);
    if (value === undefined) continue;
    exchange.logged ??= new Map();
    exchange.logged.set(wanted[i] as string, value);
  }
  const cors = corsLinesBeside(exchange, head);
  if (exchange.passed === null && exchange.allowances === null && exchange.notes === null) return cors;
  return (cors ?? '') + quotaLines(exchange) + storyLine(exchange);
}

/** An answer of the backend to a call with a story, since another endpoint failed before or since it was drawn, says which it is. */
function storyLine({ notes, call }: Exchange): string {
  return notes === null ? '' : `Sluice-Request-Id: ${call.id}\r\n`;
}

/** What an answer of the backend says about the limits that the call met. */
function quotaLines(exchange: Exchange): string {
  const { passed, allowances, settings } = exchange;
  if (passed !== null && settings.loggedHeaders.includes(passedHeader)) {
    exchange.logged ??= new Map();
    exchange.logged.set(passedHeader, passed.level.name);
  }
  const limits = allowances === null ? '' : settings.throttler.lines(exchange, allowances);
  return passed === null ? limits : passedLine(passed) + limits;
}
