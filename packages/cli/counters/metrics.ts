import { series } from '../workers/metrics.ts';
import type { LeaseCounts } from './lease-counts.ts';
import type { NearnessCounts } from './near-limits.ts';

/**
 * What the authority of this machine did, in Prometheus text form. `live` are the counters whose windows are open,
 * `shared` says whether Redis answers, where it is used.
 */
export function counterMetrics(
  counts: LeaseCounts,
  live: number,
  nearness: NearnessCounts | undefined,
  shared: boolean | undefined,
): string {
  const name = 'sluice_throttle';
  return [
    series(`${name}_counters`, 'gauge', 'Counters whose windows are open.', [['', live]]),
    series(`${name}_lease_batches_total`, 'counter', 'Messages in which processes asked for leases.', [
      ['', counts.batches],
    ]),
    series(
      `${name}_leases_total`,
      'counter',
      'Answers about leases.',
      Object.entries(counts.outcomes).map(([outcome, count]) => [`{outcome="${outcome}"}`, count] as const),
    ),
    ...(shared === undefined
      ? []
      : [
          series(`${name}_redis_up`, 'gauge', 'Whether Redis, which holds the shared counters, answers.', [
            ['', shared ? 1 : 0],
          ]),
        ]),
    ...(nearness === undefined
      ? []
      : [
          series(
            `${name}_near_limit_total`,
            'counter',
            'Windows in which four fifths of a limit were used (near), and all of it (reached).',
            [...nearness].flatMap(([level, { near, reached }]) => [
              [`{level="${level}",event="near"}`, near] as const,
              [`{level="${level}",event="reached"}`, reached] as const,
            ]),
          ),
        ]),
  ].join('');
}
