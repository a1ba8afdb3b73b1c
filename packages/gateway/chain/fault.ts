import { describeError, type ErrorArguments, type ErrorEntry } from '@sluice/model';
import { type Bound, CallNotes, type ErrorNote } from '../story/notes.ts';
import { nextAccessTime } from '../throttling/next-access.ts';
import { corsLines } from './cors.ts';
import type { Exchange } from './exchange.ts';
import { chooseForm, renderFault } from './fault-body.ts';
import { grpcFaultLines, isGrpc } from './grpc-fault.ts';

/** What a fault may add to its row. */
export interface FaultDetails {
  /** Code that replaces the row's: base plus phase (wso2-gateway.md 2.4). */
  readonly code?: number;
  /** Header lines that belong to this answer alone, `Name: value\r\n`. */
  readonly headers?: string;
  /** Seconds after which another attempt may succeed. */
  readonly retryAfter?: number;
  /** Epoch milliseconds from which on calls pass again; the description says so, and a member of its own. */
  readonly nextAccess?: number;
  /** The limit that it met, where that is no setting of the gateway's own. */
  readonly bound?: Bound;
}

/**
 * The one way to answer with an error: a row of the catalogue in the form that the client reads. Every such answer names its
 * row in `Sluice-Cause` and the call in `Sluice-Request-Id`. Returns false, so that a step can end with it.
 */
export function fail(exchange: Exchange, entry: ErrorEntry, args?: ErrorArguments, details?: FaultDetails): false {
  const { call, settings } = exchange;
  const next = details?.nextAccess === undefined ? undefined : nextAccessTime(details.nextAccess);
  const described = describeError(entry, args);
  // WSO2's text, its space and its dot included (wso2-gateway.md 7.2).
  const description = next === undefined ? described : `${described} .You can access API after ${next}`;
  const grpc = isGrpc(call.head);
  const form = chooseForm(call.head, exchange.api?.source.type === 'SOAP');
  // SOAP clients look for a fault in a 500 alone (SOAP 1.1 section 6.2, WS-I Basic Profile R1126).
  const asOne = settings.faultStatus === 'wso2' || form.kind === 'soap-1.1' || form.kind === 'soap-1.2';
  const status = asOne && isBackendFault(entry) ? 500 : entry.status;
  const type = grpc ? grpcFaultLines(entry.status, description) : `Content-Type: ${form.contentType}\r\n`;
  let lines = `${type}Sluice-Cause: ${entry.key}\r\nSluice-Request-Id: ${call.id}\r\n${corsLines(exchange)}`;
  if (entry.status === 401 && exchange.api !== null) {
    lines += `WWW-Authenticate: ${exchange.api.credentials.challenge}\r\n`;
  }
  if (details?.retryAfter !== undefined) lines += `Retry-After: ${details.retryAfter}\r\n`;
  if (details?.headers !== undefined) lines += details.headers;
  exchange.cause = entry.key;
  const limit = typeof args?.limit === 'number' ? args.limit : undefined;
  noteError(exchange, { entry, code: details?.code ?? entry.code, description, limit, bound: details?.bound });
  exchange.ownHeaders = lines;
  if (grpc) call.reply(200, lines, '');
  else call.reply(status, lines, renderFault(form, entry, String(details?.code ?? entry.code), description, next));
  return false;
}

/** Writes down for the story of the call what it was answered with. */
export function noteError(exchange: Exchange, error: ErrorNote): void {
  exchange.notes ??= new CallNotes(false);
  exchange.notes.error = error;
}

/** WSO2 answers 500 for every fault of a backend or an endpoint, whatever its code. */
function isBackendFault(entry: ErrorEntry): boolean {
  return entry.status > 500 && entry.code >= 101000 && entry.code < 600000;
}
