import type { ErrorName } from '../errors/catalogue.ts';
import { errors } from '../errors/catalogue.ts';
import { type ErrorArguments, SluiceError } from '../errors/entry.ts';
import { describeFinding, type Finding, Findings } from '../finding.ts';
import type { JsonObject } from '../json.ts';
import { readDefinition } from './read.ts';
import { checkReferences } from './references.ts';
import { checkSchema } from './schema.ts';
import { checkStructure } from './structure.ts';
import { saidVersion, versionOf } from './version.ts';

/** What came of checking a definition; plain data, so that it can come from another thread. */
export interface Check {
  /** Why the definition is not taken; null when it is. */
  readonly refusal: { readonly error: ErrorName; readonly args: ErrorArguments } | null;
  readonly findings: readonly Finding[];
  /** Null when the text cannot be read. */
  readonly document: JsonObject | null;
}

/** Above this many characters the schema check ends at the first error. */
const thoroughLimit = 64 * 1024;

/** Reads a definition and checks it: references first, then its bones, then the specification's schema. */
export async function checkDefinition(source: string, maxBytes: number): Promise<Check> {
  let document: JsonObject;
  try {
    document = readDefinition(source, maxBytes);
  } catch (cause) {
    if (!(cause instanceof SluiceError)) throw cause;
    const refusal =
      cause.entry.key === errors.definitionTooLarge.key
        ? ({ error: 'definitionTooLarge', args: { limit: maxBytes } } as const)
        : ({ error: 'openapiUnreadable', args: { detail: cause.description } } as const);
    return { refusal, findings: [], document: null };
  }
  const version = versionOf(document);
  if (version === undefined) {
    const said = saidVersion(document);
    const refusal =
      said === undefined
        ? ({ error: 'openapiUnrecognized', args: {} } as const)
        : ({ error: 'openapiVersionUnsupported', args: { version: said } } as const);
    return { refusal, findings: [], document };
  }
  const findings = new Findings();
  const outside = checkReferences(document, findings);
  checkStructure(document, version, findings);
  if (!findings.hasErrors) await checkSchema(document, version, source.length <= thoroughLimit, findings);
  if (outside !== undefined) {
    return { refusal: { error: 'externalReferenceRefused', args: outside }, findings: findings.list, document };
  }
  const wrong = findings.list.filter((finding) => finding.level === 'error');
  const first = wrong[0];
  if (first === undefined) return { refusal: null, findings: findings.list, document };
  const more = wrong.length > 1 ? ` (and ${wrong.length - 1} more)` : '';
  const detail = describeFinding(first) + more;
  return { refusal: { error: 'openapiInvalid', args: { detail } }, findings: findings.list, document };
}
