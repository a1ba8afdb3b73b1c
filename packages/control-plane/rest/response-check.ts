import type { Json, JsonObject } from '@sluice/model';
import type { ValidateFunction } from 'ajv';
import { type DescribedOperation, type Description, lookUp } from './description.ts';
import type { Encoded } from './reply.ts';
import { findings } from './validation.ts';

/** Throws when an answer is not as the operation's description promises. */
export type ResponseCheck = (operation: DescribedOperation, encoded: Encoded) => Promise<void>;

/** Checks status, content type and JSON; members that the description does not name are differences too. */
export function responseCheck(description: Description): ResponseCheck {
  const compiled = new Map<string, ValidateFunction>();
  let compile: Promise<(pointer: string) => ValidateFunction> | undefined;
  return async (operation, encoded) => {
    const promised = operation.responses.get(String(encoded.status));
    const place = `${operation.id} ${encoded.status}`;
    if (!promised) throw new Error(`${place} is not described`);
    if (encoded.body === null || promised.size === 0) return;
    const type = encoded.headers['content-type'] ?? '';
    if (!promised.has(type) && !promised.has('*/*'))
      throw new Error(`${place} is sent as ${type}, which is not described`);
    const pointer = promised.get(type);
    if (!pointer || type !== 'application/json' || !(encoded.body instanceof Buffer)) return;
    compile ??= compiler(description);
    const validate = compiled.get(pointer) ?? (await compile)(pointer);
    compiled.set(pointer, validate);
    if (!validate(JSON.parse(encoded.body.toString()))) {
      throw new Error(
        `${place} is not as described: ${findings(validate.errors, 'body')
          .map((f) => f.message)
          .join('; ')}`,
      );
    }
  };
}

async function compiler(description: Description): Promise<(pointer: string) => ValidateFunction> {
  const { Ajv2019 } = await import('ajv/dist/2019.js');
  const ajv = new Ajv2019({ strict: false, allErrors: true, validateFormats: false });
  ajv.addSchema({ ...closed(description), $id: 'description' }, 'description');
  return (pointer) => ajv.compile({ $ref: `description${pointer}` });
}

/**
 * A copy in which an object with named members takes no others. It is closed where it is used and not where it is defined, since parts of an `allOf`
 * must stay open for each other.
 */
function closed(description: Description): JsonObject {
  const copy = walk(description, false) as JsonObject & { components: JsonObject };
  const schemas = Object.entries((description.components.schemas ?? {}) as JsonObject);
  copy.components.schemas = Object.fromEntries(schemas.map(([name, schema]) => [name, walk(schema, true) as Json]));
  return copy;

  function walk(value: unknown, part: boolean): unknown {
    if (Array.isArray(value)) return value.map((item) => walk(item, part));
    if (value === null || typeof value !== 'object') return value;
    const copied: Record<string, unknown> = {};
    for (const [key, member] of Object.entries(value)) copied[key] = walk(member, key === 'allOf');
    if (!part && isNamed(value as JsonObject)) copied.unevaluatedProperties = false;
    return copied;
  }

  function isNamed(schema: JsonObject): boolean {
    if (typeof schema.$ref === 'string') return isNamed(lookUp(description, schema.$ref));
    if (Array.isArray(schema.allOf)) return (schema.allOf as JsonObject[]).every(isNamed);
    const named = schema.type === 'object' && Object.keys((schema.properties ?? {}) as JsonObject).length > 0;
    return named && schema.additionalProperties === undefined;
  }
}
