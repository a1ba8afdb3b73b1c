import { asObject } from '../endpoints/scalars.ts';
import { type Findings, member } from '../finding.ts';
import type { Json, JsonObject } from '../json.ts';
import { resolve } from './references.ts';
import { type DefinitionVersion, verbs } from './version.ts';

/** The bones of a description, without which nothing can be served from it: title, version, paths, operations, parameters, servers. */
export function checkStructure(document: JsonObject, version: DefinitionVersion, findings: Findings): void {
  checkInfo(document, findings);
  checkPaths(document, version, findings);
  if (version !== '2.0') checkServers(document, findings);
}

function checkInfo(document: JsonObject, findings: Findings): void {
  const info = asObject(document.info);
  if (info === undefined) {
    findings.error('info', document.info, 'an object with title and version', 'Add it.');
    return;
  }
  for (const name of ['title', 'version']) {
    const value = info[name];
    if (typeof value === 'string' && value.trim() !== '') continue;
    const remedy = typeof value === 'number' ? 'Put it in quotes.' : 'Add it.';
    findings.error(`info.${name}`, value, 'a text', remedy);
  }
}

function checkPaths(document: JsonObject, version: DefinitionVersion, findings: Findings): void {
  const paths = asObject(document.paths);
  if (paths === undefined) {
    // From 3.1 on a document may describe webhooks or components alone.
    const optional = version === '3.1' && (document.webhooks !== undefined || document.components !== undefined);
    if (!optional || document.paths !== undefined) {
      findings.error('paths', document.paths, 'an object of paths', 'Add it.');
    }
    return;
  }
  const shapes = new Map<string, string>();
  for (const [path, given] of Object.entries(paths)) {
    if (path.startsWith('x-')) continue;
    const where = member('paths', path);
    if (!path.startsWith('/')) findings.error(where, path, 'a path that begins with a slash', 'Begin it with /.');
    const shape = path.replace(/\{[^{}]*\}/g, '{}');
    const twin = shapes.get(shape);
    if (twin !== undefined) {
      findings.warning(where, path, `a path that differs from ${twin}`, 'The two cannot be told apart; keep one.');
    }
    shapes.set(shape, path);
    checkPathItem(document, given, where, version, findings);
  }
}

function checkPathItem(
  document: JsonObject,
  given: Json,
  where: string,
  version: DefinitionVersion,
  findings: Findings,
): void {
  const item = asObject(resolve(document, given));
  if (item === undefined) {
    // A reference that leads nowhere has its own finding.
    if (asObject(given)?.$ref === undefined) {
      findings.error(where, given, 'an object of operations', 'Give methods and their operations, or {}.');
    }
    return;
  }
  checkParameters(document, item.parameters, member(where, 'parameters'), findings);
  for (const verb of verbs) {
    const operation = item[verb];
    if (operation === undefined) continue;
    const place = member(where, verb);
    const object = asObject(operation);
    if (object === undefined) {
      findings.error(place, operation, 'an operation object', 'Describe the operation, or leave it out.');
      continue;
    }
    if (version === '2.0' && verb === 'trace') {
      findings.error(place, verb, 'a method of Swagger 2.0', 'Remove it, or describe the API with OpenAPI 3.');
    }
    checkParameters(document, object.parameters, member(place, 'parameters'), findings);
    checkResponses(object.responses, member(place, 'responses'), version, findings);
  }
}

function checkResponses(value: Json | undefined, path: string, version: DefinitionVersion, findings: Findings): void {
  if (value === undefined && version === '3.1') return;
  const responses = asObject(value);
  if (responses === undefined || Object.keys(responses).length === 0) {
    findings.error(path, value, 'at least one response', 'Add a response, for instance "200" with a description.');
  }
}

function checkParameters(document: JsonObject, value: Json | undefined, path: string, findings: Findings): void {
  if (value === undefined) return;
  if (!Array.isArray(value)) {
    findings.error(path, value, 'a list of parameters', 'Write a list.');
    return;
  }
  const seen = new Set<string>();
  for (const [index, given] of value.entries()) {
    const parameter = asObject(resolve(document, given));
    const where = member(path, index);
    if (parameter === undefined) {
      if (asObject(given)?.$ref === undefined) findings.error(where, given, 'a parameter object', 'Correct the entry.');
      continue;
    }
    const { name, in: place } = parameter;
    if (typeof name !== 'string' || name === '') findings.error(member(where, 'name'), name, 'a name', 'Add it.');
    if (typeof place !== 'string') findings.error(member(where, 'in'), place, 'where it is sent', 'Add it.');
    const identity = `${String(place)} ${String(name)}`;
    if (seen.has(identity)) findings.error(where, name, 'each parameter once', 'Remove one of the two.');
    seen.add(identity);
  }
}

function checkServers(document: JsonObject, findings: Findings): void {
  const { servers } = document;
  if (servers === undefined) return;
  if (!Array.isArray(servers)) {
    findings.error('servers', servers, 'a list of servers', 'Write a list.');
    return;
  }
  for (const [index, server] of servers.entries()) {
    const url = asObject(server)?.url;
    if (typeof url !== 'string') findings.error(`${member('servers', index)}.url`, url, 'an address', 'Add it.');
  }
}
