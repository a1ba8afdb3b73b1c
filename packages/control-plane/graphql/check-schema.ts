import { errors, SluiceError } from '@sluice/model';

/** A field at the top of a schema: what a call can ask for. */
export interface SchemaOperation {
  readonly target: string;
  readonly verb: 'QUERY' | 'MUTATION' | 'SUBSCRIPTION';
}

/** An object type and its fields. */
export interface SchemaType {
  readonly type: string;
  readonly fieldList: readonly string[];
}

/** What came of looking at a schema; plain data, so that it can come from another thread. */
export interface SchemaCheck {
  /** Why it is not taken; null when it is. */
  readonly refusal: string | null;
  readonly operations: readonly SchemaOperation[];
  readonly types: readonly SchemaType[];
}

/** Words and signs of the longest schema. */
const maxTokens = 400_000;
/** Faults that are told. */
const mostFaults = 5;
const longestRefusal = 1000;

/** Reads a schema in the language of GraphQL and checks it. Throws nothing for anything in the text. */
export async function checkSchema(text: string): Promise<SchemaCheck> {
  // Loaded with the first schema, since most installations have none.
  const { buildASTSchema, isObjectType, parse, validateSchema } = await import('graphql');
  try {
    const schema = buildASTSchema(parse(text, { maxTokens, noLocation: true }));
    const faults = validateSchema(schema);
    if (faults.length > 0) return refused(faults.slice(0, mostFaults).map(({ message }) => message));
    const roots = [
      [schema.getQueryType(), 'QUERY'],
      [schema.getMutationType(), 'MUTATION'],
      [schema.getSubscriptionType(), 'SUBSCRIPTION'],
    ] as const;
    return {
      refusal: null,
      operations: roots.flatMap(([root, verb]) =>
        Object.keys(root?.getFields() ?? {}).map((target) => ({ target, verb })),
      ),
      types: Object.values(schema.getTypeMap())
        .filter((type) => isObjectType(type) && !type.name.startsWith('__'))
        .map((type) => ({ type: type.name, fieldList: 'getFields' in type ? Object.keys(type.getFields()) : [] })),
    };
  } catch (error) {
    return refused([error instanceof RangeError ? 'it is nested too deeply' : (error as Error).message]);
  }
}

/** A schema that is not taken, for these reasons. */
export function refused(reasons: readonly string[]): SchemaCheck {
  return { refusal: reasons.join('; ').slice(0, longestRefusal), operations: [], types: [] };
}

/** Throws 400 for a schema that is not taken. */
export function requireValid({ refusal }: SchemaCheck): void {
  if (refusal !== null) throw new SluiceError(errors.graphqlSchemaInvalid, { detail: refusal });
}
