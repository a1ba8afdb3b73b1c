import type { Counter, Window } from '@sluice/throttle';
import type { Exchange } from '../chain/exchange.ts';
import type { Allowance } from './allowance.ts';

/** Milliseconds of each unit whose windows are all of one length. */
const millisOf = { sec: 1000, min: 60_000, hour: 3_600_000, day: 86_400_000 } as const;

/** What scripts of other origins may read of it. */
const exposed = 'Access-Control-Expose-Headers: RateLimit, RateLimit-Policy, Retry-After\r\n';

/**
 * `RateLimit-Policy` and `RateLimit` (draft-ietf-httpapi-ratelimit-headers-10), one item for each limit that the call meets, in the order of the
 * levels and by their names: keys and plans are nobody else's business. What is left is what this process knows of.
 */
export function rateLimitLines({ api }: Exchange, allowances: readonly Allowance[], now: number): string {
  if (allowances.length === 0) return '';
  let policies = '';
  let limits = '';
  for (let place = 0; place < allowances.length; place++) {
    const { level, counter } = allowances[place] as Allowance;
    const again = allowances.slice(0, place).filter((before) => before.level === level).length;
    const name = again === 0 ? `"${level.name}"` : `"${level.name}-${again + 1}"`;
    const comma = place === 0 ? '' : ', ';
    policies += comma + name + policyParameters(counter);
    limits += `${comma}${name};r=${integer(counter.left)};t=${Math.max(0, Math.ceil((counter.resetsAt - now) / 1000))}`;
  }
  return `RateLimit-Policy: ${policies}\r\nRateLimit: ${limits}\r\n${api?.cors == null ? '' : exposed}`;
}

function policyParameters({ limit: { amount, measure, window } }: Counter): string {
  const seconds = secondsOf(window);
  const unit = measure === 'bytes' ? ';qu="content-bytes"' : '';
  return `;q=${integer(amount)}${seconds === null ? '' : `;w=${seconds}`}${unit}`;
}

/** Months differ in length, and a window has to say one. */
function secondsOf(window: Window): number | null {
  if (window.kind === 'first-call') return Math.ceil(window.millis / 1000);
  return window.unit === 'month' ? null : (window.count * millisOf[window.unit]) / 1000;
}

/** Integers of structured fields have 15 digits at most (RFC 9651 section 3.3.1). */
function integer(value: number): number {
  return Math.min(Math.max(0, Math.floor(value)), 999_999_999_999_999);
}
