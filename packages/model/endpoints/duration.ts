import type { DurationExpression } from '../deadlines/timeouts.ts';
import { type Findings, member } from '../finding.ts';
import type { Json, JsonObject } from '../json.ts';

const longest = 200;
const forms: readonly (readonly [RegExp, NonNullable<DurationExpression['source']>])[] = [
  [/^\$trp:([!#$%&'*+.^_`|~0-9A-Za-z-]+)$/, 'header'],
  [/^get-property\(\s*(["'])transport\1\s*,\s*(["'])([!#$%&'*+.^_`|~0-9A-Za-z-]+)\2\s*\)$/, 'header'],
  [/^\$url:([A-Za-z0-9_.~-]+)$/, 'query'],
  [/^get-property\(\s*(["'])query\.param\.([A-Za-z0-9_.~-]+)\1\s*\)$/, 'query'],
];

/** Whether a value is an expression: text in braces, as Synapse has it. */
export function isExpression(value: Json | undefined): value is string {
  return typeof value === 'string' && /^\s*\{/.test(value);
}

/**
 * Reads the duration that each call brings along: a header (`{$trp:X-Timeout}`, `{get-property('transport','X-Timeout')}`) or a query parameter
 * (`{$url:timeout}`, `{get-property('query.param.timeout')}`). Any other expression has no value here, as one that Synapse cannot evaluate: the
 * global deadline is in force (wso2-gateway.md 3).
 */
export function parseExpression(
  config: JsonObject,
  key: string,
  path: string,
  findings: Findings,
): DurationExpression | undefined {
  const text = String(config[key]).trim();
  if (text.length > longest || !text.endsWith('}')) {
    findings.error(
      member(path, key),
      text,
      `an expression in braces of at most ${longest} characters`,
      'Write {$trp:NAME} for a header or {$url:NAME} for a query parameter, or milliseconds.',
    );
    return undefined;
  }
  const inner = text.slice(1, -1).trim();
  for (const [form, source] of forms) {
    const name = form.exec(inner)?.at(-1);
    if (name !== undefined) return { text, source, name: source === 'header' ? name.toLowerCase() : name };
  }
  findings.warning(
    member(path, key),
    text,
    'a header, {$trp:NAME}, or a query parameter, {$url:NAME}',
    'The expression has no value here; calls have the global duration.',
  );
  return { text, source: null, name: '' };
}
