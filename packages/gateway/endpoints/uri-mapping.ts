import { templateValues, type UriTemplate } from '../snapshot/template.ts';

/** A path with variables of the operation's template between its texts. */
export interface PathTemplate {
  /** Literal texts between which the values of `variables` stand. */
  readonly texts: readonly string[];
  /** Names of `{uri.var.NAME}`, in order. */
  readonly variables: readonly string[];
}

const variable = /\{uri\.var\.([^{}]+)\}/g;

export function compilePath(text: string): PathTemplate {
  return {
    texts: text.split(variable).filter((_, index) => index % 2 === 0),
    variables: [...text.matchAll(variable)].map((match) => match[1] ?? ''),
  };
}

/** Values come from the path that fitted the template, as they were sent. */
export function expandPath({ texts, variables }: PathTemplate, template: UriTemplate, path: string): string {
  const values = templateValues(template, path);
  return texts.reduce((joined, text, index) => joined + (values.get(variables[index - 1] ?? '') ?? '') + text);
}

/** What of a WebSocket API's topic the backend is asked for (`x-uri-mapping` of AsyncAPI), behind the URL of the endpoint. */
export interface UriMapping {
  readonly path: PathTemplate;
  /** Without `?`; empty when there is none. */
  readonly query: PathTemplate;
}

/** Path and query (with its `?`, the client's behind it) for the backend. */
export function expandMapping(
  mapping: UriMapping,
  template: UriTemplate,
  path: string,
  query: string,
): { readonly rest: string; readonly query: string } {
  const own = expandPath(mapping.query, template, path);
  const joined = own === '' ? query : query.length > 1 ? `?${own}&${query.slice(1)}` : `?${own}`;
  return { rest: expandPath(mapping.path, template, path), query: joined };
}

/** Throws an Error in words when the mapping cannot be part of a URL. */
export function compileMapping(text: string): UriMapping {
  if (/[^\x21-\x7e]|#/.test(text)) throw new Error(`the URI mapping ${JSON.stringify(text)} is no part of a URL`);
  const mark = text.indexOf('?');
  const path = mark === -1 ? text : text.slice(0, mark);
  return {
    path: compilePath(path === '' || path.startsWith('/') ? path : `/${path}`),
    query: compilePath(mark === -1 ? '' : text.slice(mark + 1)),
  };
}
