import type { GroupRules, HealthCheck, OutlierRule } from '../endpoint.ts';
import { type Findings, member } from '../finding.ts';
import type { JsonObject } from '../json.ts';
import { asObject, text, wholeNumber } from './scalars.ts';

const percent = { unit: 'percent', minimum: 1, maximum: 100 };
const times = { unit: 'answers', minimum: 1, maximum: 1000 };
const checkPath = /^\/[\x21\x22\x24-\x7e]{0,1023}$/;

/** Reads `panicThreshold`, `healthCheck` and `outlier`, Sluice's own members of a group. */
export function parseRules(config: JsonObject, path: string, findings: Findings): GroupRules {
  const panicThreshold = wholeNumber(config, 'panicThreshold', path, findings, { ...percent, minimum: 0 }) ?? 0;
  const healthCheck = part(config, 'healthCheck', path, findings, parseCheck);
  const outlier = part(config, 'outlier', path, findings, parseOutlier);
  return {
    ...(panicThreshold === 0 ? {} : { panicThreshold }),
    ...(healthCheck === undefined ? {} : { healthCheck }),
    ...(outlier === undefined ? {} : { outlier }),
  };
}

/** The rules as they are read. */
export function formatRules({ panicThreshold, healthCheck, outlier }: GroupRules): JsonObject {
  return {
    ...(panicThreshold === undefined ? {} : { panicThreshold }),
    ...(healthCheck === undefined ? {} : { healthCheck: { ...healthCheck } }),
    ...(outlier === undefined ? {} : { outlier: { ...outlier } }),
  };
}

function part<T>(
  config: JsonObject,
  key: string,
  path: string,
  findings: Findings,
  parse: (source: JsonObject, path: string, findings: Findings) => T | undefined,
): T | undefined {
  const value = config[key];
  if (value === undefined || value === null || value === '') return undefined;
  const source = asObject(value);
  if (source !== undefined) return parse(source, member(path, key), findings);
  findings.error(member(path, key), value, 'an object', 'Give its members in an object, or leave it out.');
  return undefined;
}

function parseCheck(source: JsonObject, path: string, findings: Findings): HealthCheck | undefined {
  const asked = text(source, 'path', path, findings) ?? '/';
  const number = (key: string, minimum: number, maximum: number, usual: number) =>
    wholeNumber(source, key, path, findings, { unit: 'milliseconds', minimum, maximum }) ?? usual;
  if (!checkPath.test(asked)) {
    findings.error(member(path, 'path'), asked, 'a path with its slash', 'Write for example /health.');
    return undefined;
  }
  return {
    path: asked,
    interval: number('interval', 1000, 3_600_000, 10_000),
    timeout: number('timeout', 10, 60_000, 2000),
    healthyAfter: wholeNumber(source, 'healthyAfter', path, findings, times) ?? 2,
    unhealthyAfter: wholeNumber(source, 'unhealthyAfter', path, findings, times) ?? 3,
  };
}

function parseOutlier(source: JsonObject, path: string, findings: Findings): OutlierRule {
  const span = { unit: 'milliseconds', minimum: 1, maximum: 86_400_000 };
  return {
    failures: wholeNumber(source, 'failures', path, findings, times) ?? 5,
    duration: wholeNumber(source, 'duration', path, findings, span) ?? 30_000,
    most: wholeNumber(source, 'most', path, findings, percent) ?? 50,
  };
}
