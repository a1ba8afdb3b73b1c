import type { Setting, SettingValue } from './setting.ts';

/** A value of the type that a setting has, or what is wrong with what was given. */
export type Coerced =
  | { readonly ok: true; readonly value: SettingValue }
  | { readonly ok: false; readonly problem: string; readonly remedy?: string };

/**
 * Reads what a file, a variable or an argument gave as a value of the setting's type. As in WSO2, numbers and truth values may stand in quotes
 * and lists may be one text with separators; a text must be a text.
 */
export function coerce(setting: Setting, raw: unknown): Coerced {
  switch (setting.type) {
    case 'text':
    case 'secret':
      return readText(setting, raw);
    case 'boolean':
      return readBoolean(raw);
    case 'integer':
    case 'number':
      return inRange(setting, readNumber(raw), setting.type === 'integer');
    case 'duration':
      return inRange(setting, readWithUnit(raw, timeUnits, setting.unit), true);
    case 'size':
      return inRange(setting, readWithUnit(raw, sizeUnits, setting.unit), true);
    case 'list':
      return readList(setting, raw);
    case 'choice':
      return readChoice(setting, raw);
    case 'any':
      return { ok: true, value: Array.isArray(raw) ? raw.map(String) : typeof raw === 'boolean' ? raw : String(raw) };
  }
}

/** Milliseconds of each unit. */
const timeUnits: Readonly<Record<string, number>> = {
  ms: 1,
  s: 1000,
  sec: 1000,
  m: 60_000,
  min: 60_000,
  h: 3_600_000,
  d: 86_400_000,
};
/** Bytes of each unit; K, M and G are those of computers. */
const sizeUnits: Readonly<Record<string, number>> = {
  b: 1,
  bytes: 1,
  k: 1024,
  kb: 1024,
  kib: 1024,
  m: 1_048_576,
  mb: 1_048_576,
  mib: 1_048_576,
  g: 1_073_741_824,
  gb: 1_073_741_824,
  gib: 1_073_741_824,
};

function kindOf(raw: unknown): string {
  if (Array.isArray(raw)) return 'a list';
  if (raw instanceof Date) return 'a date';
  if (typeof raw === 'bigint') return 'a number';
  if (typeof raw === 'object') return 'a table';
  return typeof raw === 'string' ? 'a text' : typeof raw === 'boolean' ? 'a truth value' : 'a number';
}

const wrongKind = (raw: unknown, remedy?: string): Coerced => ({
  ok: false,
  problem: `is ${kindOf(raw)}`,
  ...(remedy === undefined ? {} : { remedy }),
});

function readText(setting: Setting, raw: unknown): Coerced {
  if (typeof raw !== 'string') return wrongKind(raw, 'put the value in quotes');
  if (raw.includes('\u0000')) return { ok: false, problem: 'holds a NUL character' };
  if (setting.form === undefined) return { ok: true, value: raw };
  // An empty text where nothing is the default means nothing.
  if (raw === '' && setting.default === undefined) return { ok: true, value: undefined };
  if (!setting.form.pattern.test(raw)) return { ok: false, problem: `is not ${setting.form.expected}` };
  return { ok: true, value: raw };
}

function readBoolean(raw: unknown): Coerced {
  if (typeof raw === 'boolean') return { ok: true, value: raw };
  if (typeof raw !== 'string') return wrongKind(raw);
  const word = raw.trim().toLowerCase();
  if (word === 'true' || word === 'false') return { ok: true, value: word === 'true' };
  return { ok: false, problem: 'is neither true nor false' };
}

type Number_ = { readonly number: number } | { readonly problem: string };

function readNumber(raw: unknown): Number_ {
  if (typeof raw === 'number') return { number: raw };
  if (typeof raw === 'bigint') return { number: Number(raw) };
  if (typeof raw !== 'string') return { problem: `is ${kindOf(raw)}` };
  const digits = raw.trim();
  return /^[+-]?\d+(\.\d+)?$/.test(digits) ? { number: Number(digits) } : { problem: 'is not a number' };
}

function readWithUnit(raw: unknown, units: Readonly<Record<string, number>>, unit = ''): Number_ {
  if (typeof raw !== 'string') return readNumber(raw);
  const match = /^(\d+(?:\.\d+)?)\s*([a-z]+)$/i.exec(raw.trim());
  if (match === null) return readNumber(raw);
  const from = units[match[2]?.toLowerCase() ?? ''];
  const to = units[unit.toLowerCase()];
  if (from === undefined || to === undefined) {
    return { problem: `has the unknown unit ${match[2]}; known are ${Object.keys(units).join(', ')}` };
  }
  return { number: (Number(match[1]) * from) / to };
}

function inRange(setting: Setting, read: Number_, whole: boolean): Coerced {
  if ('problem' in read) return { ok: false, problem: read.problem };
  const { number } = read;
  if (!Number.isFinite(number)) return { ok: false, problem: 'is not a finite number' };
  if (whole && !Number.isInteger(number)) {
    return {
      ok: false,
      problem: setting.unit === undefined ? 'is not a whole number' : `is not a whole number of ${setting.unit}`,
    };
  }
  const [least, most] = setting.range ?? [-Number.MAX_VALUE, Number.MAX_VALUE];
  if (number === setting.special?.value) return { ok: true, value: number };
  if (number < least) return { ok: false, problem: 'is too small' };
  if (number > most) return { ok: false, problem: 'is too large' };
  return { ok: true, value: number };
}

function readList(setting: Setting, raw: unknown): Coerced {
  if (typeof raw === 'string') {
    const items = raw.split(setting.separator ?? ',').map((item) => item.trim());
    return { ok: true, value: items.filter((item) => item !== '') };
  }
  if (!Array.isArray(raw)) return wrongKind(raw);
  const strange = raw.find((item) => typeof item !== 'string');
  if (strange !== undefined) return { ok: false, problem: `holds ${kindOf(strange)}` };
  return { ok: true, value: raw.map((item) => String(item)) };
}

function readChoice(setting: Setting, raw: unknown): Coerced {
  if (typeof raw !== 'string') return wrongKind(raw);
  const word = raw.trim().toLowerCase();
  const matches = (other: string) => other.toLowerCase() === word;
  const plain = setting.choices?.find(matches);
  if (plain !== undefined) return { ok: true, value: plain };
  const synonym = Object.entries(setting.synonyms ?? {}).find(([name]) => matches(name));
  if (synonym !== undefined) return { ok: true, value: synonym[1] };
  const refused = Object.entries(setting.refused ?? {}).find(([name]) => matches(name));
  if (refused !== undefined) return { ok: false, problem: 'is not supported', remedy: refused[1] };
  return { ok: false, problem: 'is none of the known words' };
}

/** What a setting takes, in words. */
export function describeExpected(setting: Setting): string {
  const range = describeRange(setting);
  switch (setting.type) {
    case 'text':
      return setting.form?.expected ?? 'text in quotes';
    case 'secret':
      return 'text in quotes';
    case 'boolean':
      return 'true or false';
    case 'integer':
      return `a whole number${range}`;
    case 'number':
      return `a number${range}`;
    case 'duration':
      return `a duration in ${setting.unit}, or with a unit such as "30s"${range}`;
    case 'size':
      return `a size in ${setting.unit}, or with a unit such as "16KB"${range}`;
    case 'list':
      return `a list of texts, or one text parted by "${setting.separator}"`;
    case 'choice':
      return `one of ${(setting.choices ?? []).map((word) => JSON.stringify(word)).join(', ')}`;
    case 'any':
      return 'anything';
  }
}

/** `, 0 to 65535`; `, at least 0`; with the special value and its meaning; empty without a range. */
function describeRange(setting: Setting): string {
  const [least, most] = setting.range ?? [undefined, undefined];
  const special = setting.special;
  const parts: string[] = [];
  if (least !== undefined && most !== undefined) {
    const from = special?.value === least && least < 0 ? 0 : least;
    parts.push(most >= 2_147_483_647 ? `at least ${from}` : `${from} to ${most}`);
  }
  if (special !== undefined) parts.push(`${special.value} is ${special.means}`);
  return parts.map((part) => `, ${part}`).join('');
}
