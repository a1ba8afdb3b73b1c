import { basename, join } from 'node:path';
import type { Origin } from '@sluice/model';
import { contradictions } from './contradictions.ts';
import { type Leaf, readDocument } from './document.ts';
import { readSettingsFile } from './file.ts';
import { setJavaKeystoresAside } from './java-keystores.ts';
import { nameOfVariable, resolveName } from './names.ts';
import { type Finding, makeReport, type Report } from './report.ts';
import { type Given, resolveValues } from './resolve.ts';
import { Settings } from './settings.ts';
import { doubtfulFindings, type Unknown, unknownFindings } from './unknown.ts';

/** A setting that the command line gives. */
export interface SettingArgument {
  /** Any spelling of the key. */
  readonly key: string;
  readonly value: string | number | boolean;
  /** How the person wrote it: `--offset`. */
  readonly name: string;
}

/** Where settings are read from. */
export interface SettingsSource {
  /** Folder that holds `deployment.toml`, which need not be there. */
  readonly home: string;
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly arguments?: readonly SettingArgument[];
  /** Another file in the place of the one in the home; it must be there. */
  readonly file?: string;
}

/**
 * Reads the settings: arguments before variables (`SLUICE_SERVER__OFFSET`) before the file before defaults. Never throws for what people wrote:
 * every fault is a finding, and where the report failed the start must stop. The settings that come with a failed report have defaults in the place
 * of what was refused.
 */
export function loadSettings(source: SettingsSource): { readonly settings: Settings; readonly report: Report } {
  const findings: Finding[] = [];
  const leaves = readLeaves(source, findings);
  const given: Given[] = [];
  const strangers: Unknown[] = [];
  const take = (written: string, raw: unknown, origin: Origin) => {
    const resolved = resolveName(written);
    if (resolved === undefined) strangers.push({ written, origin });
    else given.push({ resolved, written, raw, origin });
  };
  const file = fileName(source);
  for (const { name, value, line } of leaves) take(name, value, { kind: 'file', file, line });
  for (const [variable, value] of Object.entries(source.environment)) {
    if (value === undefined || !/^SLUICE_.*__/i.test(variable)) continue;
    take(nameOfVariable(variable) ?? variable, value, { kind: 'environment', variable });
  }
  for (const { key, value, name } of source.arguments ?? []) take(key, value, { kind: 'argument', name });

  const { kept, findings: keystores } = setJavaKeystoresAside(given);
  const texts = leaves.filter((leaf): leaf is Leaf & { value: string } => typeof leaf.value === 'string');
  const { entries, findings: refused } = resolveValues(kept, {
    environment: source.environment,
    home: source.home,
    strangers: new Map(texts.map(({ name, value }) => [name, value])),
  });
  const settings = new Settings(entries);
  findings.push(
    ...unknownFindings(strangers),
    ...given.flatMap(doubtfulFindings),
    ...keystores,
    ...refused,
    ...contradictions(settings, entries),
  );
  return { settings, report: makeReport(findings) };
}

function fileName(source: SettingsSource): string {
  return source.file ?? basename(pathOf(source));
}

function pathOf(source: SettingsSource): string {
  return source.file ?? join(source.home, 'deployment.toml');
}

function readLeaves(source: SettingsSource, findings: Finding[]): readonly Leaf[] {
  const file = readSettingsFile(pathOf(source), fileName(source), source.file !== undefined);
  if ('finding' in file) {
    findings.push(file.finding);
    return [];
  }
  if (file.text === null) return [];
  const document = readDocument(file.text, fileName(source));
  if (document.ok) return document.leaves;
  findings.push(document.finding);
  return [];
}
