/** What a setting does in Sluice. */
export type Effect =
  | { readonly kind: 'applied' }
  /** Sluice has no use for it; the reason stands beside it. */
  | { readonly kind: 'none'; readonly reason: string }
  /** Read and checked, not acted upon until the named capability is there. */
  | { readonly kind: 'later'; readonly capability: string };

export type SettingType =
  | 'text'
  | 'secret'
  | 'integer'
  | 'number'
  | 'boolean'
  | 'list'
  | 'choice'
  | 'duration'
  | 'size'
  /** Anything, below a key that ends in `.*`: WSO2 hands such tables on without looking. */
  | 'any';

/** Unit of the effective value of a duration or a size. */
export type Unit = 'ms' | 's' | 'min' | 'bytes' | 'MB';

/** Effective value of any setting. */
export type SettingValue = string | number | boolean | readonly string[] | undefined;

/** Reads another setting while a default is worked out. */
export type ReadSetting = (key: string) => SettingValue;

/** A shape that a text must have, with the words that describe it to a person. */
export interface TextForm {
  readonly pattern: RegExp;
  readonly expected: string;
}

/** One row of the table of settings. `T` is the type of the effective value. */
export interface Setting<T = SettingValue> {
  readonly type: SettingType;
  /** Value in force when nobody gives one; `derive` comes first where it is there. */
  readonly default: T;
  /** Works the default out of other settings. */
  readonly derive?: (read: ReadSetting) => T;
  /** Says in words what `derive`, or the program, makes of a missing value. */
  readonly defaultNote?: string;
  readonly description: string;
  readonly effect: Effect;
  /** Other spellings that are read in `deployment.toml`, as variables and as arguments. */
  readonly aliases: readonly string[];
  /** Where the setting stood in WSO2's XML files and start scripts; for people who look it up by that name. */
  readonly formerly: readonly string[];
  readonly unit?: Unit;
  /** Both ends included. */
  readonly range?: readonly [number, number];
  /** A value outside the range's meaning: -1 for "no limit" and the like. */
  readonly special?: { readonly value: number; readonly means: string };
  readonly choices?: readonly string[];
  /** Values read as one of `choices`. */
  readonly synonyms?: Readonly<Record<string, string>>;
  /** Values that WSO2 knows and Sluice refuses, each with what to do instead. */
  readonly refused?: Readonly<Record<string, string>>;
  /** What parts a list that is written as one text. */
  readonly separator?: ',' | '|';
  readonly form?: TextForm;
}

/** Rows by key: the dotted TOML path; `[]` behind the name of an array of tables, a last `*` for an open table. */
export type Rows = Readonly<Record<string, Setting>>;

/** The members of a row that most rows do without. */
export interface More {
  readonly aliases?: readonly string[];
  readonly formerly?: readonly string[];
  readonly defaultNote?: string;
}
interface MoreText<T> extends More {
  readonly form?: TextForm;
  readonly derive?: (read: ReadSetting) => T;
}
interface MoreNumber<T> extends More {
  readonly range?: readonly [number, number];
  readonly special?: { readonly value: number; readonly means: string };
  readonly derive?: (read: ReadSetting) => T;
}
interface MoreChoice<T> extends More {
  readonly synonyms?: Readonly<Record<string, string>>;
  readonly refused?: Readonly<Record<string, string>>;
  readonly derive?: (read: ReadSetting) => T;
}

/** `T`, and `undefined` too where the default is. */
type Given<D, T> = undefined extends D ? T | undefined : T;

const applied: Effect = { kind: 'applied' };
const nothing: readonly string[] = [];

function row<T>(
  type: SettingType,
  value: T,
  description: string,
  more: Partial<Omit<Setting<T>, 'type' | 'default' | 'description' | 'effect'>>,
): Setting<T> {
  return { type, default: value, description, effect: applied, aliases: nothing, formerly: nothing, ...more };
}

export function text<D extends string | undefined>(
  value: D,
  description: string,
  more: MoreText<Given<D, string>> = {},
): Setting<Given<D, string>> {
  return row<Given<D, string>>('text', value as Given<D, string>, description, more);
}

/** A text that is never shown. */
export function secret<D extends string | undefined>(
  value: D,
  description: string,
  more: MoreText<Given<D, string>> = {},
): Setting<Given<D, string>> {
  return row<Given<D, string>>('secret', value as Given<D, string>, description, more);
}

export function flag<D extends boolean | undefined>(
  value: D,
  description: string,
  more: More = {},
): Setting<Given<D, boolean>> {
  return row<Given<D, boolean>>('boolean', value as Given<D, boolean>, description, more);
}

export function integer<D extends number | undefined>(
  value: D,
  description: string,
  more: MoreNumber<Given<D, number>> = {},
): Setting<Given<D, number>> {
  return row<Given<D, number>>('integer', value as Given<D, number>, description, {
    range: [0, 2_147_483_647],
    ...more,
  });
}

export function decimal<D extends number | undefined>(
  value: D,
  description: string,
  more: MoreNumber<Given<D, number>> = {},
): Setting<Given<D, number>> {
  return row<Given<D, number>>('number', value as Given<D, number>, description, more);
}

/** A TCP port; 0 lets the system choose. */
export function port<D extends number | undefined>(
  value: D,
  description: string,
  more: MoreNumber<Given<D, number>> = {},
): Setting<Given<D, number>> {
  return integer(value, description, { range: [0, 65_535], ...more });
}

/** A span of time whose bare numbers and effective value are in `unit`; texts like `30s` are converted to it. */
export function duration<D extends number | undefined>(
  unit: 'ms' | 's' | 'min',
  value: D,
  description: string,
  more: MoreNumber<Given<D, number>> = {},
): Setting<Given<D, number>> {
  return row<Given<D, number>>('duration', value as Given<D, number>, description, {
    unit,
    range: [0, 2_147_483_647],
    ...more,
  });
}

/** A number of bytes (or MB); texts like `16KB` are converted. */
export function size<D extends number | undefined>(
  unit: 'bytes' | 'MB',
  value: D,
  description: string,
  more: MoreNumber<Given<D, number>> = {},
): Setting<Given<D, number>> {
  return row<Given<D, number>>('size', value as Given<D, number>, description, {
    unit,
    range: [0, Number.MAX_SAFE_INTEGER],
    ...more,
  });
}

/** Texts: an array, or one text parted by `separator` (a comma unless said otherwise). */
export function list(
  value: readonly string[],
  description: string,
  more: More & { readonly separator?: ',' | '|' } = {},
): Setting<readonly string[]> {
  return row<readonly string[]>('list', value, description, { separator: ',', ...more });
}

/** One of a fixed set of words, compared without case. */
export function choice<const C extends string, D extends C | undefined>(
  choices: readonly C[],
  value: D,
  description: string,
  more: MoreChoice<Given<D, C>> = {},
): Setting<Given<D, C>> {
  return row<Given<D, C>>('choice', value as Given<D, C>, description, { choices, ...more });
}

/** Everything below a table that WSO2 hands on without looking. */
export function open(description: string, more: More = {}): Setting<undefined> {
  return row<undefined>('any', undefined, description, more);
}

/** Marks rows that Sluice has no use for. */
export function none<R extends Rows>(reason: string, rows: R): R {
  return withEffect({ kind: 'none', reason }, rows);
}

/** Marks rows that wait for a capability. */
export function later<R extends Rows>(capability: string, rows: R): R {
  return withEffect({ kind: 'later', capability }, rows);
}

function withEffect<R extends Rows>(effect: Effect, rows: R): R {
  return Object.fromEntries(Object.entries(rows).map(([key, setting]) => [key, { ...setting, effect }])) as R;
}

/**
 * Puts rows into the section of a property file that WSO2 writes from TOML (`passthru_http` is dumped as `passthru-http.properties`),
 * and keeps each bare property name as an alias.
 */
export function properties<const S extends string, R extends Rows>(
  section: S,
  rows: R,
): { readonly [K in keyof R & string as `${S}.${K}`]: R[K] } {
  const moved: Rows = Object.fromEntries(
    Object.entries(rows).map(([name, setting]) => [
      `${section}.${name}`,
      { ...setting, aliases: [name, ...setting.aliases] },
    ]),
  );
  return moved as unknown as { readonly [K in keyof R & string as `${S}.${K}`]: R[K] };
}
