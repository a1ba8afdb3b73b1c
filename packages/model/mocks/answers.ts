import { asObject } from '../endpoints/scalars.ts';
import type { Json, JsonObject } from '../json.ts';
import { eachOperation } from '../openapi/operations.ts';
import { resolve } from '../openapi/references.ts';
import { sampleOf } from './sample.ts';
import { writeXml } from './xml.ts';

/** What an operation without a backend answers with one status. */
export interface MockAnswer {
  /** `200`, `4XX` for what is left of a class, or `default`. */
  readonly status: string;
  /** Bodies, where the definition has one of that kind. */
  readonly json?: string;
  readonly xml?: string;
}

/** Characters of a body, and of all bodies of an API together: what is beyond them is left out. */
const longest = 256 * 1024;
const longestTogether = 4 * 1024 * 1024;

/**
 * Answers of each operation, by `VERB target`, from the examples of a definition, else made up from its schemas; lowest status first (wso2-policies-and-kinds.md 7). Scripts that
 * WSO2 keeps beside them are not run.
 */
export function mockAnswers(document: JsonObject): ReadonlyMap<string, readonly MockAnswer[]> {
  const answers = new Map<string, readonly MockAnswer[]>();
  let left = longestTogether;
  for (const { target, verb, operation } of eachOperation(document)) {
    const own = answersOf(document, operation);
    left -= own.reduce((sum, { json = '', xml = '' }) => sum + json.length + xml.length, 0);
    answers.set(`${verb.toUpperCase()} ${target}`, left < 0 ? own.map(({ status }) => ({ status })) : own);
  }
  return answers;
}

function answersOf(document: JsonObject, operation: JsonObject): MockAnswer[] {
  const produces = mediaTypes(operation.produces ?? document.produces);
  const answers: MockAnswer[] = [];
  for (const [code, given] of Object.entries(asObject(operation.responses) ?? {})) {
    const status = code === 'default' ? code : code.toUpperCase();
    const response = asObject(resolve(document, given));
    if (response === undefined || !/^(?:[1-5]\d\d|[1-5]XX|default)$/.test(status)) continue;
    answers.push({ status, ...bodiesOf(document, response, produces) });
  }
  // Digits stand before letters, so that a class comes after its codes, and `default` last.
  return answers.sort((one, other) => (one.status < other.status ? -1 : 1));
}

function bodiesOf(document: JsonObject, response: JsonObject, produces: readonly string[]): Omit<MockAnswer, 'status'> {
  const bodies: { json?: string; xml?: string } = {};
  for (const [type, value, root] of examplesOf(document, response, produces)) {
    const text = typeof value === 'string' && looksWritten(type, value) ? value : write(type, value, root);
    if (text !== undefined && text.length <= longest) bodies[isXml(type) ? 'xml' : 'json'] ??= text;
  }
  return bodies;
}

/** Media type, value and name of the root element. Swagger 2.0 has one schema for all media types. */
function* examplesOf(
  document: JsonObject,
  response: JsonObject,
  produces: readonly string[],
): Generator<[type: string, value: Json, root: string]> {
  const old = asObject(response.examples) ?? {};
  for (const [type, value] of Object.entries(old)) yield [type, value, rootOf(document, response.schema)];
  if (response.schema !== undefined) {
    for (const type of produces) {
      if (old[type] === undefined) yield [type, sampleOf(document, response.schema), rootOf(document, response.schema)];
    }
  }
  for (const [type, given] of Object.entries(asObject(response.content) ?? {})) {
    const media = asObject(given) ?? {};
    const first = Object.values(asObject(media.examples) ?? {})[0];
    const named = asObject(resolve(document, first))?.value;
    const value = media.example ?? named ?? sampleOf(document, media.schema);
    yield [type, value, rootOf(document, media.schema)];
  }
}

function mediaTypes(value: Json | undefined): readonly string[] {
  const types = Array.isArray(value) ? value.filter((type) => typeof type === 'string') : [];
  return types.length > 0 ? types : ['application/json'];
}

function isXml(type: string): boolean {
  return /[/+]xml\s*(?:;|$)/i.test(type);
}

/** An example may be the text of the body itself. */
function looksWritten(type: string, value: string): boolean {
  return isXml(type) ? value.trimStart().startsWith('<') : /^\s*[[{]/.test(value);
}

function write(type: string, value: Json, root: string): string | undefined {
  if (isXml(type)) return writeXml(root, Array.isArray(value) ? { item: value } : value);
  return /[/+]json\s*(?:;|$)|^\*\/\*$/i.test(type) ? JSON.stringify(value) : undefined;
}

function rootOf(document: JsonObject, given: Json | undefined): string {
  const said = asObject(asObject(resolve(document, given))?.xml)?.name;
  if (typeof said === 'string' && said !== '') return said;
  const reference = asObject(given)?.$ref;
  return typeof reference === 'string' ? (reference.split('/').at(-1) ?? 'root') : 'root';
}
