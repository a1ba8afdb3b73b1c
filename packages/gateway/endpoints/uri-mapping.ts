import { readVariables, type VariableText } from '@sluice/model';
import type { UriTemplate } from '../snapshot/template.ts';
import { expandVariables } from './variables.ts';

/** What of a WebSocket API's topic the backend is asked for (`x-uri-mapping` of AsyncAPI), behind the URL of the endpoint. */
export interface UriMapping {
  readonly path: VariableText;
  /** Without `?`; empty when there is none. */
  readonly query: VariableText;
}

/** Path and query (with its `?`, the client's behind it) for the backend. */
export function expandMapping(
  mapping: UriMapping,
  template: UriTemplate,
  path: string,
  query: string,
): { readonly rest: string; readonly query: string } {
  const values = { template, path, query };
  const own = expandVariables(mapping.query, 'query', values);
  const joined = own === '' ? query : query.length > 1 ? `?${own}&${query.slice(1)}` : `?${own}`;
  return { rest: expandVariables(mapping.path, 'path', values), query: joined };
}

/** Throws an Error in words when the mapping cannot be part of a URL. */
export function compileMapping(text: string): UriMapping {
  if (/[^\x21-\x7e]|#/.test(text)) throw new Error(`the URI mapping ${JSON.stringify(text)} is no part of a URL`);
  const mark = text.indexOf('?');
  const path = mark === -1 ? text : text.slice(0, mark);
  return {
    path: readVariables(path === '' || path.startsWith('/') ? path : `/${path}`),
    query: readVariables(mark === -1 ? '' : text.slice(mark + 1)),
  };
}
