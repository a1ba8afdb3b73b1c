import type { Origin } from '@sluice/model';
import { coerce, describeExpected } from './coerce.ts';
import { masked, showValue, soundsSecret } from './mask.ts';
import { type Resolved, resolveName, tomlKey } from './names.ts';
import { expand, type Found, hasPlaceholder, type PlaceholderSources } from './placeholders.ts';
import type { Finding } from './report.ts';
import type { SettingValue } from './setting.ts';
import type { SettingEntry } from './settings.ts';

/** A value as somebody gave it. */
export interface Given {
  readonly resolved: Resolved;
  /** The spelling that was used. */
  readonly written: string;
  readonly raw: unknown;
  readonly origin: Origin;
}

/** Arguments win over variables, variables over the file; in the file the main key wins over aliases. */
function rank(given: Given): number {
  if (given.origin.kind === 'argument') return 3;
  if (given.origin.kind === 'environment') return 2;
  return given.resolved.main ? 1 : 0;
}

/** What the resolution needs besides the given values. */
export interface ResolveContext {
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly home: string;
  /** Texts of the file under keys that the table does not have, for `$ref`. */
  readonly strangers: ReadonlyMap<string, string>;
}

/** Chooses, fills in and checks every given value. What does not pass is left out, so that its default holds, and reported. */
export function resolveValues(
  given: readonly Given[],
  context: ResolveContext,
): { readonly entries: Map<string, SettingEntry>; readonly findings: Finding[] } {
  const resolution = new Resolution(given, context);
  for (const place of resolution.chosen.keys()) resolution.entry(place);
  return { entries: resolution.entries, findings: resolution.findings };
}

class Resolution {
  readonly chosen = new Map<string, Given>();
  readonly entries = new Map<string, SettingEntry>();
  readonly findings: Finding[] = [];
  readonly #context: ResolveContext;
  readonly #done = new Set<string>();
  /** Places whose values are being worked out, to notice references in a circle. */
  readonly #open: string[] = [];

  constructor(given: readonly Given[], context: ResolveContext) {
    this.#context = context;
    for (const one of given) {
      const other = this.chosen.get(one.resolved.place);
      if (other === undefined || rank(one) >= rank(other)) this.chosen.set(one.resolved.place, one);
    }
    for (const one of given) this.#compare(one);
  }

  /** Reports a spelling that lost against another of the same source with another value. */
  #compare(loser: Given): void {
    const winner = this.chosen.get(loser.resolved.place) ?? loser;
    if (winner === loser || winner.origin.kind !== loser.origin.kind || sameValue(winner, loser)) return;
    const { key, place, setting } = winner.resolved;
    this.findings.push({
      severity: 'warning',
      key: loser.written,
      value: showValue(place, setting, loser.raw),
      origin: loser.origin,
      problem: `is another spelling of ${winner.written}, which has the value ${showValue(place, setting, winner.raw)} and wins`,
      remedy: `keep one of the two; the main key is ${tomlKey(key)}`,
      nearest: [],
    });
  }

  entry(place: string): SettingEntry | undefined {
    const given = this.chosen.get(place);
    if (given === undefined || this.#done.has(place)) return this.entries.get(place);
    this.#open.push(place);
    const entry = this.#work(given);
    this.#open.pop();
    this.#done.add(place);
    if (entry !== undefined) this.entries.set(place, entry);
    return entry;
  }

  #work(given: Given): SettingEntry | undefined {
    const { setting, key, place } = given.resolved;
    const filled = this.#fill(given);
    if (filled === undefined) return undefined;
    const coerced = coerce(setting, filled.raw);
    if (!coerced.ok) {
      const value = filled.secret ? masked : showValue(place, setting, filled.raw);
      const remedy = coerced.remedy === undefined ? remedyFor(given) : this.#withSiblings(place, coerced.remedy);
      this.#refuse(given, value, coerced.problem, remedy);
      return undefined;
    }
    return {
      key,
      place,
      setting,
      value: coerced.value,
      origin: filled.origin,
      secret: filled.secret || setting.type === 'secret' || (setting.type === 'any' && soundsSecret(place)),
      ...(given.resolved.main ? {} : { written: given.written }),
    };
  }

  #fill(given: Given): { raw: unknown; origin: Origin; secret: boolean } | undefined {
    const { raw, origin } = given;
    let secret = false;
    let from = origin;
    const one = (text: string): string | undefined => {
      if (origin.kind !== 'file' || !hasPlaceholder(text)) return text;
      const expanded = expand(text, this.#sources());
      if (!expanded.ok) {
        this.#refuse(
          given,
          showValue(given.resolved.place, given.resolved.setting, raw),
          expanded.problem,
          expanded.remedy,
        );
        return undefined;
      }
      secret ||= expanded.secret;
      if (expanded.variable !== undefined) from = { ...origin, variable: expanded.variable };
      for (const placeholder of expanded.unknown) this.#strange(given, placeholder);
      return expanded.text;
    };
    if (typeof raw === 'string') {
      const text = one(raw);
      return text === undefined ? undefined : { raw: text, origin: from, secret };
    }
    if (!Array.isArray(raw)) return { raw, origin, secret };
    const items: unknown[] = [];
    for (const item of raw) {
      const filled = typeof item === 'string' ? one(item) : item;
      if (filled === undefined) return undefined;
      items.push(filled);
    }
    return { raw: items, origin, secret };
  }

  #sources(): PlaceholderSources {
    return {
      environment: (name) => this.#context.environment[name],
      reference: (name) => this.#reference(name),
      vault: (alias) => this.#vault(alias),
      home: this.#context.home,
    };
  }

  #reference(name: string): Found | undefined {
    const resolved = resolveName(name);
    if (resolved === undefined) {
      const text = this.#context.strangers.get(name);
      return text === undefined ? undefined : { text, secret: soundsSecret(name) };
    }
    if (this.#open.includes(resolved.place)) {
      return { problem: `refers to itself through ${name}`, remedy: 'write the value itself' };
    }
    const value = this.#read(resolved);
    if (value === undefined) return undefined;
    const secret = this.entries.get(resolved.place)?.secret ?? resolved.setting.type === 'secret';
    return { text: Array.isArray(value) ? value.join(',') : String(value), secret };
  }

  #read({ place, setting }: Resolved): SettingValue {
    const value = this.entry(place)?.value;
    if (value !== undefined) return value;
    const other = (key: string) => {
      const resolved = resolveName(key);
      return resolved && this.#read(resolved);
    };
    return setting.derive?.(other) ?? setting.default;
  }

  #vault(alias: string): { value: string } | { sealed: true } | undefined {
    const raw = this.chosen.get(`secrets.${alias}`)?.raw;
    if (typeof raw !== 'string') return undefined;
    const clear = /^\[(.*)\]$/s.exec(raw)?.[1];
    return clear === undefined ? { sealed: true } : { value: clear };
  }

  #strange(given: Given, placeholder: string): void {
    this.findings.push({
      severity: 'warning',
      key: given.written,
      origin: given.origin,
      problem: `holds ${placeholder}, which is not known here and stays as it is`,
      remedy: 'write the value itself, or use $env{NAME} or $ref{other.key}',
      nearest: [],
    });
  }

  /** Fills `{member}` with what was given for that member of the same section. */
  #withSiblings(place: string, remedy: string): string {
    const section = place.slice(0, place.lastIndexOf('.'));
    return remedy.replace(/\{(\w+)\}/g, (whole, member: string) => {
      const raw = this.chosen.get(`${section}.${member}`)?.raw;
      return typeof raw === 'string' ? raw : whole;
    });
  }

  #refuse(given: Given, value: string, problem: string, remedy: string): void {
    const { setting } = given.resolved;
    this.findings.push({
      severity: 'error',
      key: given.written,
      value,
      origin: given.origin,
      problem,
      expected: describeExpected(setting),
      remedy,
      nearest: [],
    });
  }
}

function sameValue(a: Given, b: Given): boolean {
  const [one, other] = [coerce(a.resolved.setting, a.raw), coerce(b.resolved.setting, b.raw)];
  return one.ok && other.ok && JSON.stringify(one.value) === JSON.stringify(other.value);
}

/** A remedy that shows how to write the setting, by its default where there is one. */
function remedyFor({ resolved: { setting, place }, origin }: Given): string {
  if (setting.type === 'secret') return 'put the value in quotes';
  const example = setting.default ?? setting.choices?.[0];
  if (example === undefined) return `correct the value, or leave it out`;
  const value = typeof example === 'string' || Array.isArray(example) ? JSON.stringify(example) : String(example);
  const member = /'[^']+'$|[^.]+$/.exec(tomlKey(place))?.[0];
  const how = origin.kind === 'file' ? `${member} = ${value}` : String(example);
  return `write for example ${how} (the default), or leave it out`;
}
