import { asObject } from '../endpoints/scalars.ts';
import type { Json, JsonObject } from '../json.ts';
import { resolve } from '../openapi/references.ts';

/** Levels of a sample, and values in it: a schema may contain itself. And values that are looked at for all samples of a document. */
const deepest = 12;
const mostValues = 2000;
const mostTogether = 500_000;

const textsByFormat: Readonly<Record<string, string>> = {
  date: '2024-01-31',
  'date-time': '2024-01-31T12:00:00Z',
  time: '12:00:00Z',
  email: 'user@example.com',
  uuid: '3fa85f64-5717-4562-b3fc-2c963f66afa6',
  uri: 'https://example.com/',
  url: 'https://example.com/',
  hostname: 'example.com',
  ipv4: '192.0.2.1',
  ipv6: '2001:db8::1',
  byte: 'c2FtcGxl',
};

/** Makes up values for the schemas of one document. */
export class Sampler {
  readonly #document: JsonObject;
  #leftTogether = mostTogether;
  #left = 0;

  constructor(document: JsonObject) {
    this.#document = document;
  }

  /** A value that is as the schema says, its own examples first. */
  sampleOf(schema: Json | undefined): Json {
    const most = Math.min(mostValues, this.#leftTogether);
    this.#left = most;
    const sample = this.#value(schema, 0);
    this.#leftTogether -= most - Math.max(0, this.#left);
    return sample;
  }

  #value(given: Json | undefined, depth: number): Json {
    if (--this.#left < 0 || depth > deepest) return null;
    const schema = asObject(resolve(this.#document, given));
    if (schema === undefined) return null;
    const said = saidBy(schema);
    if (said !== undefined) return said;
    const parts = Array.isArray(schema.allOf) ? schema.allOf : [];
    if (parts.length > 0) return this.#together(schema, parts, depth);
    for (const choices of [schema.oneOf, schema.anyOf]) {
      if (Array.isArray(choices) && choices.length > 0) return this.#value(choices[0], depth + 1);
    }
    return this.#typed(schema, depth);
  }

  /** `allOf` with what stands beside it. */
  #together(schema: JsonObject, parts: readonly Json[], depth: number): Json {
    const { allOf: _, ...beside } = schema;
    const values: Json[] = [];
    for (const part of [...parts, beside]) {
      if (this.#left <= 0) break;
      values.push(this.#value(part, depth + 1));
    }
    const objects = values.filter((value) => asObject(value) !== undefined) as JsonObject[];
    if (objects.length > 0) return Object.assign({}, ...objects) as JsonObject;
    return values.find((value) => value !== null) ?? null;
  }

  #typed(schema: JsonObject, depth: number): Json {
    switch (typeOf(schema)) {
      case 'object':
        return this.#object(schema, depth);
      case 'array':
        return schema.items === undefined ? [] : [this.#value(schema.items, depth + 1)];
      case 'boolean':
        return true;
      case 'integer':
        return Math.ceil(lowest(schema));
      case 'number':
        return lowest(schema);
      case 'string':
        return textOf(schema);
      default:
        return null;
    }
  }

  #object(schema: JsonObject, depth: number): JsonObject {
    const members: [string, Json][] = [];
    for (const [name, property] of Object.entries(asObject(schema.properties) ?? {})) {
      if (this.#left <= 0) break;
      if (asObject(resolve(this.#document, property))?.writeOnly === true) this.#left--;
      else members.push([name, this.#value(property, depth + 1)]);
    }
    return Object.fromEntries(members);
  }
}

/** What the schema itself gives as a value. */
function saidBy(schema: JsonObject): Json | undefined {
  for (const value of [schema.example, schema.default, schema.const]) if (value !== undefined) return value;
  for (const list of [schema.examples, schema.enum]) if (Array.isArray(list) && list.length > 0) return list[0];
  return undefined;
}

/** From 3.1 on a schema may have several types, of which `null` says the least. */
function typeOf(schema: JsonObject): Json | undefined {
  const type = Array.isArray(schema.type) ? schema.type.find((one) => one !== 'null') : schema.type;
  if (type !== undefined) return type;
  return schema.properties !== undefined ? 'object' : schema.items !== undefined ? 'array' : undefined;
}

function lowest(schema: JsonObject): number {
  return typeof schema.minimum === 'number' ? schema.minimum : 0;
}

function textOf(schema: JsonObject): string {
  const format = typeof schema.format === 'string' ? schema.format : '';
  return (Object.hasOwn(textsByFormat, format) ? textsByFormat[format] : undefined) ?? 'string';
}
