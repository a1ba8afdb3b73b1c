import type { Expression } from './expression.ts';
import { readValue } from './read-value.ts';
import type { ThrottleRule } from './rule.ts';
import type { Selection } from './selection.ts';
import { SiddhiError } from './siddhi-error.ts';

/** The other way round where the amount stands on the left. */
const mirrored: Readonly<Record<string, string>> = { '<=': '>=', '<': '>' };

/**
 * The limit in `(count(userId) >= 5) AS isThrottled`: with `>=` the fifth call passes and the sixth does not, with `>` one more does.
 * `before` is what the first part of the query selects, under whose names the size of a message may stand. Throws `SiddhiError`.
 */
export function readAmount(
  throttled: Expression,
  before: Selection,
): Pick<ThrottleRule['limit'], 'amount' | 'measure'> {
  if (throttled.kind !== 'compare') throw notRead(throttled);
  const swapped = throttled.left.kind === 'literal';
  const [counted, bound] = swapped ? [throttled.right, throttled.left] : [throttled.left, throttled.right];
  const operator = swapped ? mirrored[throttled.operator] : throttled.operator;
  if ((operator !== '>=' && operator !== '>') || bound.kind !== 'literal' || typeof bound.value !== 'number') {
    throw notRead(throttled);
  }
  const amount = operator === '>' ? bound.value + 1 : bound.value;
  if (!Number.isSafeInteger(amount) || amount < 1) {
    throw new SiddhiError(
      'the amount must be a whole number of at least 1; to shut clients out, use a deny policy',
      bound.at,
    );
  }
  return { amount, measure: measureOf(counted, before) };
}

function measureOf(counted: Expression, before: Selection): 'calls' | 'bytes' {
  if (counted.kind !== 'call') throw notRead(counted);
  if (counted.name === 'count' || counted.name === 'throttler:count') return 'calls';
  if (counted.name !== 'sum' && counted.name !== 'throttler:sum') throw notRead(counted);
  const [summed] = counted.args;
  const source = summed?.kind === 'name' ? (before.named.get(summed.name.toLowerCase()) ?? summed) : summed;
  if (source === undefined || !isMessageSize(source)) {
    throw new SiddhiError('only the sum of messageSize is counted', counted.at);
  }
  return 'bytes';
}

function isMessageSize(source: Expression): boolean {
  if (source.kind === 'name') return source.name === 'messageSize';
  const value = readValue(source);
  return value.kind === 'property' && value.name === 'messageSize';
}

function notRead({ at }: Expression): SiddhiError {
  return new SiddhiError('isThrottled must be (count(…) >= NUMBER) or (sum(messageSize) >= NUMBER)', at);
}
