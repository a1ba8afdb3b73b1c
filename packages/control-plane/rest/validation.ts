import type { Json, JsonObject } from '@sluice/model';
import type { ErrorObject, ValidateFunction } from 'ajv';
import { type DescribedOperation, type Description, lookUp } from './description.ts';

/** One thing wrong with a request, as people read it: `body/policies/0 must be string`. */
export interface Finding {
  readonly message: string;
}

/** At most this many findings are reported; a hostile body could hold millions. */
const reported = 20;

/**
 * Every finding of a body with at most so many values is looked for, of a larger one the first: the validator copies the list of
 * findings with each it adds, so that a body of wrong values alone would cost the square of their number.
 */
const mostForAll = 5_000;

/** Whether a validator goes on after the first finding. */
type Thoroughness = 'first' | 'all';

/** Values that came in, by where; parameters are converted to their types and completed with defaults in place. */
export interface Parameters {
  readonly path: Record<string, unknown>;
  readonly query: Record<string, unknown>;
  readonly header: Record<string, unknown>;
}

/**
 * Validators of one description, compiled on first use: a start compiles none, and an operation that nobody calls never costs anything.
 */
export class RequestValidation {
  readonly #description: Description;
  readonly #compiled = new Map<string, ValidateFunction>();
  readonly #compilers = new Map<Thoroughness, ReturnType<typeof compiler>>();

  constructor(description: Description) {
    this.#description = description;
  }

  /** Checks and converts the parameters in place. */
  async parameters(operation: DescribedOperation, values: Parameters): Promise<readonly Finding[]> {
    const key = `parameters ${operation.id}`;
    const validate = await this.#validator('all', key, () => parametersSchema(operation));
    for (const parameter of operation.parameters) normalize(parameter.schema, values[parameter.in], parameter.name);
    return validate(values) ? [] : findings(validate.errors, '');
  }

  /** Checks a body after taking out what the server ignores: nulls where none is declared, and read-only members. */
  async body(pointer: string, body: Json): Promise<readonly Finding[]> {
    const schema = () => ({ $ref: `description${pointer}` });
    tidy(this.#description, lookUp(this.#description, pointer), body, 0);
    const validate = await this.#validator('first', pointer, schema);
    if (validate(body)) return [];
    const { errors } = validate;
    if (countValues(body, mostForAll) > mostForAll) return findings(errors, 'body');
    const thorough = await this.#validator('all', pointer, schema);
    return thorough(body) ? [] : findings(thorough.errors, 'body');
  }

  async #validator(until: Thoroughness, name: string, schema: () => JsonObject): Promise<ValidateFunction> {
    const key = `${until} ${name}`;
    const known = this.#compiled.get(key);
    if (known) return known;
    const making = this.#compilers.get(until) ?? compiler(this.#description, until);
    this.#compilers.set(until, making);
    const validate = (await making)(schema());
    this.#compiled.set(key, validate);
    return validate;
  }
}

/** Number of values in `value`; counting ends soon after `enough`. */
function countValues(value: Json, enough: number): number {
  if (value === null || typeof value !== 'object') return 1;
  let count = 1;
  for (const member of Object.values(value)) {
    count += countValues(member, enough - count);
    if (count > enough) break;
  }
  return count;
}

async function compiler(
  description: Description,
  until: Thoroughness,
): Promise<(schema: JsonObject) => ValidateFunction> {
  const { Ajv } = await import('ajv');
  // Jackson, behind WSO2's own portals, reads `"3600"` as a number and `1` as a string; clients have come to rely on it.
  const ajv = new Ajv({
    strict: false,
    allErrors: until === 'all',
    coerceTypes: 'array',
    useDefaults: true,
    validateFormats: false,
  });
  ajv.addSchema({ ...description, $id: 'description' } as unknown as JsonObject, 'description');
  return (schema) => ajv.compile(schema);
}

function parametersSchema(operation: DescribedOperation): JsonObject {
  const places: JsonObject = {};
  for (const place of ['path', 'query', 'header'] as const) {
    const own = operation.parameters.filter((parameter) => parameter.in === place);
    places[place] = {
      type: 'object',
      properties: Object.fromEntries(own.map((parameter) => [parameter.name, parameter.schema])),
      required: own.filter((parameter) => parameter.required).map((parameter) => parameter.name),
    };
  }
  return { type: 'object', properties: places };
}

/** A repeated single value counts once (the first), a blank one not at all unless blanks are text. */
function normalize(schema: JsonObject, values: Record<string, unknown>, name: string): void {
  const value = values[name];
  if (schema.type !== 'array' && Array.isArray(value)) values[name] = value[0];
  if (schema.type !== 'string' && values[name] === '') delete values[name];
}

/** Our schemas nest less deeply than this; beyond it members are taken as they are. */
const deepest = 32;

function tidy(description: Description, schema: JsonObject, value: Json, depth: number): void {
  if (value === null || typeof value !== 'object' || depth > deepest) return;
  if (typeof schema.$ref === 'string') tidy(description, lookUp(description, schema.$ref), value, depth + 1);
  for (const part of (schema.allOf ?? []) as JsonObject[]) tidy(description, part, value, depth + 1);
  if (Array.isArray(value)) {
    if (schema.items) for (const item of value) tidy(description, schema.items as JsonObject, item, depth + 1);
    return;
  }
  for (const [name, member] of Object.entries((schema.properties ?? {}) as Record<string, JsonObject>)) {
    const given = value[name];
    if (given === undefined) continue;
    if (member.readOnly === true || (given === null && member.nullable !== true)) delete value[name];
    else tidy(description, member, given, depth + 1);
  }
  if (schema.additionalProperties && typeof schema.additionalProperties === 'object') {
    for (const given of Object.values(value)) {
      tidy(description, schema.additionalProperties as JsonObject, given, depth + 1);
    }
  }
}

/** Turns validator errors into findings; `root` names what was looked at. */
export function findings(errors: readonly ErrorObject[] | null | undefined, root: string): Finding[] {
  return (errors ?? []).slice(0, reported).map((error) => {
    const place = `${root}${error.instancePath}`.replace(/^\//, '');
    const allowed = error.keyword === 'enum' ? `: ${(error.params.allowedValues as unknown[]).join(', ')}` : '';
    return { message: `${place || 'request'} ${error.message ?? 'is not valid'}${allowed}` };
  });
}
