import type { Setting, SettingValue } from './setting.ts';

/** What stands in the place of a secret. */
export const masked = '***';
/** Longest text that is shown of one value. */
const longest = 120;

const secretName = /pass(?:word|wd|phrase)?|secret|token|credential|key$/i;

/** Whether a key that the table does not know may hold a secret. */
export function soundsSecret(name: string): boolean {
  return secretName.test(name);
}

/** A value as it may be printed: secrets masked, passwords inside addresses too, long texts cut. */
export function showValue(key: string, setting: Setting, value: unknown): string {
  if (value === undefined) return 'not set';
  if (setting.type === 'secret' || (setting.type === 'any' && soundsSecret(key))) return value === '' ? '""' : masked;
  return show(value);
}

/** A value of the table, or what TOML gave for it. */
function show(value: unknown): string {
  if (Array.isArray(value)) return cut(`[${value.map((item) => show(item)).join(', ')}]`);
  if (typeof value === 'string') return cut(JSON.stringify(maskAddress(value)));
  if (value instanceof Date) return cut(value.toISOString());
  if (typeof value === 'object' && value !== null) return '{…}';
  return cut(String(value));
}

/** Masks the password of an address, before the host or among the parameters. */
function maskAddress(text: string): string {
  return text
    .replace(/(:\/\/[^/?#\s:@]*):\S*@/g, `$1:${masked}@`)
    .replace(/([?&;](?:password|pwd|secret|token|sslpassword)=)[^&;#\s]*/gi, `$1${masked}`);
}

function cut(text: string): string {
  return text.length > longest ? `${text.slice(0, longest - 1)}…` : text;
}

/** The effective value with its unit, as `sluice explain` and the reference print it. */
export function showEffective(key: string, setting: Setting, value: SettingValue): string {
  const shown = showValue(key, setting, value);
  if (typeof value !== 'number') return shown;
  const unit = setting.unit === undefined ? '' : ` ${setting.unit}`;
  return setting.special?.value === value ? `${shown}${unit} (${setting.special.means})` : `${shown}${unit}`;
}
