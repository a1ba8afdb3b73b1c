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

/** Names of the members of each array of tables. */
const members = new Map<string, string[]>();

function membersOf(array: string): readonly string[] {
  let names = members.get(array);
  if (names === undefined) {
    const prefix = `${array}[].`;
    const keys = Object.keys(table).filter((key) => key.startsWith(prefix) && !key.endsWith('*'));
    names = keys.map((key) => key.slice(prefix.length));
    members.set(array, names);
  }
  return names;
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
    return this.#places(array).map((place) => {
      const row = membersOf(array).map((member): [string, SettingValue] => [
        member,
        this.#value(`${place}.${member}`, rowOf(`${array}[].${member}`)),
      ]);
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
      const secret = setting.type === 'secret' || this.#derivesFromSecret(setting);
      all.push(
        given === undefined ? { key, place: key, setting, value, origin: byDefault, secret } : { ...given, value },
      );
    }
    for (const entry of this.#given.values()) if (entry.place !== entry.key) all.push(entry);
    return all;
  }

  /** A default made of a setting that is no secret itself and was given one by a placeholder. */
  #derivesFromSecret(setting: Setting): boolean {
    let secret = false;
    setting.derive?.((key) => {
      const given = this.#given.get(key);
      secret ||= given?.secret === true && given.setting.type !== 'secret';
      return this.#value(key, rowOf(key));
    });
    return secret;
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
