import { templateValues, type UriTemplate } from '../snapshot/template.ts';

/** A variable of an endpoint's URL, which a call gives its value: `{uri.var.NAME}` from the path, `{query.param.NAME}` from the query. */
interface Variable {
  readonly source: 'path' | 'query';
  readonly name: string;
  /** `{+…}`: slashes and other reserved characters that the value holds percent-encoded are written as they are (RFC 6570 section 3.2.3). */
  readonly reserved: boolean;
}

/** A text with variables. */
export interface VariableText {
  /** Literal texts between which the values of `variables` stand. */
  readonly texts: readonly string[];
  readonly variables: readonly Variable[];
}

/** Where variables find their values. */
export interface VariableValues {
  /** Of the operation; null for none. */
  readonly template: UriTemplate | null;
  /** Path that fitted the template. */
  readonly path: string;
  /** Query of the client, with its `?`, or empty. */
  readonly query: string;
}

const variable = /\{(\+?)(uri\.var|query\.param)\.([^{}]+)\}/g;
/** What a variable of a path may not end, and what one of a query may not divide. */
const beyondPath = /[/?#]/g;
const beyondPair = /[&=+#]/g;
/** Reserved characters that make no other part of a URL begin. */
const reservedEscapes = /%(?:2[1246789abcf]|3[abd]|40)/gi;

export function compileVariables(text: string): VariableText {
  return {
    // Three groups stand between the texts.
    texts: text.split(variable).filter((_, index) => index % 4 === 0),
    variables: [...text.matchAll(variable)].map(([, plus, source, name = '']) => ({
      source: source === 'uri.var' ? 'path' : 'query',
      name,
      reserved: plus === '+',
    })),
  };
}

/** Whether variables of another kind are left in it, which nothing sets; the first one. */
export function unknownVariable({ texts }: VariableText): string | undefined {
  for (const text of texts) {
    const found = /\$?\{[^{}]*\}/.exec(text);
    if (found !== null) return found[0];
  }
  return undefined;
}

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
    const { source, name, reserved } = variables[i] as Variable;
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
