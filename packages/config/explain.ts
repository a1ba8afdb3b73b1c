import { describeOrigin } from '@sluice/model';
import { describeExpected } from './coerce.ts';
import { masked, showEffective } from './mask.ts';
import { knownNames, resolveName, variableOf } from './names.ts';
import { nearest } from './nearest.ts';
import type { Effect, Setting } from './setting.ts';
import type { SettingEntry, Settings } from './settings.ts';
import { table } from './table/index.ts';

/**
 * The text of `sluice explain settings [KEY]`: one setting in full, those of a section or all of them a line each,
 * or the nearest names where there is nothing of that name. Any spelling of a key is taken, and the XML names of older releases. Secrets are masked.
 */
export function explainSettings(settings: Settings, key?: string): string {
  const entries = settings.entries();
  if (key === undefined) return lines(entries);
  const wanted = key.trim().replace(/["']/g, '');
  const exact = entriesOf(entries, wanted);
  if (exact.length > 0) return exact.map(explainOne).join('\n');
  const section = entries.filter(({ place }) => place.startsWith(`${wanted}.`) || place.startsWith(`${wanted}[`));
  if (section.length > 0) return lines(section);
  const close = nearest(wanted, knownNames());
  const hint = close.length > 0 ? `The nearest: ${close.join(', ')}.` : '`sluice explain settings` lists all.';
  return `There is no setting ${wanted}. ${hint}\n`;
}

/** Whether `explainSettings` finds something under that name. */
export function isSettingName(settings: Settings, key: string): boolean {
  const wanted = key.trim().replace(/["']/g, '');
  const entries = settings.entries();
  return (
    entriesOf(entries, wanted).length > 0 ||
    entries.some(({ place }) => place.startsWith(`${wanted}.`) || place.startsWith(`${wanted}[`))
  );
}

function entriesOf(entries: readonly SettingEntry[], wanted: string): SettingEntry[] {
  const resolved = resolveName(wanted);
  if (resolved !== undefined) {
    const same = entries.filter(({ place, key }) => place === resolved.place || key === wanted);
    // A member of an array of tables, or of an open table, that nobody set.
    return same.length > 0
      ? same
      : [
          {
            ...resolved,
            value: resolved.setting.default,
            origin: { kind: 'default' },
            secret: resolved.setting.type === 'secret',
          },
        ];
  }
  const old = wanted.toLowerCase();
  const formerly = (names: readonly string[]) =>
    names.some(
      (name) =>
        name.toLowerCase() === old || name.toLowerCase().endsWith(` ${old}`) || name.toLowerCase().endsWith(`/${old}`),
    );
  return entries.filter(({ setting }) => formerly(setting.formerly));
}

function lines(entries: readonly SettingEntry[]): string {
  const width = Math.max(...entries.map(({ place }) => place.length));
  return entries
    .map((entry) => `${entry.place.padEnd(width)}  ${shownValue(entry)}  (${describeOrigin(entry.origin)})\n`)
    .join('');
}

function shownValue({ place, setting, value, secret }: SettingEntry): string {
  if (secret && value !== undefined && value !== '') return masked;
  return showEffective(place, setting, value);
}

function explainOne(entry: SettingEntry): string {
  const { place, setting, origin, written } = entry;
  const facts: (readonly [string, string])[] = [
    ['value', shownValue(entry)],
    ['origin', describeOrigin(origin) + (written === undefined ? '' : `, written as ${written}`)],
    ['default', describeDefault(entry.key, setting)],
    ['takes', describeExpected(setting)],
    ['effect', describeEffect(setting.effect)],
  ];
  if (setting.aliases.length > 0) facts.push(['also', setting.aliases.join(', ')]);
  if (setting.formerly.length > 0) facts.push(['formerly', setting.formerly.join(', ')]);
  if (Object.hasOwn(table, place) && !place.includes('[')) facts.push(['variable', variableOf(place)]);
  return `${place}\n  ${setting.description}\n${facts.map(([name, text]) => `  ${name.padEnd(9)} ${text}\n`).join('')}`;
}

/** The default as people read it; a secret one only says that there is one. */
export function describeDefault(key: string, setting: Setting): string {
  if (setting.defaultNote !== undefined) return setting.defaultNote;
  return showEffective(key, setting, setting.default);
}

function describeEffect(effect: Effect): string {
  switch (effect.kind) {
    case 'applied':
      return 'applied';
    case 'none':
      return `none: ${effect.reason}`;
    case 'later':
      return `not yet: read and checked, in force once Sluice has ${effect.capability}`;
  }
}
