import type { PriorityStatistics } from '@sluice/gateway';

/** What several processes did with the calls of each priority, greatest priority first. */
export function sumPriorities(all: Iterable<readonly PriorityStatistics[] | undefined>): PriorityStatistics[] {
  const sums = new Map<number, PriorityStatistics>();
  for (const list of all) {
    for (const one of list ?? []) {
      const sum = sums.get(one.priority);
      sums.set(one.priority, sum === undefined ? one : added(sum, one));
    }
  }
  return [...sums.values()].sort((one, other) => other.priority - one.priority);
}

/** What stays of a process that has ended: its counters. */
export function retiredPriorities(priorities: readonly PriorityStatistics[] | undefined): PriorityStatistics[] {
  return (priorities ?? []).map((one) => ({ ...one, inFlight: 0, queued: 0 }));
}

function added(one: PriorityStatistics, other: PriorityStatistics): PriorityStatistics {
  return {
    priority: one.priority,
    inFlight: one.inFlight + other.inFlight,
    queued: one.queued + other.queued,
    full: one.full + other.full,
    late: one.late + other.late,
  };
}
