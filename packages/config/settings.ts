import type { Origin } from '@sluice/model';
import { resolveName } from './names.ts';
import type { Setting, SettingValue } from './setting.ts';
import {
  type ArrayKey,
  arraysWithDefault,
  type RowOf,
  rowOf,
  type SettingKey,
  table,
  type ValueOf,
} from './table/index.ts';

/** A setting with the value that is in force. */
export interface SettingEntry {
  /** Key of the row in the table. */
  readonly key: string;
  /** The key with array indexes and the open part filled in; equal to `key` for most. */
  readonly place: string;
  readonly setting: Setting;
  readonly value: SettingValue;
  readonly origin: Origin;
  /** The spelling that was used, where it is an alias. */
  readonly written?: string;
  /** True when the value must not be shown. */
  readonly secret: boolean;
}

const byDefault: Origin = { kind: 'default' };

/** The effective settings, each with its origin. Immutable. */
export class Settings {
  /** What was given, by place. */
  readonly #given: ReadonlyMap<string, SettingEntry>;

  constructor(given: ReadonlyMap<string, SettingEntry>) {
    this.#given = given;
  }

  /** The value in force, of the type that the table declares. */
  get<K extends SettingKey>(key: K): ValueOf<K> {
    return this.#value(key, table[key]) as ValueOf<K>;
  }

  /**
   * The tables of an array, in order, missing members filled with their defaults. Empty when there are none,
   * save for the gateway environments: of them there is always one.
   */
  rows<P extends ArrayKey>(array: P): readonly RowOf<P>[] {
    const members = Object.keys(table).filter((key) => key.startsWith(`${array}[].`) && !key.endsWith('*'));
    return this.#places(array).map((place) => {
      const row = members.map((key): [string, SettingValue] => {
        const member = key.slice(array.length + 3);
        return [member, this.#value(`${place}.${member}`, rowOf(key))];
      });
      return Object.fromEntries(row) as RowOf<P>;
    });
  }

  /** Where the value of a key comes from; any spelling, array members as `apim.gateway.environment[0].name`. */
  origin(key: string): Origin {
    const place = resolveName(key)?.place ?? key;
    return this.#given.get(place)?.origin ?? byDefault;
  }

  /** Every setting: those with one value, then members of arrays and of open tables as far as they were given. */
  entries(): SettingEntry[] {
    const all: SettingEntry[] = [];
    for (const [key, setting] of Object.entries(table) as [string, Setting][]) {
      if (key.endsWith('*') || key.includes('[]')) continue;
      const given = this.#given.get(key);
      const value = this.#value(key, setting);
      all.push(given === undefined ? this.#entry(key, setting, value) : { ...given, value });
    }
    for (const entry of this.#given.values()) if (entry.place !== entry.key) all.push(entry);
    return all;
  }

  #entry(key: string, setting: Setting, value: SettingValue): SettingEntry {
    return { key, place: key, setting, value, origin: byDefault, secret: setting.type === 'secret' };
  }

  #value(place: string, setting: Setting | undefined): SettingValue {
    const given = this.#given.get(place)?.value;
    if (given !== undefined || setting === undefined) return given;
    return setting.derive?.((key) => this.#value(key, rowOf(key))) ?? setting.default;
  }

  #places(array: string): string[] {
    const places = new Set<string>();
    for (const place of this.#given.keys()) {
      if (place.startsWith(`${array}[`)) places.add(place.slice(0, place.indexOf(']', array.length) + 1));
    }
    if (places.size === 0 && arraysWithDefault.has(array)) places.add(`${array}[0]`);
    return [...places];
  }
}
