import type { TimeUnit } from '../../plan.ts';
import { mostOfUnit } from '../policies/limit.ts';
import { SiddhiError } from './siddhi-error.ts';
import type { TokenReader } from './token-reader.ts';

/** Windows that count a fixed time. Those of the first samples of WSO2 slide; they are read as aligned ones too. */
const forms: readonly string[] = ['throttler:timebatch', 'window.timebatch', 'window.time'];

const unitOf: Readonly<Record<string, readonly [unit: TimeUnit, count: number]>> = {
  sec: ['sec', 1],
  second: ['sec', 1],
  min: ['min', 1],
  minute: ['min', 1],
  hour: ['hour', 1],
  day: ['day', 1],
  week: ['day', 7],
  month: ['month', 1],
  year: ['month', 12],
};

/** Reads `throttler:timeBatch(1 min, 0)`. Throws `SiddhiError`. */
export function readWindow(reader: TokenReader): { kind: 'aligned'; unit: TimeUnit; count: number } {
  const { at } = reader.current;
  const first = reader.expectAnyWord();
  const separator = reader.current.value;
  if (!reader.takeSign(':')) reader.expectSign('.');
  const name = `${first}${separator}${reader.expectAnyWord()}`;
  if (!forms.includes(name.toLowerCase())) {
    throw new SiddhiError(`the window ${name} is not read; write throttler:timeBatch`, at);
  }
  reader.expectSign('(');
  const span = readSpan(reader);
  if (reader.takeSign(',')) {
    const start = reader.current;
    if (start.kind !== 'number' || Number(start.value.replace(/[lL]$/, '')) !== 0) {
      throw new SiddhiError('windows begin at the epoch: the second argument must be 0', start.at);
    }
    reader.next();
  }
  reader.expectSign(')');
  return span;
}

function readSpan(reader: TokenReader): { kind: 'aligned'; unit: TimeUnit; count: number } {
  const { kind, value, at } = reader.current;
  if (kind !== 'number') throw reader.unexpected('a time such as 1 min');
  reader.next();
  const count = Number(value);
  const word = reader.current.value.toLowerCase();
  const known = unitOf[word] ?? unitOf[word.replace(/s$/, '')];
  if (known === undefined || reader.current.kind !== 'word')
    throw reader.unexpected('sec, min, hour, day, week, month or year');
  reader.next();
  const [unit, each] = known;
  const most = Math.floor(mostOfUnit[unit] / each);
  if (!Number.isInteger(count) || count < 1 || count > most) {
    throw new SiddhiError(`a window has 1 to ${most} whole units`, at);
  }
  return { kind: 'aligned', unit, count: count * each };
}
