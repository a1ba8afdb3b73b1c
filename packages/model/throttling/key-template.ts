import { type RuleAttribute, type RuleValue, ruleAttributes } from './siddhi/rule.ts';
import { SiddhiError } from './siddhi/siddhi-error.ts';

/** Characters of the longest template. */
const maxLength = 1024;

/** Variables as WSO2 documents them, the keys of the request stream beside them, and `$customProperty.NAME`. None has an underscore: it may part two. */
const variable = /\$(?:customProperty\.([A-Za-z0-9_.-]+)|([A-Za-z0-9]+))/y;

/**
 * Reads a key template: variables with a dollar sign and fixed text between them, as in `$userId:$apiContext`. Throws `SiddhiError`.
 */
export function readKeyTemplate(template: string): RuleValue[] {
  const text = template.trim();
  if (text === '') throw new SiddhiError('the key template is empty', undefined);
  if (text.length > maxLength) {
    throw new SiddhiError(`the key template is longer than ${maxLength} characters`, undefined);
  }
  const parts: RuleValue[] = [];
  let offset = 0;
  while (offset < text.length) {
    const mark = text.indexOf('$', offset);
    const end = mark === -1 ? text.length : mark;
    if (end > offset) parts.push({ kind: 'literal', value: text.slice(offset, end) });
    if (mark === -1) break;
    variable.lastIndex = mark;
    const found = variable.exec(text);
    if (found === null) throw unknown(text.slice(mark, mark + 20));
    parts.push(found[1] === undefined ? attributeOf(found[2] as string) : { kind: 'property', name: found[1] });
    offset = variable.lastIndex;
  }
  return parts;
}

function attributeOf(name: string): RuleValue {
  if (!(ruleAttributes as readonly string[]).includes(name)) throw unknown(`$${name}`);
  return { kind: 'attribute', name: name as RuleAttribute };
}

function unknown(written: string): SiddhiError {
  return new SiddhiError(
    `the key template has "${written}"; known are $${ruleAttributes.join(', $')} and $customProperty.NAME`,
    undefined,
  );
}
