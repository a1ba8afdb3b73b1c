import type { Findings } from '../../finding.ts';
import { member } from '../../finding.ts';
import type { Json, JsonObject } from '../../json.ts';

/** Characters that WSO2 keeps of each. */
const longestName = 60;
export const longestDescription = 1024;

export function isObject(value: Json | undefined): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** A member that says whether; `otherwise` where it is absent. */
export function readFlag(of: JsonObject, name: string, path: string, otherwise: boolean, findings: Findings): boolean {
  const value = of[name] ?? otherwise;
  if (typeof value === 'boolean') return value;
  findings.error(member(path, name), value, 'true or false', 'Write it without quotes.');
  return otherwise;
}

/** A text of 1 to `longest` characters without control characters, or a finding and undefined. */
export function readText(
  of: JsonObject,
  name: string,
  path: string,
  longest: number,
  findings: Findings,
): string | undefined {
  const value = of[name];
  const text = typeof value === 'number' ? String(value) : value;
  if (typeof text === 'string' && text !== '' && text.length <= longest && text.isWellFormed() && !hasControl(text)) {
    return text;
  }
  const expected = `a text of 1 to ${longest} characters without control characters`;
  findings.error(member(path, name), value, expected, `Give ${name}, or shorten it.`);
  return undefined;
}

/** A whole number of 1 to `most`, or a finding and undefined. Numbers in texts count: clients of WSO2 write them. */
export function readCount(
  of: JsonObject,
  name: string,
  path: string,
  most: number,
  findings: Findings,
): number | undefined {
  const count = numberOf(of[name]);
  if (Number.isSafeInteger(count) && count >= 1 && count <= most) return count;
  const remedy =
    count < 1 ? 'To shut clients out, use a deny policy; to limit nothing, the plan Unlimited.' : 'Correct it.';
  findings.error(member(path, name), of[name], `a whole number from 1 to ${most}`, remedy);
  return undefined;
}

/** The same where nothing, and any number below 1, stands for none: the admin portal of WSO2 sends -1 for fields left blank. */
export function readOptionalCount(
  of: JsonObject,
  name: string,
  path: string,
  most: number,
  findings: Findings,
): number | undefined {
  const value = of[name];
  if (value === undefined || value === null || value === '' || numberOf(value) < 1) return undefined;
  return readCount(of, name, path, most, findings);
}

/** `policyName`, or a finding and undefined. */
export function readPolicyName(data: JsonObject, path: string, findings: Findings): string | undefined {
  const name = readText(data, 'policyName', path, longestName, findings);
  if (name === undefined || name.trim() === name) return name;
  findings.error(member(path, 'policyName'), name, 'a name without blanks at its ends', 'Remove them.');
  return undefined;
}

/** A text that may be absent, then blank. */
export function readOptionalText(
  data: JsonObject,
  name: string,
  path: string,
  longest: number,
  findings: Findings,
): string {
  const text = data[name] ?? '';
  if (typeof text === 'string' && text.length <= longest) return text;
  findings.error(member(path, name), text, `a text of at most ${longest} characters`, 'Shorten it.');
  return '';
}

function numberOf(value: Json | undefined): number {
  if (typeof value === 'number') return value;
  return typeof value === 'string' && /^-?\d{1,16}$/.test(value) ? Number(value) : Number.NaN;
}

export function hasControl(text: string): boolean {
  for (const character of text) if (character < ' ' || character === '\u007f') return true;
  return false;
}
