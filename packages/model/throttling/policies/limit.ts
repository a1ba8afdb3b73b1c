import type { Findings } from '../../finding.ts';
import { member } from '../../finding.ts';
import type { Json, JsonObject } from '../../json.ts';
import type { Quota, TimeUnit } from '../../plan.ts';
import { isObject, readCount, readOptionalCount } from './reading.ts';

/** How WSO2 writes a number of calls or events without bound: Java's largest integer. Larger ones it does not know. */
export const unlimitedAmount = 2_147_483_647;

/** Bytes are counted exactly up to here. */
const mostBytes = Number.MAX_SAFE_INTEGER;

/** Spellings of the units: those of the REST description and those that WSO2's engine and its files use (wso2-gateway.md 7.4). */
const timeUnits: ReadonlyMap<string, TimeUnit> = new Map(
  Object.entries({
    ...{ sec: 'sec', second: 'sec', seconds: 'sec', min: 'min', minute: 'min', minutes: 'min' },
    ...{ hour: 'hour', hours: 'hour', day: 'day', days: 'day', month: 'month', months: 'month' },
  } as const),
);

/** Windows of at most ten years. */
export const mostOfUnit: Readonly<Record<TimeUnit, number>> = {
  sec: 315_360_000,
  min: 5_256_000,
  hour: 87_600,
  day: 3_650,
  month: 120,
};

const bytesOf = { KB: 1024, MB: 1024 ** 2, GB: 1024 ** 3 } as const;

/** The member of WSO2's `ThrottleLimit` that belongs to each type. */
const forms = {
  REQUESTCOUNTLIMIT: 'requestCount',
  BANDWIDTHLIMIT: 'bandwidth',
  EVENTCOUNTLIMIT: 'eventCount',
  AIAPIQUOTALIMIT: 'aiApiQuota',
} as const;

/** What a `ThrottleLimit` says; `quota` null limits nothing. `tokens` are the counts of a limit for AI APIs beside its requests. */
export interface ReadLimit {
  readonly quota: Quota | null;
  /** It is events that it does not limit: such a plan is for APIs of events. */
  readonly unlimitedEvents?: true;
  readonly tokens?: JsonObject;
}

/** Reads WSO2's `ThrottleLimit`; undefined when a finding says why it cannot be. */
export function readLimit(value: Json | undefined, path: string, findings: Findings): ReadLimit | undefined {
  const type = isObject(value) ? (value.type as keyof typeof forms) : undefined;
  if (!isObject(value) || type === undefined || !Object.hasOwn(forms, type)) {
    const expected = `an object whose type is ${Object.keys(forms).join(', ')}`;
    findings.error(isObject(value) ? member(path, 'type') : path, type ?? value, expected, 'Choose what is counted.');
    return undefined;
  }
  const form = forms[type];
  const inner = value[form];
  const place = member(path, form);
  if (!isObject(inner)) {
    findings.error(place, inner, 'an object with timeUnit, unitTime and the amount', `Give it: the type is ${type}.`);
    return undefined;
  }
  const window = readWindow(inner, place, findings);
  const count = (name: string) => readCount(inner, name, place, unlimitedAmount, findings);
  switch (type) {
    case 'REQUESTCOUNTLIMIT': {
      const requestCount = count('requestCount');
      if (requestCount === undefined || window === undefined) return undefined;
      return { quota: requestCount === unlimitedAmount ? null : { type, requestCount, ...window } };
    }
    case 'EVENTCOUNTLIMIT': {
      const eventCount = count('eventCount');
      if (eventCount === undefined || window === undefined) return undefined;
      if (eventCount === unlimitedAmount) return { quota: null, unlimitedEvents: true };
      return { quota: { type, eventCount, ...window } };
    }
    case 'BANDWIDTHLIMIT': {
      const amount = readAmount(inner, place, findings);
      return amount === undefined || window === undefined ? undefined : { quota: { type, ...amount, ...window } };
    }
    case 'AIAPIQUOTALIMIT': {
      const requestCount = count('requestCount');
      const tokens: JsonObject = {};
      for (const name of ['totalTokenCount', 'promptTokenCount', 'completionTokenCount']) {
        const tokenCount = readOptionalCount(inner, name, place, unlimitedAmount, findings);
        if (tokenCount !== undefined) tokens[name] = tokenCount;
      }
      if (requestCount === undefined || window === undefined) return undefined;
      return { quota: { type: 'REQUESTCOUNTLIMIT', requestCount, ...window }, tokens: { requestCount, ...tokens } };
    }
  }
}

/** WSO2's `ThrottleLimit` of a quota. `tokens` makes it one for AI APIs, `unlimitedEvents` one of events where it limits nothing. */
export function limitView(
  quota: Quota | null,
  {
    tokens,
    unlimitedEvents = false,
  }: { readonly tokens?: JsonObject | undefined; readonly unlimitedEvents?: boolean } = {},
): JsonObject {
  if (quota === null) {
    const window = { timeUnit: 'min', unitTime: 1 };
    return unlimitedEvents
      ? { type: 'EVENTCOUNTLIMIT', eventCount: { ...window, eventCount: unlimitedAmount } }
      : { type: 'REQUESTCOUNTLIMIT', requestCount: { ...window, requestCount: unlimitedAmount } };
  }
  const { type, timeUnit, unitTime } = quota;
  const window = { timeUnit, unitTime };
  if (tokens) return { type: 'AIAPIQUOTALIMIT', aiApiQuota: { ...window, ...tokens } };
  switch (quota.type) {
    case 'REQUESTCOUNTLIMIT':
      return { type, requestCount: { ...window, requestCount: quota.requestCount } };
    case 'BANDWIDTHLIMIT':
      return { type, bandwidth: { ...window, dataAmount: quota.dataAmount, dataUnit: quota.dataUnit } };
    case 'EVENTCOUNTLIMIT':
      return { type, eventCount: { ...window, eventCount: quota.eventCount } };
  }
}

function readWindow(
  of: JsonObject,
  path: string,
  findings: Findings,
): { readonly timeUnit: TimeUnit; readonly unitTime: number } | undefined {
  const written = of.timeUnit;
  const timeUnit = typeof written === 'string' ? timeUnits.get(written.toLowerCase()) : undefined;
  if (timeUnit === undefined) {
    findings.error(member(path, 'timeUnit'), written, 'sec, min, hour, day or month', 'A week is 7 of day.');
    return undefined;
  }
  const unitTime = readCount(of, 'unitTime', path, mostOfUnit[timeUnit], findings);
  return unitTime === undefined ? undefined : { timeUnit, unitTime };
}

function readAmount(of: JsonObject, path: string, findings: Findings) {
  const written = typeof of.dataUnit === 'string' ? of.dataUnit.toUpperCase() : '';
  const dataUnit = (['KB', 'MB', 'GB'] as const).find((unit) => unit === written);
  if (dataUnit === undefined) {
    const remedy = 'One KB is 1024 bytes.';
    findings.error(member(path, 'dataUnit'), of.dataUnit, 'KB, MB or GB', remedy);
    return undefined;
  }
  const most = Math.floor(mostBytes / bytesOf[dataUnit]);
  const dataAmount = readCount(of, 'dataAmount', path, most, findings);
  return dataAmount === undefined ? undefined : { dataAmount, dataUnit };
}
