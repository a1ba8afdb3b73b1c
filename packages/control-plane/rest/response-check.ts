import type { JsonObject } from '@sluice/model';
import type { ValidateFunction } from 'ajv';
import type { DescribedOperation, Description } from './description.ts';
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
  ajv.addSchema({ ...(closed(description) as JsonObject), $id: 'description' }, 'description');
  return (pointer) => ajv.compile({ $ref: `description${pointer}` });
}

/** A copy in which every object with named members takes no others, except inside `allOf`, where the whole is closed instead. */
function closed(value: unknown, part = false): unknown {
  if (Array.isArray(value)) return value.map((item) => closed(item, part));
  if (value === null || typeof value !== 'object') return value;
  const copy: Record<string, unknown> = {};
  for (const [key, member] of Object.entries(value)) copy[key] = closed(member, key === 'allOf');
  const named = copy.type === 'object' && Object.keys((copy.properties ?? {}) as object).length > 0;
  if (!part && (named || Array.isArray(copy.allOf)) && copy.additionalProperties === undefined) {
    copy.unevaluatedProperties = false;
  }
  return copy;
}
