import { asObject } from '../endpoints/scalars.ts';
import type { Json, JsonObject } from '../json.ts';
import { eachOperation } from '../openapi/operations.ts';
import { resolve } from '../openapi/references.ts';
import { Sampler } from './sample.ts';
import { fits } from './size.ts';
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
  return new Answers(document).all();
}

class Answers {
  readonly #document: JsonObject;
  readonly #sampler: Sampler;
  /** Characters that bodies may still have; one that is too large counts as the largest, for it takes as long to find out. */
  #left = longestTogether;

  constructor(document: JsonObject) {
    this.#document = document;
    this.#sampler = new Sampler(document);
  }

  all(): ReadonlyMap<string, readonly MockAnswer[]> {
    const answers = new Map<string, readonly MockAnswer[]>();
    for (const { target, verb, operation } of eachOperation(this.#document)) {
      answers.set(`${verb.toUpperCase()} ${target}`, this.#answersOf(operation));
    }
    return answers;
  }

  #answersOf(operation: JsonObject): MockAnswer[] {
    const produces = mediaTypes(operation.produces ?? this.#document.produces);
    const answers: MockAnswer[] = [];
    for (const [code, given] of Object.entries(asObject(operation.responses) ?? {})) {
      const status = code === 'default' ? code : code.toUpperCase();
      const response = asObject(resolve(this.#document, given));
      if (response === undefined || !/^(?:[1-5]\d\d|[1-5]XX|default)$/.test(status)) continue;
      answers.push({ status, ...this.#bodiesOf(response, produces) });
    }
    // Digits stand before letters, so that a class comes after its codes, and `default` last.
    return answers.sort((one, other) => (one.status < other.status ? -1 : 1));
  }

  #bodiesOf(response: JsonObject, produces: readonly string[]): Omit<MockAnswer, 'status'> {
    const bodies: { json?: string; xml?: string } = {};
    if (this.#left <= 0) return bodies;
    for (const [type, value, root] of this.#examplesOf(response, produces)) {
      const kind = isXml(type) ? 'xml' : 'json';
      if (bodies[kind] !== undefined) continue;
      const isLarge = !fits(value, root, kind, longest);
      const text = isLarge ? undefined : textOf(type, value, root);
      this.#left -= isLarge ? longest : (text?.length ?? 0);
      if (this.#left < 0) break;
      if (text !== undefined && text.length <= longest) bodies[kind] = text;
    }
    return bodies;
  }

  /** Media type, value and name of the root element. Swagger 2.0 has one schema for all media types. */
  *#examplesOf(
    response: JsonObject,
    produces: readonly string[],
  ): Generator<[type: string, value: Json, root: string]> {
    const document = this.#document;
    const old = asObject(response.examples) ?? {};
    for (const [type, value] of Object.entries(old)) yield [type, value, rootOf(document, response.schema)];
    if (response.schema !== undefined) {
      const root = rootOf(document, response.schema);
      for (const type of produces) {
        if (old[type] === undefined) yield [type, this.#sampler.sampleOf(response.schema), root];
      }
    }
    for (const [type, given] of Object.entries(asObject(response.content) ?? {})) {
      const media = asObject(given) ?? {};
      const first = Object.values(asObject(media.examples) ?? {})[0];
      const named = asObject(resolve(document, first))?.value;
      const value = media.example ?? named ?? this.#sampler.sampleOf(media.schema);
      yield [type, value, rootOf(document, media.schema)];
    }
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

/** The body with that value; undefined for media types that are written in neither way. */
function textOf(type: string, value: Json, root: string): string | undefined {
  if (typeof value === 'string' && looksWritten(type, value)) return value;
  if (isXml(type)) return writeXml(root, Array.isArray(value) ? { item: value } : value);
  return /[/+]json\s*(?:;|$)|^\*\/\*$/i.test(type) ? JSON.stringify(value) : undefined;
}

function rootOf(document: JsonObject, given: Json | undefined): string {
  const said = asObject(asObject(resolve(document, given))?.xml)?.name;
  if (typeof said === 'string' && said !== '') return said;
  const reference = asObject(given)?.$ref;
  return typeof reference === 'string' ? (reference.split('/').at(-1) ?? 'root') : 'root';
}
