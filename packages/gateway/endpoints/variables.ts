import type { UrlVariable, VariableText } from '@sluice/model';
import { templateValues, type UriTemplate } from '../snapshot/template.ts';

/** Where variables find their values. */
export interface VariableValues {
  /** Of the operation; null for none. */
  readonly template: UriTemplate | null;
  /** Path that fitted the template. */
  readonly path: string;
  /** Query of the client, with its `?`, or empty. */
  readonly query: string;
}

/** What a variable of a path may not end, and what one of a query may not divide. */
const beyondPath = /[/?#]/g;
const beyondPair = /[&=+#]/g;
/** Reserved characters that make no other part of a URL begin. */
const reservedEscapes = /%(?:2[1246789abcf]|3[abd]|40)/gi;

/**
 * The text with the values as they were sent, percent-encoding included; what would begin another part of the URL there is
 * percent-encoded. A variable without a value stands for nothing.
 */
export function expandVariables(
  { texts, variables }: VariableText,
  part: 'path' | 'query',
  { template, path, query }: VariableValues,
): string {
  const inPath = template === null ? null : templateValues(template, path);
  let expanded = texts[0] ?? '';
  for (let i = 0; i < variables.length; i++) {
    const { source, name, reserved } = variables[i] as UrlVariable;
    const value = (source === 'path' ? inPath?.get(name) : queryValue(query, name)) ?? '';
    const written = value.replace(part === 'path' ? beyondPath : beyondPair, encodeURIComponent);
    expanded += (reserved ? written.replace(reservedEscapes, decodeURIComponent) : written) + (texts[i + 1] ?? '');
  }
  return expanded;
}

/** The first value of a parameter, as it was sent. */
export function queryValue(query: string, name: string): string | undefined {
  for (const pair of query.slice(1).split('&')) {
    const equals = pair.indexOf('=');
    if (equals !== -1 && pair.slice(0, equals) === name) return pair.slice(equals + 1);
  }
  return undefined;
}
