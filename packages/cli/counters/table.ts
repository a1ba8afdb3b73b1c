import type { CounterState } from '@sluice/model';
import { columns } from '../terminal/columns.ts';

const heads = ['LEVEL', 'KEY', 'USED', 'LIMIT', 'WINDOW', 'RESETS', 'ID'];

/** Counters for people: a line each, and how many there are when not all are shown. */
export function counterTable(counters: readonly CounterState[], total: number): string {
  if (total === 0) return 'Nothing was counted in a window that is open.\n';
  const rows = counters.map((counter) => [
    counter.level,
    counter.key,
    `${counter.used} ${counter.measure} (${shareOf(counter)})`,
    String(counter.limit),
    windowText(counter),
    new Date(counter.resetsAt).toISOString(),
    counter.id,
  ]);
  const text = columns([heads, ...rows]);
  return counters.length < total ? `${text}${counters.length} of ${total}; --limit shows more\n` : text;
}

/** One counter for people. */
export function counterDetails(counter: CounterState): string {
  return columns([
    ['counter', counter.id],
    ['level', counter.level],
    ['key', counter.key],
    ['limit', `${counter.limit} ${counter.measure} in ${windowText(counter)}`],
    ['used', `${counter.used} (${shareOf(counter)})`],
    ['left', String(counter.left)],
    ['next reset', new Date(counter.resetsAt).toISOString()],
    ...counter.holders.map(({ name, units }) => ['granted', `${units} to ${name}`]),
  ]);
}

function shareOf({ used, limit }: CounterState): string {
  return limit === 0 ? 'none allowed' : `${Math.floor((100 * used) / limit)} %`;
}

function windowText({ window: { unit, count } }: CounterState): string {
  return unit === 'ms' ? `${count} ms from the first call` : `${count} ${unit}`;
}
