/** One challenge of `WWW-Authenticate` (RFC 9110 section 11.6.1). Names are lower-cased, values without their quotes. */
export interface Challenge {
  readonly scheme: string;
  readonly parameters: ReadonlyMap<string, string>;
}

/** Longest field that is read; a server needs a few hundred characters. */
const longest = 16 * 1024;

const word = "[!#$%&'*+.^_`|~0-9A-Za-z-]+";
const pair = `(${word})[ \\t]*=[ \\t]*(?:"((?:[^"\\\\]|\\\\[\\s\\S])*)"|(${word}))`;
const parameterForm = new RegExp(`^${pair}$`);
const schemeForm = new RegExp(`^(${word})(?:[ \\t]+(?:${pair}|[-._~+/0-9A-Za-z]+=*))?$`);

/**
 * Reads the challenges of a field: several may be joined by the commas that also part their parameters. A challenge with a mistake is left
 * out, and of parameters that are given twice the first counts. Of a field that is too long nothing is read.
 */
export function readChallenges(field: string): Challenge[] {
  if (field.length > longest) return [];
  const found: { scheme: string; parameters: Map<string, string>; broken: boolean }[] = [];
  for (const element of elementsOf(field)) {
    const current = found.at(-1);
    const parameter = parameterForm.exec(element);
    if (parameter !== null && current !== undefined) put(current.parameters, parameter[1], parameter[2], parameter[3]);
    else {
      const begun = parameter === null ? schemeForm.exec(element) : null;
      if (begun !== null) {
        const parameters = new Map<string, string>();
        if (begun[2] !== undefined) put(parameters, begun[2], begun[3], begun[4]);
        found.push({ scheme: (begun[1] as string).toLowerCase(), parameters, broken: false });
      } else if (current !== undefined) current.broken = true;
    }
  }
  return found.flatMap(({ scheme, parameters, broken }) => (broken ? [] : [{ scheme, parameters }]));
}

function put(parameters: Map<string, string>, name = '', quoted?: string, plain = ''): void {
  const key = name.toLowerCase();
  if (!parameters.has(key)) parameters.set(key, quoted === undefined ? plain : quoted.replace(/\\(.)/gs, '$1'));
}

/** What stands between the commas that are not in quotes, without blanks around it; empty elements count for nothing. */
function elementsOf(field: string): string[] {
  const elements: string[] = [];
  let begin = 0;
  let inQuotes = false;
  for (let at = 0; at <= field.length; at++) {
    const character = field[at];
    if (inQuotes && character === '\\') at++;
    else if (character === '"') inQuotes = !inQuotes;
    else if (character === undefined || (character === ',' && !inQuotes)) {
      const element = field.slice(begin, at).trim();
      if (element !== '') elements.push(element);
      begin = at + 1;
    }
  }
  if (begin < field.length && inQuotes) elements.push(field.slice(begin));
  return elements;
}
