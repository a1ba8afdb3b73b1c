import type { FailureStatistics } from '@sluice/gateway';

/** How calls and attempts failed in several processes. */
export function sumFailures(all: Iterable<FailureStatistics | undefined>): FailureStatistics {
  const [calls, faults]: [Record<string, number>, Record<string, number>] = [{}, {}];
  for (const one of all) {
    add(calls, one?.calls ?? {});
    add(faults, one?.faults ?? {});
  }
  return { calls, faults };
}

function add(sums: Record<string, number>, counts: Readonly<Record<string, number>>): void {
  for (const [name, count] of Object.entries(counts)) sums[name] = (sums[name] ?? 0) + count;
}
