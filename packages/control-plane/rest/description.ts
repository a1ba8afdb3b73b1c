import { readFileSync } from 'node:fs';
import type { Json, JsonObject } from '@sluice/model';

/** An OpenAPI 3.0 document of ours, kept as JSON so that a start does not pay for a YAML parser. */
export interface Description {
  readonly openapi: string;
  readonly info: { readonly title: string; readonly version: string; readonly description?: string };
  /** The first server's URL is the path that the portal is served under. */
  readonly servers: readonly [{ readonly url: string }, ...{ readonly url: string }[]];
  readonly paths: Readonly<Record<string, JsonObject>>;
  readonly components: JsonObject;
}

/** Who may call an operation: holders of one of its scopes, anybody without credentials too, or everybody unseen. */
export type Access = 'scoped' | 'anonymous-allowed' | 'open';

export interface DescribedParameter {
  readonly name: string;
  readonly in: 'path' | 'query' | 'header';
  readonly required: boolean;
  readonly schema: JsonObject;
}

export interface DescribedOperation {
  readonly id: string;
  /** Upper case. */
  readonly method: string;
  /** Path template below the portal's base path. */
  readonly template: string;
  readonly parameters: readonly DescribedParameter[];
  /** Media types that are taken, each with the JSON pointer of its schema; null where the operation takes no body. */
  readonly body: { readonly required: boolean; readonly media: ReadonlyMap<string, string> } | null;
  /** By status: media type to the JSON pointer of its schema (null when it has none). */
  readonly responses: ReadonlyMap<string, ReadonlyMap<string, string | null>>;
  readonly access: Access;
  /** Any one of them suffices; empty asks for credentials alone. */
  readonly scopes: readonly string[];
}

/** Reads a description of ours from disk. */
export function readDescription(file: URL): Description {
  return JSON.parse(readFileSync(file, 'utf8')) as Description;
}

const methods = ['get', 'put', 'post', 'delete', 'patch', 'head', 'options'];

/** Every operation of a description; throws by name on one that lacks an operation id, security or a target of its references. */
export function describedOperations(description: Description): DescribedOperation[] {
  const found: DescribedOperation[] = [];
  for (const [template, item] of Object.entries(description.paths)) {
    for (const method of methods) {
      const operation = item[method] as JsonObject | undefined;
      if (operation) found.push(describe(description, template, method, item, operation));
    }
  }
  return found;
}

function describe(
  description: Description,
  template: string,
  method: string,
  item: JsonObject,
  operation: JsonObject,
): DescribedOperation {
  const place = `${method.toUpperCase()} ${template}`;
  if (typeof operation.operationId !== 'string') throw new Error(`${place} has no operationId`);
  if (!Array.isArray(operation.security)) throw new Error(`${place} does not say what security it asks for`);
  const pointer = `#/paths/${escapePointer(template)}/${method}`;
  const shared = Array.isArray(item.parameters) ? item.parameters : [];
  const own = Array.isArray(operation.parameters) ? operation.parameters : [];
  return {
    id: operation.operationId,
    method: method.toUpperCase(),
    template,
    parameters: [...shared, ...own].map((parameter) => {
      const { target } = follow(description, parameter, '');
      return {
        name: String(target.name),
        in: target.in as DescribedParameter['in'],
        required: target.required === true,
        schema: (target.schema ?? {}) as JsonObject,
      };
    }),
    body: describeBody(description, operation, pointer),
    responses: describeResponses(description, operation, pointer),
    ...describeSecurity(operation.security as Json[]),
  };
}

function describeBody(description: Description, operation: JsonObject, pointer: string): DescribedOperation['body'] {
  if (operation.requestBody === undefined) return null;
  const { target, place } = follow(description, operation.requestBody, `${pointer}/requestBody`);
  return { required: target.required === true, media: describeMedia(target, place) as Map<string, string> };
}

function describeResponses(
  description: Description,
  operation: JsonObject,
  pointer: string,
): DescribedOperation['responses'] {
  const responses = new Map<string, Map<string, string | null>>();
  for (const [status, response] of Object.entries((operation.responses ?? {}) as JsonObject)) {
    const { target, place } = follow(description, response, `${pointer}/responses/${status}`);
    responses.set(status, describeMedia(target, place));
  }
  return responses;
}

function describeMedia(holder: JsonObject, pointer: string): Map<string, string | null> {
  const media = new Map<string, string | null>();
  for (const [type, content] of Object.entries((holder.content ?? {}) as JsonObject)) {
    const schema = (content as JsonObject).schema;
    media.set(type, schema === undefined ? null : `${pointer}/content/${escapePointer(type)}/schema`);
  }
  return media;
}

/** OpenAPI's own spelling: `[]` asks for nothing, an empty requirement among others makes credentials optional. */
function describeSecurity(security: readonly Json[]): { access: Access; scopes: string[] } {
  if (security.length === 0) return { access: 'open', scopes: [] };
  const optional = security.some((requirement) => Object.keys(requirement as JsonObject).length === 0);
  const scopes = security.flatMap((requirement) => Object.values(requirement as JsonObject).flat() as string[]);
  return { access: optional ? 'anonymous-allowed' : 'scoped', scopes };
}

function follow(
  description: Description,
  value: Json | undefined,
  place: string,
): { target: JsonObject; place: string } {
  const object = value as JsonObject;
  if (typeof object.$ref !== 'string') return { target: object, place };
  return { target: lookUp(description, object.$ref), place: object.$ref };
}

/** What a JSON pointer of a description leads to. */
export function lookUp(description: Description, pointer: string): JsonObject {
  let target: Json | undefined = description as unknown as JsonObject;
  for (const segment of pointer.slice(2).split('/')) {
    const name = decodeURIComponent(segment).replaceAll('~1', '/').replaceAll('~0', '~');
    target = (target as JsonObject | undefined)?.[name];
  }
  if (target === undefined) throw new Error(`the description does not hold ${pointer}`);
  return target as JsonObject;
}

function escapePointer(segment: string): string {
  return encodeURIComponent(segment.replaceAll('~', '~0').replaceAll('/', '~1'));
}
