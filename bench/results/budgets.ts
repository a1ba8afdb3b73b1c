import type { Case } from '../cases.ts';
import type { MemoryCase } from '../memory/cases.ts';
import { median, type Row, type Sample } from './figures.ts';

/** One promise of Sluice, and what was measured of it. */
export interface Verdict {
  readonly case: string;
  /** What is bounded, in words. */
  readonly budget: string;
  /** Null where something that it needs was not measured. */
  readonly figure: number | null;
  readonly bound: number;
  /** What is wished for beyond the bound. */
  readonly aim?: number;
  readonly unit: string;
  /** Sluice was asked for it and could not do it. */
  readonly failed: boolean;
}

/** Undefined where nobody can say: something else was not measured. */
export function holds({ figure, bound, failed }: Verdict): boolean | undefined {
  if (failed) return false;
  return figure === null ? undefined : figure <= bound;
}

/** The cases of small GETs that have budgets of their own. */
const smallGets: ReadonlySet<string> = new Set(['get-1k-64', 'get-1k-512']);
const measured = 'sluice';

/** What a case says of the budgets. `peers` are the usual gateways of Node.js. */
export function verdictsOf(
  the: Case,
  rows: readonly Row[],
  samples: readonly Sample[],
  peers: readonly string[],
): Verdict[] {
  const failed = rows.some(({ proxy, reason }) => proxy === measured && reason !== undefined);
  const ratio = (budget: string, baseline: string | undefined, bound: number, aim?: number): Verdict => ({
    case: the.key,
    budget,
    figure: baseline === undefined ? null : inRounds(measured, baseline, samples, (one, other) => one / other),
    bound,
    ...(aim === undefined ? {} : { aim }),
    unit: 'x',
    failed,
  });
  const own = samples.filter(({ proxy }) => proxy === measured);
  const one = (budget: string, figures: readonly number[], bound: number, unit: string): Verdict => ({
    case: the.key,
    budget,
    figure: figures.length > 0 ? median(figures) : null,
    bound,
    unit,
    failed,
  });
  if (the.deployment === 'endpoints') return endpointVerdicts(the, samples);
  if (the.deployment === 'limits' || the.deployment === 'shared limits') return limitVerdicts(the, samples);
  const small = smallGets.has(the.key);
  const peer = cheapest(peers, samples);
  return [
    small ? ratio('CPU by bare nginx', 'nginx', 1.5, 1.2) : ratio('CPU by bare nginx', 'nginx', 1.8),
    ...(small
      ? [
          ratio('CPU by nginx with key and limit', 'nginx-guarded', 1.25, 1),
          ratio('CPU by HAProxy with key and limit', 'haproxy-guarded', 1.25, 1),
        ]
      : []),
    ratio(`CPU by the best Node gateway${peer === undefined ? '' : ` (${peer})`}`, peer, 0.5),
    ...(the.halfLoad
      ? [
          one(
            'p99 added',
            own.flatMap(({ addedP99Millis }) => addedP99Millis ?? []),
            1,
            'ms',
          ),
        ]
      : []),
    ...(the.idleConnections > 0
      ? [
          one(
            'memory per idle connection',
            own.flatMap(({ kibPerIdleConnection }) => kibPerIdleConnection ?? []),
            6,
            'KiB',
          ),
        ]
      : []),
  ];
}

/** What limits cost: all levels beside none, and sharing one beside a peer that does. */
function limitVerdicts({ key, deployment }: Case, samples: readonly Sample[]): Verdict[] {
  const compared = (budget: string, figure: number | null, bound: number, unit: string): Verdict => ({
    case: key,
    budget,
    figure,
    bound,
    unit,
    failed: figure === null,
  });
  if (deployment === 'shared limits') {
    const ratios = inRounds('sluice-redis', 'limiter-redis', samples, (one, other) => one / other);
    return [compared('CPU by rate-limiter-flexible on Redis', ratios, 0.5, 'x')];
  }
  const levels = inRounds('sluice-levels', 'sluice-unlimited', samples, (one, other) => one - other);
  return [compared('CPU added by limits of every level', levels, 3, 'µs')];
}

/** What groups and deadlines cost beside APIs without them. */
function endpointVerdicts({ key }: Case, samples: readonly Sample[]): Verdict[] {
  const added = (budget: string, one: string, other: string): Verdict => {
    const figure = inRounds(one, other, samples, (cost, without) => (cost / without - 1) * 100);
    return { case: key, budget, figure, bound: 5, unit: '%', failed: figure === null };
  };
  return [
    added('CPU added by a failover group of three', 'sluice-failover', 'sluice'),
    added('CPU added by deadlines of every kind', 'sluice-deadlines', 'sluice-timeless'),
  ];
}

/** What two programs cost, compared round by round: the median; null where they did not run. */
function inRounds(
  one: string,
  other: string,
  samples: readonly Sample[],
  compare: (one: number, other: number) => number,
): number | null {
  const costs = new Map(
    samples.filter(({ proxy }) => proxy === other).map((the) => [the.round, the.cpuMicrosPerRequest]),
  );
  const found = samples.flatMap(({ proxy, round, cpuMicrosPerRequest }) => {
    const cost = costs.get(round);
    return proxy === one && cost ? [compare(cpuMicrosPerRequest, cost)] : [];
  });
  return found.length > 0 ? median(found) : null;
}

/** What a case of memory says. */
export function memoryVerdict(the: MemoryCase, { rssGrowth, reason }: Row): Verdict {
  return {
    case: the.key,
    budget: 'growth of memory',
    figure: rssGrowth === undefined ? null : rssGrowth * 100,
    bound: 10,
    unit: '%',
    failed: reason !== undefined,
  };
}

/** The program whose calls cost least. */
function cheapest(programs: readonly string[], samples: readonly Sample[]): string | undefined {
  const costs = programs.flatMap((program) => {
    const own = samples.filter(({ proxy }) => proxy === program).map((one) => one.cpuMicrosPerRequest);
    return own.length > 0 ? [{ program, cost: median(own) }] : [];
  });
  return costs.toSorted((a, b) => a.cost - b.cost)[0]?.program;
}
