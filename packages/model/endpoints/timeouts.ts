import { type ApiTimeoutMember, deadlines, type EndpointTimeoutMember } from '../deadlines/table.ts';
import type { ApiTimeouts, EndpointTimeouts } from '../deadlines/timeouts.ts';
import { type Findings, member } from '../finding.ts';
import type { Json, JsonObject } from '../json.ts';
import { asObject, wholeNumber } from './scalars.ts';

const rows = Object.values(deadlines);
const apiMembers = rows.flatMap(({ api }) => (api === undefined ? [] : [api]));
const endpointMembers = rows.flatMap(({ endpoint }) => (endpoint === undefined ? [] : [endpoint]));

/** Longest time that the wheel is asked to wait. */
const most = 2_147_483_647;

/** `endpointConfig.timeouts`: deadlines of the API. Ours, WSO2 has none and hands it on. */
export function parseApiTimeouts(value: Json | undefined, findings: Findings): ApiTimeouts | undefined {
  return parseMembers<ApiTimeoutMember>(value, apiMembers, 'timeouts', findings);
}

/** `timeouts` in the `config` of an endpoint. */
export function parseEndpointTimeouts(
  value: Json | undefined,
  path: string,
  findings: Findings,
): EndpointTimeouts | undefined {
  return parseMembers<EndpointTimeoutMember>(value, endpointMembers, path, findings);
}

function parseMembers<M extends ApiTimeoutMember>(
  value: Json | undefined,
  known: readonly M[],
  path: string,
  findings: Findings,
): { readonly [N in M]?: number } | undefined {
  if (value === undefined || value === null) return undefined;
  const source = asObject(value);
  if (source === undefined) {
    findings.error(path, value, 'an object', `Give milliseconds by name: ${known.join(', ')}.`);
    return undefined;
  }
  const read: { [N in M]?: number } = {};
  for (const key of Object.keys(source)) {
    const name = known.find((one) => one === key);
    if (name === undefined) {
      findings.error(member(path, key), source[key], `one of ${known.join(', ')}`, 'Correct the name, or remove it.');
      continue;
    }
    // Without a bound at all a call could wait for ever.
    const minimum = name === 'global' ? 1 : 0;
    const millis = wholeNumber(source, key, path, findings, { unit: 'milliseconds', minimum });
    if (millis !== undefined) read[name] = Math.min(millis, most);
  }
  return Object.keys(read).length === 0 ? undefined : read;
}

/** As it is read; undefined where there is nothing to say. */
export function formatTimeouts(timeouts: ApiTimeouts | undefined): JsonObject | undefined {
  return timeouts === undefined ? undefined : { ...timeouts };
}
