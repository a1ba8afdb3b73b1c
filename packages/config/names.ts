import type { Setting } from './setting.ts';
import { rowOf, table } from './table/index.ts';

/** A spelling, understood. */
export interface Resolved {
  /** Key of the row in the table. */
  readonly key: string;
  /** The key with the indexes of arrays and the open part filled in: where the value is kept. */
  readonly place: string;
  readonly setting: Setting;
  /** False for an alias. */
  readonly main: boolean;
}

interface Known {
  readonly key: string;
  readonly main: boolean;
}

const known = new Map<string, Known>();
const openTables: { readonly prefix: string; readonly known: Known }[] = [];
/** Spellings by variable; made when the first variable is looked up, since few starts need it. */
let variables: Map<string, string> | undefined;

for (const [key, setting] of Object.entries(table)) {
  for (const name of [key, ...setting.aliases]) {
    const entry = { key, main: name === key };
    if (name.endsWith('.*')) openTables.push({ prefix: name.slice(0, -2), known: entry });
    else known.set(name, entry);
  }
}
openTables.sort((a, b) => b.prefix.length - a.prefix.length);

/** Finds the row of a key as it stands in a file: main key or alias, array indexes as `[0]`, members of open tables. */
export function resolveName(path: string): Resolved | undefined {
  const indexes: string[] = [];
  const pattern = path.replace(/\[\d+\]/g, (index) => {
    indexes.push(index);
    return '[]';
  });
  const exact = known.get(pattern);
  if (exact !== undefined) {
    return result(
      exact,
      exact.key.replaceAll('[]', () => indexes.shift() ?? '[]'),
    );
  }
  for (const { prefix, known: entry } of openTables) {
    const next = pattern[prefix.length];
    if (pattern.startsWith(prefix) && (next === '.' || next === '[')) {
      return result(entry, entry.main ? path : entry.key.slice(0, -2) + pattern.slice(prefix.length));
    }
  }
  return undefined;
}

function result(entry: Known, place: string): Resolved | undefined {
  const setting = rowOf(entry.key);
  return setting && { key: entry.key, place, setting, main: entry.main };
}

/** Every spelling, without those of open tables. */
export function knownNames(): Iterable<string> {
  return known.keys();
}

/**
 * The environment variable that overrides a key: `SLUICE_`, then the key in capitals with `__` for each dot and `_` for each other character
 * that a variable cannot have.
 */
export function variableOf(key: string): string {
  return `SLUICE_${key.replaceAll('.', '__').replace(/\W/g, '_').toUpperCase()}`;
}

/** The spelling that a variable stands for; keys inside arrays of tables have none. */
export function nameOfVariable(variable: string): string | undefined {
  return namesByVariable().get(variable.toUpperCase());
}

/** Every variable that overrides a setting. */
export function knownVariables(): Iterable<string> {
  return namesByVariable().keys();
}

function namesByVariable(): Map<string, string> {
  if (variables === undefined) {
    const names = [...known.keys()].filter((name) => name.includes('.') && !name.includes('['));
    variables = new Map(names.map((name) => [variableOf(name), name]));
  }
  return variables;
}

/** A key as it is written in TOML for WSO2 and Sluice alike: property names that hold dots stand in quotes. */
export function tomlKey(key: string): string {
  return key.replace(/^(passthru_http|synapse_properties|throttle_properties|n_http)\.(.*\..*)$/, "$1.'$2'");
}

/** What lies below a section: a name is one when some known name continues it. */
export function sectionKind(path: string): 'table' | 'array' | undefined {
  const pattern = path.replace(/\[\d+\]/g, '[]');
  for (const name of known.keys()) {
    if (name.startsWith(`${pattern}.`)) return 'table';
    if (name.startsWith(`${pattern}[].`)) return 'array';
  }
  return undefined;
}
