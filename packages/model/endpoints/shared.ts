import type { Endpoint, SharedReference } from '../endpoint.ts';
import { type Finding, Findings, member } from '../finding.ts';
import type { Json, JsonObject } from '../json.ts';
import { parseEndpointConfig } from './parse.ts';
import { isParameterName, isSharedName } from './reference.ts';
import { asObject, text } from './scalars.ts';

/** An endpoint under a name, for all APIs of an organization: Synapse's named endpoints, and its endpoint templates. */
export interface SharedEndpoint {
  /** UUID; secrets are sealed for it. */
  readonly id: string;
  readonly organization: string;
  /** Printable characters without blanks, at most 255; the path where it was in WSO2's registry will do. */
  readonly name: string;
  readonly description: string;
  /** What stands behind `$` in its texts; none makes it an endpoint that APIs share with its state. */
  readonly parameters: readonly TemplateParameter[];
  /** As that of an API; its production side alone. */
  readonly endpointConfig: JsonObject;
}

export interface TemplateParameter {
  readonly name: string;
  /** Absent where every reference must give a value. */
  readonly default?: string;
}

/** What whoever makes one gives. */
export type SharedEndpointDraft = Omit<SharedEndpoint, 'id' | 'organization'>;

const mostParameters = 50;
const longestDescription = 1024;
/** Values with which a template is tried when it is saved. */
const trial = { uri: 'http://localhost/', other: '1' };

/** Reads what somebody gave; the draft is undefined where a finding is an error. `path` is where the data stands. */
export function readSharedEndpoint(
  data: JsonObject,
  path = '',
): { readonly draft: SharedEndpointDraft | undefined; readonly findings: Findings } {
  const findings = new Findings();
  const name = text(data, 'name', path, findings) ?? '';
  if (!isSharedName(name)) {
    findings.error(member(path, 'name'), data.name, '1 to 255 characters without blanks', 'Name the endpoint.');
  }
  const description = text(data, 'description', path, findings) ?? '';
  if (description.length > longestDescription) {
    findings.error(member(path, 'description'), description, `at most ${longestDescription} characters`, 'Shorten it.');
  }
  const parameters = readParameters(data.parameters, member(path, 'parameters'), findings);
  const endpointConfig = asObject(data.endpointConfig);
  if (endpointConfig === undefined) {
    findings.error(member(path, 'endpointConfig'), data.endpointConfig, 'an object', 'Give it as that of an API.');
    return { draft: undefined, findings };
  }
  const draft = { name, description, parameters, endpointConfig };
  if (!findings.hasErrors) tryOut(draft, member(path, 'endpointConfig'), findings);
  return { draft: findings.hasErrors ? undefined : draft, findings };
}

function readParameters(value: Json | undefined, path: string, findings: Findings): TemplateParameter[] {
  if (value === undefined || value === null) return [];
  if (!Array.isArray(value) || value.length > mostParameters) {
    findings.error(path, value, `a list of at most ${mostParameters} parameters`, 'Correct the list.');
    return [];
  }
  const parameters = new Map<string, TemplateParameter>();
  for (const [index, item] of value.entries()) {
    const where = member(path, index);
    const source = asObject(item);
    const name = source?.name;
    if (source === undefined || typeof name !== 'string' || !isParameterName(name) || name === 'name') {
      findings.error(where, item, 'an object with a name of letters, digits, _ and -', 'Name the parameter.');
      continue;
    }
    if (parameters.has(name)) findings.error(member(where, 'name'), name, 'each name once', 'Take one of them out.');
    const { default: fallback } = source;
    if (fallback !== undefined && typeof fallback !== 'string') {
      findings.error(member(where, 'default'), fallback, 'text', 'Give the value as a string.');
    } else parameters.set(name, fallback === undefined ? { name } : { name, default: fallback });
  }
  return [...parameters.values()];
}

/** Whether the configuration can be read, with any value for what has no default. */
function tryOut(draft: SharedEndpointDraft, path: string, findings: Findings): void {
  const values = draft.parameters.map(({ name, default: fallback }) => [
    name,
    fallback ?? (name === 'uri' ? trial.uri : trial.other),
  ]);
  const config = filled(draft.endpointConfig, new Map([...(values as [string, string][]), ['name', 'prod']]));
  const parsed = parseEndpointConfig(config);
  for (const one of parsed.findings)
    findings.list.push({ ...one, path: one.path === '' ? path : `${path}.${one.path}` });
  const { production, sandbox } = parsed.endpoints;
  if (findings.hasErrors) return;
  if (production === null) {
    const where = member(path, 'production_endpoints');
    findings.error(where, undefined, 'an endpoint', 'Give its production side; a shared endpoint has no other.');
  } else if (refersElsewhere(production)) {
    findings.error(path, production.kind, 'no reference to a shared endpoint', 'Write its address here.');
  }
  if (sandbox !== null && config.sandbox_endpoints !== undefined) {
    const where = member(path, 'sandbox_endpoints');
    findings.error(where, config.sandbox_endpoints, 'nothing', 'Make a shared endpoint of its own for the sandbox.');
  }
}

function refersElsewhere(endpoint: Endpoint): boolean {
  return referencesOf(endpoint).length > 0;
}

/** The references in a tree of endpoints. */
export function referencesOf(endpoint: Endpoint | null): readonly SharedReference[] {
  if (endpoint === null) return [];
  if (endpoint.kind === 'indirect' || endpoint.kind === 'template') return [endpoint];
  return 'children' in endpoint ? endpoint.children.flatMap(referencesOf) : [];
}

/**
 * What a reference means. Leaves are named by the shared endpoint, or, made from a template, by the reference. Null, with findings that say why, when that
 * is nothing.
 */
export function resolveReference(
  shared: Pick<SharedEndpoint, 'name' | 'parameters' | 'endpointConfig'>,
  reference: SharedReference,
): { readonly endpoint: Endpoint | null; readonly findings: readonly Finding[] } {
  const findings = new Findings();
  const values = new Map([['name', reference.name]]);
  for (const { name, default: fallback } of shared.parameters) {
    const value = Object.hasOwn(reference.parameters, name) ? reference.parameters[name] : fallback;
    if (value !== undefined) values.set(name, value);
    else findings.error(`parameters.${name}`, undefined, 'a value', `The template ${shared.name} needs one.`);
  }
  for (const name of Object.keys(reference.parameters)) {
    if (!values.has(name)) {
      const remedy = `The template ${shared.name} has no such parameter.`;
      findings.error(member('parameters', name), reference.parameters[name], 'nothing', remedy);
    }
  }
  if (findings.hasErrors) return { endpoint: null, findings: findings.list };
  const template = reference.kind === 'template';
  const parsed = parseEndpointConfig(template ? filled(shared.endpointConfig, values) : shared.endpointConfig);
  const broken = parsed.findings.some(({ level }) => level === 'error');
  const { production } = parsed.endpoints;
  const endpoint = broken || production === null ? null : renamed(production, template ? reference.name : shared.name);
  return { endpoint, findings: parsed.findings };
}

/** The configuration with `$name` replaced in its texts, where the name is one of `values`. */
function filled(config: JsonObject, values: ReadonlyMap<string, string>): JsonObject {
  return fill(config, values) as JsonObject;
}

function fill(value: Json, values: ReadonlyMap<string, string>): Json {
  if (typeof value === 'string') {
    return value.replace(/\$([A-Za-z_][\w-]*)/g, (whole, name: string) => values.get(name) ?? whole);
  }
  if (Array.isArray(value)) return value.map((item) => fill(item, values));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([name, child]) => [name, fill(child, values)]));
}

/** The reader names a side `prod`, and its members after it. */
function renamed(endpoint: Endpoint, base: string): Endpoint {
  const name = base + endpoint.name.slice('prod'.length);
  if (!('children' in endpoint)) return { ...endpoint, name };
  return { ...endpoint, name, children: endpoint.children.map((child) => renamed(child, base)) };
}
