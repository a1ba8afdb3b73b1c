import {
  type CallStory,
  type ErrorEntry,
  phaseName,
  type StoryAttempt,
  type StoryEndpoint,
  type StoryError,
} from '@sluice/model';
import { correlationOf } from '../chain/correlation.ts';
import type { Exchange } from '../chain/exchange.ts';
import { monotonic } from '../deadlines/clock.ts';
import type { LeafRecord } from '../endpoints/leaf-records.ts';
import { leafRow } from '../endpoints/leaf-row.ts';
import type { CallOutcome, RefusedFrom } from '../transport/call.ts';
import { type AttemptDeadlines, rounded } from './deadlines.ts';
import type { AttemptNote, ErrorNote, FaultNote } from './notes.ts';

const { pid } = process;

/** Characters of a path, a message, a name that are kept. */
const longest = 512;

/** Where the bounds that stories tell of are set. */
export interface Places {
  readonly deadlines: AttemptDeadlines;
  /** Of settings that errors name, in words; those that are left out have their default. */
  readonly origins: Readonly<Record<string, string>>;
}

/** The story of a call that is over: plain data that holds on to nothing of the call. `leaves` are the endpoints of its API. */
export function tell(
  exchange: Exchange,
  outcome: CallOutcome,
  kept: CallStory['kept'],
  places: Places,
  leaves: Iterable<LeafRecord>,
): CallStory {
  const { call, notes, api, operation, application } = exchange;
  // Written out at once: refusals come in floods, and each costs as little as can be.
  const story: { -readonly [M in keyof CallStory]: CallStory[M] } = {
    id: call.id,
    kept,
    startedAt: call.startedAt,
    process: pid,
    client: call.remoteAddress,
    method: methodOf(call.head.method),
    path: copied(call.head.path),
    status: outcome.status,
    end: outcome.end,
    duration: rounded(outcome.duration),
    attempts: notes === null ? [] : notes.attempts.map((note) => attemptOf(note, call.started, places)),
    leftOut: notes?.leftOut ?? 0,
    endpoints: notes?.hasFault || isOfEndpoint(notes?.error?.entry) ? Array.from(leaves, endpointOf) : [],
  };
  if (api !== null) {
    story.api = api.label;
    story.keyType = exchange.keyType;
  }
  if (operation !== null) story.operation = `${operation.source.verb} ${operation.source.target}`;
  if (application !== null) story.application = application.source.name;
  if (notes?.error) story.error = errorOf(notes.error, places);
  const correlation = correlationOf(exchange);
  if (correlation !== undefined) story.correlation = copied(correlation);
  return story;
}

/** The story of a request that never became a call. */
export function tellRefusal(
  id: string,
  entry: ErrorEntry,
  detail: string,
  { remoteAddress, head }: RefusedFrom,
  places: Places,
): CallStory {
  return {
    ...{ id, kept: 'refused', startedAt: Date.now(), process: pid, client: remoteAddress },
    ...{ method: methodOf(head?.method ?? ''), path: copied(head?.path ?? '') },
    ...{ status: entry.status, end: 'complete', duration: 0 },
    error: errorOf({ entry, code: entry.code, description: copied(detail), limit: undefined }, places),
    ...{ attempts: [], leftOut: 0, endpoints: [] },
  };
}

function errorOf({ entry, code, description, limit, bound }: ErrorNote, places: Places): StoryError {
  const { setting } = entry;
  return {
    ...{ cause: entry.key, code, description: shortened(description), remedy: entry.remedy },
    ...(setting === undefined ? {} : { setting, origin: places.origins[setting] ?? 'default' }),
    ...(limit === undefined ? {} : { value: limit }),
    ...bound,
  };
}

function attemptOf(note: AttemptNote, started: number, places: Places): StoryAttempt {
  const { leaf, route, began, ended, status, firstByte, stand, fault } = note;
  return {
    ...{ endpoint: leaf.name, backend: `${route.host}:${route.port}` },
    ...{ began: rounded(began - started), took: rounded(ended - began) },
    ...(stand === null ? {} : standOf(stand)),
    ...(status === 0 ? {} : { status, firstByte: rounded(firstByte) }),
    ...(fault === null ? {} : { fault: { ...faultOf(fault), ...firedOf(note, places), ...nextOf(note) } }),
    pending: places.deadlines.pending(note),
  };
}

function standOf({ phase, connection, resent }: NonNullable<AttemptNote['stand']>): Partial<StoryAttempt> {
  const where = { phase, phaseName: phaseName(phase), ...(resent ? { resent } : {}) };
  if (connection === undefined) return where;
  if (connection === null) return { ...where, connection: 'none' };
  const { connected } = connection;
  return connected < 0
    ? { ...where, connection: 'kept' }
    : { ...where, connection: 'new', connected: rounded(connected) };
}

function faultOf({ entry, code, message, replayable }: FaultNote) {
  return { cause: entry.key, code, baseCode: entry.code, message: copied(message), replayable };
}

function nextOf({ wentOn, stayed }: AttemptNote) {
  return wentOn || stayed === null ? { wentOn } : { wentOn, stayed };
}

function firedOf(note: AttemptNote, places: Places) {
  const fired = places.deadlines.fired(note);
  return fired === undefined ? {} : { fired };
}

/** Rows of endpoints and backends (wso2-gateway.md 2.5). */
export function isOfEndpoint(entry: ErrorEntry | undefined): boolean {
  return entry !== undefined && entry.code >= 101_500 && entry.code < 310_000;
}

function endpointOf(record: LeafRecord): StoryEndpoint {
  const { status, cause, retryAt } = record.state.facts;
  const retryIn = status === 'off' ? null : rounded(Math.max(0, retryAt - monotonic()));
  const { name, url } = leafRow(record);
  return { name, url, state: status, cause, reason: record.reason, ...(status === 'active' ? {} : { retryIn }) };
}

/** A text of its own: a piece of what a client sent would keep all of that in memory. */
function copied(text: string): string {
  return Buffer.from(shortened(text)).toString();
}

/** Longer than any method that is in use, and than what the engine makes pieces of. */
const longestMethod = 12;

function methodOf(method: string): string {
  return method.length > longestMethod ? copied(method) : method;
}

function shortened(text: string): string {
  return text.length > longest ? `${text.slice(0, longest)}…` : text;
}
