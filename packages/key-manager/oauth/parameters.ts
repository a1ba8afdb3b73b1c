import { errors, SluiceError } from '@sluice/model';

/** Parameters of a request, from the query string and from a form or JSON body alike. */
export interface Parameters {
  /** Undefined when absent or blank. Throws `oauthInvalidRequest` when it was given twice with different values (RFC 6749 section 3.2). */
  get(name: string): string | undefined;
  /** Throws `oauthInvalidRequest` when it is absent. */
  require(name: string): string;
}

const mostParameters = 100;

/** `query` and `form` are urlencoded; `json` is the text of an object. */
export function parseParameters(query: string, contentType: string | undefined, body: Buffer): Parameters {
  const values = new Map<string, Set<string>>();
  let count = 0;
  const add = (name: string, value: string) => {
    if (++count > mostParameters) throw invalid(`more than ${mostParameters} parameters`);
    const known = values.get(name);
    if (known) known.add(value);
    else values.set(name, new Set([value]));
  };
  for (const [name, value] of new URLSearchParams(query)) add(name, value);
  const mediaType = contentType?.split(';', 1)[0]?.trim().toLowerCase();
  if (body.length > 0) {
    if (mediaType === 'application/json') for (const [name, value] of jsonMembers(body)) add(name, value);
    else if (mediaType === undefined || mediaType === 'application/x-www-form-urlencoded')
      for (const [name, value] of new URLSearchParams(body.toString('utf8'))) add(name, value);
    else throw invalid('the body must be application/x-www-form-urlencoded or application/json');
  }

  function get(name: string): string | undefined {
    const given = values.get(name);
    if (given && given.size > 1) throw invalid(`${name} is given more than once`);
    const [value] = given ?? [];
    return value === '' ? undefined : value;
  }
  return {
    get,
    require(name) {
      const value = get(name);
      if (value === undefined) throw invalid(`${name} is missing`);
      return value;
    },
  };
}

function* jsonMembers(body: Buffer): Generator<[string, string]> {
  let parsed: unknown;
  try {
    parsed = JSON.parse(body.toString('utf8'));
  } catch {
    throw invalid('the body is not valid JSON');
  }
  if (typeof parsed !== 'object' || parsed === null || Array.isArray(parsed))
    throw invalid('the body is not a JSON object');
  for (const [name, value] of Object.entries(parsed)) {
    if (typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean')
      yield [name, String(value)];
    else if (name === 'scope' && Array.isArray(value) && value.every((scope) => typeof scope === 'string'))
      yield [name, value.join(' ')];
    else if (value !== null) throw invalid('a parameter of the body is not a text');
  }
}

const invalid = (detail: string) => new SluiceError(errors.oauthInvalidRequest, { detail });
