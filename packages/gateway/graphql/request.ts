import type { Json } from '@sluice/model';

/** A query as it was sent, before anybody has read it. */
export interface GraphqlRequest {
  readonly query: string;
  /** Values of its variables; empty where none were sent. */
  readonly variables: Readonly<Record<string, Json>>;
}

/** The query in the parameters of a GET; undefined when there is none. `query` begins with its `?`, or is empty. */
export function requestInQuery(query: string): GraphqlRequest | undefined {
  const parameters = new URLSearchParams(query);
  const text = parameters.get('query');
  // A backend may take the other one of two.
  if (text === null || parameters.getAll('query').length > 1) return undefined;
  return requestOf(text, parseJson(parameters.get('variables') ?? '{}'));
}

/** The query in the body of a POST: JSON with the member `query`, or the query alone as `application/graphql`. Undefined when there is none. */
export function requestInBody(body: Buffer, contentType: string): GraphqlRequest | undefined {
  const text = body.toString('utf8');
  if (/^application\/graphql\s*(?:;|$)/i.test(contentType)) return requestOf(text, {});
  const value = parseJson(text);
  if (!isObject(value) || typeof value.query !== 'string') return undefined;
  return requestOf(value.query, value.variables);
}

function requestOf(query: string, variables: Json | undefined): GraphqlRequest | undefined {
  if (query.trim() === '') return undefined;
  return { query, variables: isObject(variables) ? variables : {} };
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
