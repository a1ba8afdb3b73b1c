import assert from 'node:assert/strict';
import type { Answer } from '../../packages/gateway/testing/http.ts';
import { type ReasonName, reasons } from './reasons.ts';

/** What else a refusal must say. */
export interface Refusal {
  /** When the next call may pass, to the millisecond; null where nothing may say so. Left out, it is not looked at. */
  readonly until?: string | null;
}

/** The answer is WSO2's for this reason, in JSON (wso2-gateway.md 7.2). `now` in epoch milliseconds. */
export function assertRefusal(answer: Answer, name: ReasonName, now: number, { until }: Refusal = {}): void {
  const reason = reasons[name];
  const seen = `${answer.status} ${answer.headers['sluice-cause'] ?? ''} ${answer.body.slice(0, 300)}`;
  assert.equal(answer.headers['sluice-cause'], reason.cause, `refused as ${reason.cause}: ${seen}`);
  assert.equal(answer.status, reason.status, seen);
  assert.ok(answer.headers['sluice-request-id'], 'a refusal names its request');
  assert.match(answer.headers['content-type'] ?? '', /^application\/json/);
  const body = JSON.parse(answer.body) as Record<string, unknown>;
  assert.equal(body.code, reason.code);
  assert.equal(body.message, reason.message);
  if (until === undefined) {
    assert.ok(String(body.description).startsWith(reason.description), String(body.description));
    return;
  }
  const next = until === null ? null : nextAccess(until);
  assert.equal(body.description, reason.description + (next === null ? '' : ` .You can access API after ${next}`));
  assert.equal(body.nextAccessTime ?? null, next);
  assert.equal(answer.headers['retry-after'], until === null ? undefined : retryAfter(until, now));
}

const months = 'Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec'.split(' ');

/** Whole seconds, the last of which ends when calls pass again or after that. */
function retryAfter(until: string, now: number): string {
  return String(Math.ceil((Date.parse(until) - now) / 1000));
}

/** WSO2's way to write a time, `2025-Jan-05 10:01:00+0000 UTC`; a begun second is the next one. */
export function nextAccess(time: string): string {
  const at = new Date(Math.ceil(Date.parse(time) / 1000) * 1000).toISOString();
  return `${at.slice(0, 5)}${months[Number(at.slice(5, 7)) - 1]}-${at.slice(8, 10)} ${at.slice(11, 19)}+0000 UTC`;
}
