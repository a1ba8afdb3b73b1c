import { errors } from '../../packages/model/index.ts';
import type { SoakBackend } from './backend.ts';
import { isRepeatable, type SoakCall } from './ledger.ts';

/** How a call ended for its client: `200`, `502 backend-reset` with `Sluice-Cause`, `cut` without a whole answer, `refused` when HTTP/2 says that nothing was done, `left` when the client went away itself. */
export type Outcome = string;

/** What the client knows of the connection that the call was on. */
export interface Place {
  readonly port: number;
  readonly opened: number;
  /** Milliseconds for which the connection rested before the call. */
  readonly rested: number;
}

/** What was done to the gateway, as far as it explains why calls fail. */
export interface Events {
  /** Connections that a killed worker held: client port, and when it was killed. */
  readonly killed: ReadonlyMap<number, number>;
  /** Monotonic instants at which workers were told to give way to successors. */
  readonly reloads: readonly number[];
  readonly backends: readonly SoakBackend[];
}

const statusOf = new Map(Object.values(errors).map(({ key, status }) => [key as string, status as number]));

/** Milliseconds for which connections that rest may be closed after a reload: grace, start of the successors, and some. */
const reloadMillis = 10_000;
/** Bytes of an unwanted body that are read and thrown away: `sluice.gateway.max_discarded_body`. */
const mostDiscarded = 262_144;
/** Milliseconds a client may rest before a drained worker closes its connection. */
const graceMillis = 900;

/** Why a call failed that was not made to fail; undefined when nothing explains it. */
export function explain(
  call: SoakCall,
  outcome: Outcome,
  place: Place,
  events: Events,
  now: number,
): string | undefined {
  const killed = events.killed.get(place.port);
  if (outcome === 'cut') {
    if (killed !== undefined && killed >= place.opened) return 'its worker was killed';
    if (call.lostBackend) return 'its backend was killed in the middle of the answer';
    const away = events.backends.some((backend) => backend.wasAway(call.begun));
    // The answer came and the connection was closed behind it: a client that is still writing then may not get to read it.
    if (away && call.upload > mostDiscarded) return 'its backend was away, and the rest of its long body was not taken';
    const reload = events.reloads.some((at) => at <= now && now <= at + reloadMillis);
    if (reload && place.rested >= graceMillis) return 'its connection had rested while the worker was replaced';
    return undefined;
  }
  // GOAWAY: the worker gives way, and tells that it has done nothing of the call.
  if (outcome === 'refused') return 'refused by a worker that was being replaced';
  const [status, cause = ''] = outcome.split(' ');
  if (statusOf.get(cause) !== Number(status)) return undefined;
  // The other endpoint takes over whatever may be sent again, if it is there.
  if (call.api === 'pair' && !events.backends.every((backend) => backend.wasAway(call.begun))) return undefined;
  const broken = breaks.has(cause);
  if (broken && call.lostBackend) return 'its backend was killed before the answer';
  const away = events.backends.some((backend) => backend.wasAway(call.begun));
  if (away && (broken || cause === 'backend-connection-refused')) return 'its backend was away';
  if (broken && !isRepeatable(call) && events.backends.some((backend) => backend.left(call.begun)))
    return 'its backend closed the kept connection at that moment';
  return undefined;
}

/** Causes of a connection that a backend did not keep. */
const breaks = new Set(['backend-reset', 'backend-write-failed', 'backend-closed', 'backend-connection-stale']);

/** Whether the catalogue has an answer with this status and cause. */
export function inCatalogue(status: number, cause: string): boolean {
  return statusOf.get(cause) === status;
}
