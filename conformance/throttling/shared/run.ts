import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { startRedisServer } from '../../../packages/throttle/testing/redis-server.ts';
import type { Scope } from '../../program/program.ts';
import { countingBackend } from './counting-backend.ts';
import { type Fleet, startFleet } from './fleet.ts';
import { PacedLoad, type Tally } from './paced-load.ts';

/** How hard the gateways are tried. */
export interface Trial {
  readonly gateways: number;
  /** Calls a second, all gateways together. */
  readonly rate: number;
  /** Calls that a window of `seconds` admits. */
  readonly limit: number;
  readonly seconds: number;
  /** Windows before Redis dies, and after it has come back empty; in between is one in which both happens. */
  readonly before: number;
  readonly after: number;
}

/** One window as the clients saw it. */
export interface WindowResult {
  readonly phase: 'first' | 'before' | 'outage' | 'after';
  readonly sent: number;
  readonly admitted: number;
  readonly refused: number;
  /** Calls that were refused because nobody could say whether the limit is reached. */
  readonly away: number;
  readonly others: readonly string[];
  /** Milliseconds. */
  readonly p50: number;
  readonly p99: number;
  readonly slowest: number;
  /** The same of calls to an API that nothing limits, made in between. */
  readonly unlimitedP99: number;
  /** All answers had come before the window ended, so that every call is one of this window. */
  readonly whole: boolean;
}

export interface TrialResult {
  readonly windows: readonly WindowResult[];
  /** Lines about Redis in the log of each gateway, in order. */
  readonly log: readonly (readonly string[])[];
  /** What the backend got, and what clients were told it did. */
  readonly delivered: number;
  readonly admitted: number;
}

/** Milliseconds after a window begins in which nobody calls, and before it ends: so that no call is between two windows. */
const [begin, rest] = [150, 600];
/** Milliseconds of a window after which Redis dies, and for which it stays away, as parts of the window. */
const [death, absence] = [0.3, 0.25];

/** Runs the trial; ends with everything stopped but what the scope stops. */
export async function runTrial(
  scope: Scope,
  trial: Trial,
  say: (text: string) => void = () => {},
): Promise<TrialResult> {
  const redis = await startRedisServer();
  scope.after(() => redis.stop());
  const backend = await countingBackend(scope);
  const { gateways: count, limit: calls, seconds: unitTime } = trial;
  const plan = { name: 'Wire', calls, timeUnit: 'sec', unitTime } as const;
  const fleet = await startFleet(scope, {
    gateways: count,
    redis: `redis://127.0.0.1:${redis.port}`,
    backends: { limited: backend.url, unlimited: (await countingBackend(scope)).url },
    plan,
  });
  const load = new PacedLoad(fleet.limited, fleet.unlimited);
  const urls = fleet.gateways.map((gateway) => gateway.urls.gateway as string);
  await load.open(scope, urls, Math.ceil(256 / count));
  const windows: WindowResult[] = [];
  const before = backend.count;
  const one = async (phase: WindowResult['phase'], meanwhile?: () => Promise<void>) => {
    const result = await oneWindow(load, trial, phase, meanwhile);
    windows.push(result);
    say(describeWindow(result, trial));
  };
  // Fresh processes take their time; the bound holds for them too.
  await one('first');
  for (let index = 0; index < trial.before; index++) await one('before');
  await one('outage', async () => {
    await pause(death * unitTime * 1000);
    await redis.kill();
    await pause(absence * unitTime * 1000);
    await redis.start();
  });
  for (let index = 0; index < trial.after; index++) await one('after');
  return {
    windows,
    log: fleet.gateways.map(linesAboutRedis),
    delivered: backend.count - before,
    admitted: windows.reduce((sum, { admitted }) => sum + admitted, 0),
  };
}

async function oneWindow(
  load: PacedLoad,
  { rate, seconds }: Trial,
  phase: WindowResult['phase'],
  meanwhile: () => Promise<void> = async () => {},
): Promise<WindowResult> {
  const length = seconds * 1000;
  const from = (Math.floor(Date.now() / length) + 1) * length;
  await pause(from + begin - Date.now());
  const [tally] = await Promise.all([load.run(rate, from + length - rest), meanwhile()]);
  return { phase, whole: Date.now() < from + length, ...figuresOf(tally) };
}

function figuresOf({ sent, admitted, refused, away, others, latencies, unlimited }: Tally) {
  return {
    ...{ sent, admitted, refused, away, others: others.slice(0, 5) },
    ...{ p50: quantile(latencies, 0.5), p99: quantile(latencies, 0.99), slowest: quantile(latencies, 1) },
    unlimitedP99: quantile(unlimited, 0.99),
  };
}

function quantile(values: readonly number[], part: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * part))] ?? 0;
}

/** One line for people. */
function describeWindow(one: WindowResult, { limit }: Trial): string {
  const share = ((100 * one.admitted) / limit).toFixed(2);
  const times = [one.p50, one.p99, one.slowest].map((millis) => millis.toFixed(1)).join(' / ');
  const odd = one.others.length > 0 ? `  others: ${one.others.join(' | ')}` : '';
  return `${one.phase.padEnd(6)} sent ${one.sent}  admitted ${one.admitted} of ${limit} (${share} %)  refused ${one.refused}  unknown ${one.away}  p50/p99/max ${times} ms, p99 without limit ${one.unlimitedP99.toFixed(1)} ms${one.whole ? '' : '  (ran over its end)'}${odd}`;
}

function linesAboutRedis({ home }: Fleet['gateways'][number]): string[] {
  return readFileSync(join(home, 'logs', 'sluice.log'), 'utf8')
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line).msg as string)
    .filter((msg) => /redis/i.test(msg));
}

function pause(millis: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, Math.max(0, millis)));
}
