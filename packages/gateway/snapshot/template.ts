/** One segment of a URI template, compiled. `mixed` has text beside its parameters: `{id}.json`, `{from}-{to}`. */
export type TemplateSegment =
  | { readonly kind: 'static'; readonly text: string }
  | { readonly kind: 'mixed'; readonly text: string; readonly literals: readonly string[]; readonly weight: number }
  | { readonly kind: 'param'; readonly text: string };

/** A URI template of an operation (`/orders/{id}`, `/files/*`), compiled for matching. */
export interface UriTemplate {
  readonly segments: readonly TemplateSegment[];
  /** Ends in `/*`: matches what its segments match, and everything below. */
  readonly wildcard: boolean;
  /** Names of the parameters, one list per segment. */
  readonly names: readonly (readonly string[])[];
}

function compileSegment(text: string): TemplateSegment {
  if (text === '*') return { kind: 'param', text };
  const literals: string[] = [];
  let literal = '';
  let parameters = 0;
  for (let at = 0; at < text.length; ) {
    const close = text[at] === '{' ? text.indexOf('}', at) : -1;
    if (close === -1) {
      literal += text[at];
      at++;
      continue;
    }
    literals.push(literal);
    literal = '';
    parameters++;
    at = close + 1;
  }
  if (parameters === 0) return { kind: 'static', text };
  literals.push(literal);
  const weight = literals.reduce((sum, part) => sum + part.length, 0);
  return weight === 0 && parameters === 1 ? { kind: 'param', text } : { kind: 'mixed', text, literals, weight };
}

/** Names between braces, in order. */
function namesOf(text: string): string[] {
  return [...text.matchAll(/\{([^{}]*)\}/g)].map((match) => match[1] ?? '');
}

/** Compiles a template. One slash at the end is not significant, as in WSO2's dispatcher. */
export function compileTemplate(target: string): UriTemplate {
  let text = target.startsWith('/') ? target : `/${target}`;
  const wildcard = text.endsWith('/*');
  if (wildcard) text = text.slice(0, -2);
  else if (text.endsWith('/')) text = text.slice(0, -1);
  const parts = text === '' ? [] : text.slice(1).split('/');
  return { segments: parts.map(compileSegment), wildcard, names: parts.map(namesOf) };
}

/** Whether `segment` of a path fits the literals of a mixed template segment; each parameter takes at least one character. */
export function fitsMixed(literals: readonly string[], segment: string): boolean {
  const first = literals[0] ?? '';
  const last = literals[literals.length - 1] ?? '';
  if (!segment.startsWith(first) || !segment.endsWith(last)) return false;
  let at = first.length;
  const end = segment.length - last.length;
  for (let i = 1; i < literals.length - 1; i++) {
    const literal = literals[i] ?? '';
    const found = segment.indexOf(literal, at + 1);
    if (found === -1 || found + literal.length > end) return false;
    at = found + literal.length;
  }
  return at + 1 <= end;
}

/** Values of the template's parameters in `path`, which the template matches; percent-encoding stays as it came. */
export function templateValues(template: UriTemplate, path: string): Map<string, string> {
  const values = new Map<string, string>();
  const parts = path.split('/');
  template.segments.forEach((segment, index) => {
    const part = parts[index + 1] ?? '';
    const names = template.names[index] ?? [];
    if (segment.kind === 'param' && names[0] !== undefined) values.set(names[0], part);
    if (segment.kind !== 'mixed') return;
    let at = segment.literals[0]?.length ?? 0;
    names.forEach((name, n) => {
      const literal = segment.literals[n + 1] ?? '';
      const lastOne = n === names.length - 1;
      const end = lastOne ? part.length - literal.length : part.indexOf(literal, at + 1);
      values.set(name, part.slice(at, end));
      at = end + literal.length;
    });
  });
  return values;
}
