import { type ErrorEntry, errors } from '@sluice/model';
import type { Window } from '@sluice/throttle';
import { correlationOf } from '../chain/correlation.ts';
import type { Exchange } from '../chain/exchange.ts';
import { fail } from '../chain/fault.ts';
import type { FaultLog } from '../chain/fault-log.ts';
import type { Allowance } from './allowance.ts';
import type { Denied } from './conditions/deny-policies.ts';
import { rateLimitLines } from './rate-limit-fields.ts';

/** Seconds after which the authority on quotas may be there again. */
const awaySeconds = 1;

/** Why a call does not go on, and when that was found. */
export interface Refusal {
  readonly cause: 'limit' | 'away';
  /** What it would have cost. */
  readonly units: number;
  /** Epoch milliseconds. */
  readonly now: number;
}

/** What a deny policy names of a call, and whose address counted as that of its client. */
export interface Denial {
  readonly denied: Denied;
  readonly address: string;
  /** Epoch milliseconds. */
  readonly now: number;
}

/** Answers for a limit that is reached, and writes down which one. */
export function refuse(exchange: Exchange, allowance: Allowance, { cause, units, now }: Refusal, log: FaultLog): false {
  const { level, counter, plan, origin } = allowance;
  const { amount } = counter.limit;
  const entry = cause === 'limit' ? level.error : errors.quotaAuthorityAway;
  const end = counter.resetsAt;
  recordLimit(exchange, allowance, entry, log, now);
  const headers = exchange.allowances === null ? '' : rateLimitLines(exchange, exchange.allowances, now);
  const bound = {
    setting: plan === '' ? `limit of the ${level.name}` : `plan ${plan} (${level.name})`,
    value: amount,
    origin,
  };
  if (cause === 'away') return fail(exchange, entry, undefined, { retryAfter: awaySeconds, headers });
  // What costs more than a whole window has is not let in by the next one either.
  if (Math.max(1, units) > amount) return fail(exchange, entry, undefined, { headers, bound });
  return fail(exchange, entry, undefined, {
    nextAccess: end,
    retryAfter: Math.max(1, Math.ceil((end - now) / 1000)),
    headers,
    bound,
  });
}

/** Writes down which limit an event of a call did not pass. */
export function recordRefusedEvent(exchange: Exchange, allowance: Allowance, log: FaultLog, now: number): void {
  recordLimit(exchange, allowance, errors.eventLimitExceeded, log, now);
}

/** Answers a call that a deny policy shuts out. */
export function deny(exchange: Exchange, { denied, address, now }: Denial, log: FaultLog): false {
  if (log.takes(now)) {
    const context = exchange.api?.source.basePath;
    log.write({ ...whose(exchange), cause: errors.requestDenied.key, level: 'deny', denied, address, context });
  }
  return fail(exchange, errors.requestDenied);
}

/** A flood of refused calls must cost no more than their answers. */
function recordLimit(
  exchange: Exchange,
  allowance: Allowance,
  { key: cause }: ErrorEntry,
  log: FaultLog,
  now: number,
): void {
  if (!log.takes(now)) return;
  const { level, counter, plan, origin } = allowance;
  const { amount, measure, window } = counter.limit;
  log.write({
    ...whose(exchange),
    cause,
    level: level.name,
    ...(plan === '' ? {} : { plan }),
    origin,
    limit: `${amount} ${measure}`,
    window: describe(window),
    key: counter.key,
    ends: new Date(counter.resetsAt).toISOString(),
  });
}

function whose(exchange: Exchange) {
  const { call, api, application, token } = exchange;
  return {
    request: call.id,
    correlation: correlationOf(exchange),
    api: api?.label,
    application: application?.source.name,
    user: token?.user,
    client: call.remoteAddress,
  };
}

function describe(window: Window): string {
  return window.kind === 'aligned' ? `${window.count} ${window.unit}` : `${window.millis} ms from the first call`;
}
