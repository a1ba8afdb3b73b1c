import type { Findings } from '../../finding.ts';
import { member } from '../../finding.ts';
import type { Json, JsonObject } from '../../json.ts';
import { Pattern } from '../../pattern/pattern.ts';
import { PatternError } from '../../pattern/pattern-error.ts';
import type { ConditionalGroup, IpCondition, PlanCondition } from '../../plan.ts';
import { readAddress } from './address.ts';
import { limitView, readLimit } from './limit.ts';
import { isObject, readFlag, readText } from './reading.ts';

/** Every call may have to look at all of them. */
const mostGroups = 50;
const mostConditions = 20;
const longestName = 255;
const longestValue = 1024;
/** RFC 9110 5.6.2. */
const headerName = /^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/;

/** The member of WSO2's `ThrottleCondition` that belongs to each type. */
const forms = {
  IPCONDITION: 'ipCondition',
  HEADERCONDITION: 'headerCondition',
  QUERYPARAMETERCONDITION: 'queryParameterCondition',
  JWTCLAIMSCONDITION: 'jwtClaimsCondition',
} as const;

/** Reads `conditionalGroups`; what cannot be used is left out and found fault with. */
export function readGroups(value: Json | undefined, path: string, findings: Findings): ConditionalGroup[] {
  const list = listOf(value, path, mostGroups, findings);
  const groups: ConditionalGroup[] = [];
  for (const [index, item] of list.entries()) {
    const place = member(path, index);
    if (!isObject(item)) {
      findings.error(place, item, 'an object with conditions and limit', 'Correct the group.');
      continue;
    }
    const written = listOf(item.conditions, member(place, 'conditions'), mostConditions, findings);
    if (written.length === 0) {
      const remedy = 'A group without conditions would stand in for the default limit: change that instead.';
      findings.error(member(place, 'conditions'), item.conditions, 'a list of at least one condition', remedy);
    }
    const conditions = written.flatMap((condition, at) => {
      const read = readCondition(condition, member(member(place, 'conditions'), at), findings);
      return read ? [read] : [];
    });
    const limit = readLimit(item.limit, member(place, 'limit'), findings);
    const description = typeof item.description === 'string' ? item.description.slice(0, longestValue) : '';
    if (limit?.tokens) {
      const type = member(member(place, 'limit'), 'type');
      findings.error(type, 'AIAPIQUOTALIMIT', 'a limit of calls, events or bytes', 'Only whole plans count tokens.');
    }
    if (limit) groups.push({ description, conditions, quota: limit.quota });
  }
  return groups;
}

/** WSO2's `conditionalGroups`. */
export function groupsView(groups: readonly ConditionalGroup[]): JsonObject[] {
  return groups.map(({ description, conditions, quota }) => ({
    description,
    conditions: conditions.map(conditionView),
    limit: limitView(quota),
  }));
}

function listOf(value: Json | undefined, path: string, most: number, findings: Findings): readonly Json[] {
  const list = value ?? [];
  if (Array.isArray(list) && list.length <= most) return list;
  findings.error(path, value, `a list of at most ${most}`, 'Split the policy, or correct the list.');
  return [];
}

function readCondition(value: Json, path: string, findings: Findings): PlanCondition | undefined {
  const type = isObject(value) ? (value.type as keyof typeof forms) : undefined;
  if (!isObject(value) || type === undefined || !Object.hasOwn(forms, type)) {
    const expected = `an object whose type is ${Object.keys(forms).join(', ')}`;
    findings.error(isObject(value) ? member(path, 'type') : path, type ?? value, expected, 'Choose what is compared.');
    return undefined;
  }
  const place = member(path, forms[type]);
  const inner = value[forms[type]];
  if (!isObject(inner)) {
    findings.error(place, inner, 'an object', `Give it: the type is ${type}.`);
    return undefined;
  }
  const invert = readFlag(value, 'invertCondition', path, false, findings);
  const text = (name: string) => readText(inner, name, place, longestName, findings);
  const pattern = (name: string) => readPattern(inner, name, place, findings);
  switch (type) {
    case 'IPCONDITION': {
      const addresses = readAddresses(inner, place, findings);
      return addresses && { type, invert, addresses };
    }
    case 'HEADERCONDITION': {
      const [name, sought] = [text('headerName'), pattern('headerValue')];
      if (name !== undefined && !headerName.test(name)) {
        findings.error(member(place, 'headerName'), name, 'the name of a header', 'Leave out blanks and colons.');
        return undefined;
      }
      return name === undefined || sought === undefined ? undefined : { type, invert, name, value: sought };
    }
    case 'QUERYPARAMETERCONDITION': {
      const [name, sought] = [text('parameterName'), pattern('parameterValue')];
      return name === undefined || sought === undefined ? undefined : { type, invert, name, value: sought };
    }
    case 'JWTCLAIMSCONDITION': {
      const [claim, sought] = [text('claimUrl'), pattern('attribute')];
      return claim === undefined || sought === undefined ? undefined : { type, invert, claim, value: sought };
    }
  }
}

/** WSO2 looks for the value as a pattern. */
function readPattern(of: JsonObject, name: string, path: string, findings: Findings): string | undefined {
  const text = readText(of, name, path, longestValue, findings);
  if (text === undefined) return undefined;
  try {
    new Pattern(text);
    return text;
  } catch (error) {
    if (!(error instanceof PatternError)) throw error;
    findings.error(member(path, name), text, 'a pattern that can be read', `It cannot: ${error.message}.`);
    return undefined;
  }
}

function conditionView(condition: PlanCondition): JsonObject {
  const { type, invert: invertCondition } = condition;
  const head = { type, invertCondition };
  switch (condition.type) {
    case 'IPCONDITION': {
      const { addresses } = condition;
      const written: JsonObject =
        addresses.type === 'IPSPECIFIC'
          ? { specificIP: addresses.address }
          : { startingIP: addresses.first, endingIP: addresses.last };
      return { ...head, ipCondition: { ipConditionType: addresses.type, ...written } };
    }
    case 'HEADERCONDITION':
      return { ...head, headerCondition: { headerName: condition.name, headerValue: condition.value } };
    case 'QUERYPARAMETERCONDITION':
      return {
        ...head,
        queryParameterCondition: { parameterName: condition.name, parameterValue: condition.value },
      };
    case 'JWTCLAIMSCONDITION':
      return { ...head, jwtClaimsCondition: { claimUrl: condition.claim, attribute: condition.value } };
  }
}

function readAddresses(of: JsonObject, path: string, findings: Findings): IpCondition | undefined {
  if (of.ipConditionType === 'IPSPECIFIC') {
    const address = readAddressMember(of, 'specificIP', path, findings);
    return address === undefined ? undefined : { type: 'IPSPECIFIC', address };
  }
  if (of.ipConditionType === 'IPRANGE') {
    const range = readRange(of, 'startingIP', 'endingIP', path, findings);
    return range && { type: 'IPRANGE', ...range };
  }
  findings.error(member(path, 'ipConditionType'), of.ipConditionType, 'IPSPECIFIC or IPRANGE', 'Choose one of them.');
  return undefined;
}

/** One address of either family, or a finding and undefined. */
export function readAddressMember(of: JsonObject, name: string, path: string, findings: Findings): string | undefined {
  const value = of[name];
  const text = typeof value === 'string' ? value.trim() : '';
  if (readAddress(text)) return text;
  const remedy = 'Write one address without port or prefix length; a network is a range.';
  findings.error(member(path, name), value, 'an IPv4 or IPv6 address', remedy);
  return undefined;
}

/** Both ends of a range, of one family and in order, or a finding and undefined. */
export function readRange(
  of: JsonObject,
  from: string,
  to: string,
  path: string,
  findings: Findings,
): { readonly first: string; readonly last: string } | undefined {
  const first = readAddressMember(of, from, path, findings);
  const last = readAddressMember(of, to, path, findings);
  if (first === undefined || last === undefined) return undefined;
  const [begin, end] = [readAddress(first), readAddress(last)];
  if (begin && end && begin.family === end.family && begin.number <= end.number) return { first, last };
  const expected = `an address of the same family that is not before ${from} (${first})`;
  findings.error(member(path, to), last, expected, `Exchange ${from} and ${to}, or give two addresses of one family.`);
  return undefined;
}
