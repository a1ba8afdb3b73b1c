import type { Burst, Quota, TimeUnit } from '@sluice/model';

/** What a limit counts: calls, bytes of bodies, or events of a stream. */
export type Measure = 'calls' | 'bytes' | 'events';

/**
 * When counting begins anew. Aligned windows lie side by side from the epoch on, in UTC, the same for every counter
 * (wso2-gateway.md 7.3); those of a burst begin with the first call after the last one ended.
 */
export type Window =
  | { readonly kind: 'aligned'; readonly unit: TimeUnit; readonly count: number }
  | { readonly kind: 'first-call'; readonly millis: number };

/** How much of what may pass in a window. */
export interface Limit {
  /** Whole units, at least 0. */
  readonly amount: number;
  readonly measure: Measure;
  readonly window: Window;
}

/** Bytes of each unit of a bandwidth quota: WSO2 counts in powers of 1024. */
const bytesOf = { KB: 1024, MB: 1024 ** 2, GB: 1024 ** 3 } as const;

/** The limit that a quota of a plan sets. */
export function limitOfQuota(quota: Quota): Limit {
  const window: Window = { kind: 'aligned', unit: quota.timeUnit, count: quota.unitTime };
  switch (quota.type) {
    case 'REQUESTCOUNTLIMIT':
      return { amount: quota.requestCount, measure: 'calls', window };
    case 'BANDWIDTHLIMIT':
      return { amount: quota.dataAmount * bytesOf[quota.dataUnit], measure: 'bytes', window };
    case 'EVENTCOUNTLIMIT':
      return { amount: quota.eventCount, measure: 'events', window };
  }
}

/** The limit that the burst rate of a plan sets. */
export function limitOfBurst({ count, timeUnit }: Burst): Limit {
  return {
    amount: count,
    measure: 'calls',
    window: { kind: 'first-call', millis: timeUnit === 'min' ? 60_000 : 1000 },
  };
}
