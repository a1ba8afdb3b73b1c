/** A variable of an endpoint's URL, which a call gives its value: `{uri.var.NAME}` from the path, `{query.param.NAME}` from the query. */
export interface UrlVariable {
  readonly source: 'path' | 'query';
  readonly name: string;
  /** `{+…}`: slashes and other reserved characters that the value holds percent-encoded are written as they are (RFC 6570 section 3.2.3). */
  readonly reserved: boolean;
}

/** A text with variables. */
export interface VariableText {
  /** Literal texts between which the values of `variables` stand. */
  readonly texts: readonly string[];
  readonly variables: readonly UrlVariable[];
}

const variable = /\{(\+?)(uri\.var|query\.param)\.([^{}]+)\}/g;

export function readVariables(text: string): VariableText {
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

/** The first variable of another kind, `{name}` or `${property}`, which no call sets. */
export function unknownVariable({ texts }: VariableText): string | undefined {
  for (const text of texts) {
    const found = /\$?\{[^{}]*\}/.exec(text);
    if (found !== null) return found[0];
  }
  return undefined;
}

/** Whether a call says which host is meant: a variable stands in scheme, host or port. */
export function hasVariableHost(url: string): boolean {
  const beginning = /^[^/?#]*(?:\/\/[^/?#]*)?/.exec(withoutEncoding(url))?.[0] ?? '';
  return readVariables(beginning).variables.length > 0;
}

/** Without WSO2's switch to an older way of percent-encoding: addresses and values go on as they are, so that it says nothing here. */
export function withoutEncoding(url: string): string {
  return url.trim().replace(/^legacy-encoding:/, '');
}
