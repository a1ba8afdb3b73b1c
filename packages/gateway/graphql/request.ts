import { isUtf8 } from 'node:buffer';
import { createHash } from 'node:crypto';
import type { Json } from '@sluice/model';

/** A query as it was sent, before anybody has read it. */
export interface GraphqlRequest {
  readonly query: string;
  /** Values of its variables; empty where none were sent. */
  readonly variables: Readonly<Record<string, Json>>;
}

/** What of a request is read here; a backend must not find it in a second place, under which it may read something else. */
const read: ReadonlySet<string> = new Set(['QUERY', 'VARIABLES', 'EXTENSIONS']);

/** Names under which clients ask for a query that the backend keeps, and that nobody here has read. */
const kept: ReadonlySet<string> = new Set(['ID', 'DOCUMENTID', 'DOC_ID', 'OPERATIONID', 'PERSISTEDQUERYID', 'QUERYID']);

/** The query in the parameters of a call; undefined when there is none, or when it could be another one. `query` begins with its `?`, or is empty. */
export function requestInQuery(query: string): GraphqlRequest | undefined {
  if (!areOnce(namesInQuery(query))) return undefined;
  const parameters = new URLSearchParams(query);
  const text = parameters.get('query');
  const [variables, extensions] = ['variables', 'extensions'].map((name) => parseJson(parameters.get(name) ?? '{}'));
  return text === null ? undefined : requestOf(text, variables, extensions);
}

/** Whether the parameters of a call say something of a query: many backends read these before the body. */
export function speaksInQuery(query: string): boolean {
  return namesInQuery(query).some((name) => read.has(name.toUpperCase()) || kept.has(name.toUpperCase()));
}

/**
 * The query in the body of a POST: JSON with the member `query`, or the query alone as `application/graphql`. Undefined when there is none, and for
 * bodies that a backend could read as another one: of other types, packed, not in UTF-8, or with members that are written twice.
 */
export function requestInBody(body: Buffer, contentType: string, packing: string): GraphqlRequest | undefined {
  const form = formOf(contentType);
  if (form === undefined || !/^(?:\s*identity\s*)?$/i.test(packing) || !isUtf8(body)) return undefined;
  const text = body.toString('utf8');
  if (form === 'query') return requestOf(text, {}, {});
  const value = parseJson(text);
  if (!isObject(value) || typeof value.query !== 'string' || !areOnce(membersOf(text))) return undefined;
  return requestOf(value.query, value.variables, value.extensions);
}

/** What a body of this type holds; undefined for other types. A body without a type counts as JSON. */
function formOf(contentType: string): 'json' | 'query' | undefined {
  const [type = '', ...parameters] = contentType.split(';').map((part) => part.trim().toLowerCase());
  const charset = (parameter: string) => !parameter.startsWith('charset') || /^charset="?utf-?8"?$/.test(parameter);
  if (!parameters.every(charset)) return undefined;
  if (type === 'application/graphql') return 'query';
  return type === '' || type === 'application/json' || /^application\/[a-z0-9.-]+\+json$/.test(type)
    ? 'json'
    : undefined;
}

function requestOf(
  query: string,
  variables: Json | undefined,
  extensions: Json | undefined,
): GraphqlRequest | undefined {
  if (query.trim() === '' || !isItself(query, extensions)) return undefined;
  return { query, variables: isObject(variables) ? variables : {} };
}

/** Where a query is sent with the hash under which the backend is to keep it, the hash is that of the query and of no other. */
function isItself(query: string, extensions: Json | undefined): boolean {
  if (!isObject(extensions) || extensions.persistedQuery === undefined) return true;
  const { persistedQuery } = extensions;
  const hash = isObject(persistedQuery) ? persistedQuery.sha256Hash : undefined;
  return typeof hash === 'string' && hash.toLowerCase() === createHash('sha256').update(query).digest('hex');
}

/** None is there a second time, none names a query that the backend keeps, or stands in a spelling that some backends take for it. */
function areOnce(names: readonly string[]): boolean {
  const seen = new Set<string>();
  for (const name of names) {
    // Upper case, since that makes an S of the long one too.
    const folded = name.toUpperCase();
    if (kept.has(folded)) return false;
    if (!read.has(folded)) continue;
    if (seen.has(folded) || name !== folded.toLowerCase()) return false;
    seen.add(folded);
  }
  return true;
}

/** Names of parameters, as often as they are written. Some backends part them at semicolons too. */
function namesInQuery(query: string): string[] {
  return query
    .slice(1)
    .split(/[&;]/)
    .flatMap((pair) => [...new URLSearchParams(pair.split('=', 1)[0]).keys()]);
}

/** Names of the members of the object that a JSON text is, as often as they are written. */
function membersOf(json: string): string[] {
  const names: string[] = [];
  let depth = 0;
  for (let i = 0; i < json.length; i++) {
    const sign = json.charAt(i);
    if (sign === '{' || sign === '[') depth++;
    else if (sign === '}' || sign === ']') depth--;
    else if (sign === '"') {
      const end = endOfText(json, i);
      // Only a name is followed by a colon.
      if (depth === 1 && isColonNext(json, end)) names.push(JSON.parse(json.slice(i, end)) as string);
      i = end - 1;
    }
  }
  return names;
}

/** Offset behind the text in quotes that begins at `begin`. */
function endOfText(json: string, begin: number): number {
  let quote = json.indexOf('"', begin + 1);
  for (;;) {
    let slashes = 0;
    while (json.charAt(quote - 1 - slashes) === '\\') slashes++;
    if (slashes % 2 === 0) return quote + 1;
    quote = json.indexOf('"', quote + 1);
  }
}

function isColonNext(json: string, offset: number): boolean {
  let at = offset;
  while (' \t\r\n'.includes(json.charAt(at)) && at < json.length) at++;
  return json.charAt(at) === ':';
}

function parseJson(text: string): Json | undefined {
  try {
    return JSON.parse(text) as Json;
  } catch {
    return undefined;
  }
}

function isObject(value: Json | undefined): value is Record<string, Json> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
