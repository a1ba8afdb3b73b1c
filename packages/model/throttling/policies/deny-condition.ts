import { Findings } from '../../finding.ts';
import type { JsonObject } from '../../json.ts';
import type { DenyCondition } from '../deny-policy.ts';
import { readAddressMember, readRange } from './conditions.ts';
import { isObject, readFlag, readText } from './reading.ts';

const types = ['API', 'APPLICATION', 'IP', 'IPRANGE', 'USER'] as const;
const longestValue = 512;

/** Reads type and value of WSO2's `BlockingCondition`. Without a condition the findings hold an error. */
export function readDenyCondition(data: JsonObject): {
  readonly condition: DenyCondition | undefined;
  readonly findings: Findings;
} {
  const findings = new Findings();
  const type = types.find((name) => name === data.conditionType);
  const value = data.conditionValue;
  if (type === undefined) {
    findings.error('conditionType', data.conditionType, `one of ${types.join(', ')}`, 'Choose whom to shut out.');
    return { condition: undefined, findings };
  }
  if (type === 'IP' || type === 'IPRANGE') {
    if (!isObject(value)) {
      const form = type === 'IP' ? '{"fixedIp":"192.0.2.1"}' : '{"startingIp":"192.0.2.1","endingIp":"192.0.2.9"}';
      findings.error('conditionValue', value, 'an object', `Write it as ${form}.`);
      return { condition: undefined, findings };
    }
    return { condition: readAddresses(type, value, findings), findings };
  }
  const text = readText(data, 'conditionValue', '', longestValue, findings)?.trim();
  if (text === '') findings.error('conditionValue', value, 'more than blanks', 'Say whom to shut out.');
  if (text === undefined || text === '') return { condition: undefined, findings };
  if (type === 'API' && !text.startsWith('/')) {
    findings.error('conditionValue', text, 'a context with its version', 'Write it as /orders/1.0.0.');
  }
  if (type === 'APPLICATION' && !/^[^:]+:[^:]/.test(text)) {
    findings.error('conditionValue', text, 'owner and name of an application', 'Write it as owner:name.');
  }
  return { condition: findings.hasErrors ? undefined : { type, value: text }, findings };
}

function readAddresses(type: 'IP' | 'IPRANGE', value: JsonObject, findings: Findings): DenyCondition | undefined {
  const path = 'conditionValue';
  const invert = readFlag(value, 'invert', path, false, findings);
  if (type === 'IP') {
    const address = readAddressMember(value, 'fixedIp', path, findings);
    return address === undefined || findings.hasErrors ? undefined : { type, address, invert };
  }
  const range = readRange(value, 'startingIp', 'endingIp', path, findings);
  return range === undefined || findings.hasErrors ? undefined : { type, ...range, invert };
}

/** `conditionValue` as WSO2 writes it. */
export function denyValue(condition: DenyCondition): string | JsonObject {
  switch (condition.type) {
    case 'IP':
      return { fixedIp: condition.address, invert: condition.invert };
    case 'IPRANGE':
      return { startingIp: condition.first, endingIp: condition.last, invert: condition.invert };
    default:
      return condition.value;
  }
}
