import type { Api, ApiScope, Operation } from '../api.ts';
import { formatAuthType } from '../auth-type.ts';
import { asObject } from '../endpoints/scalars.ts';
import type { Json, JsonObject } from '../json.ts';
import { extensionNames, lambdaExtensions } from './extensions.ts';
import { resolve } from './references.ts';
import { defaultScheme, requirements } from './security-schemes.ts';
import { verbs, versionOf } from './version.ts';

/** The parts of an API that its definition repeats. */
export type DescribedApi = Pick<Api, 'operations' | 'scopes'>;

/** Where tokens would come from, for readers that insist on an address; the developer portal puts the real ones in. */
const placeholderUrl = 'https://localhost:9443/oauth2/authorize';

/**
 * Writes operations and scopes of an API into its definition: new paths and methods are added, those gone are removed, and auth type, plan and scopes of the rest are set.
 * Everything else stays as it is. A path that is a reference is written out, since what it refers to may serve elsewhere too.
 */
export function applyOperations(document: JsonObject, api: DescribedApi): JsonObject {
  const wanted = new Map<string, Map<string, Operation>>();
  for (const operation of api.operations) {
    const verb = operation.verb.toLowerCase();
    if (!(verbs as readonly string[]).includes(verb)) continue;
    const ofPath = wanted.get(operation.target) ?? new Map<string, Operation>();
    wanted.set(operation.target, ofPath.set(verb, operation));
  }
  const paths: [string, Json][] = [];
  for (const [path, given] of Object.entries(asObject(document.paths) ?? {})) {
    const ofPath = wanted.get(path);
    if (!path.startsWith('/')) paths.push([path, given]);
    else if (ofPath !== undefined) paths.push([path, applyToPath(document, given, path, ofPath)]);
    wanted.delete(path);
  }
  for (const [path, ofPath] of wanted) paths.push([path, applyToPath(document, {}, path, ofPath)]);
  return withScheme({ ...document, paths: Object.fromEntries(paths) }, api.scopes);
}

function applyToPath(
  document: JsonObject,
  given: Json,
  path: string,
  wanted: ReadonlyMap<string, Operation>,
): JsonObject {
  const { $ref: _, ...beside } = asObject(given) ?? {};
  const item: JsonObject = { ...asObject(resolve(document, given)), ...beside };
  for (const verb of verbs) {
    const operation = wanted.get(verb);
    if (operation === undefined) delete item[verb];
    else item[verb] = applyToOperation(asObject(item[verb]) ?? fresh(document, item, path), operation);
  }
  return item;
}

function applyToOperation(described: JsonObject, operation: Operation): JsonObject {
  const written = { ...described };
  // A twin left behind with the old value would contradict the new one.
  for (const name of ['authType', 'throttlingTier', 'scopes', 'disableSecurity'] as const) {
    for (const spelling of extensionNames[name]) delete written[spelling];
  }
  const others = (requirements(described) ?? []).filter((requirement) => !Object.hasOwn(requirement, defaultScheme));
  const open = operation.authType === 'None' && operation.scopes.length === 0;
  written.security = open ? others : [...others, { [defaultScheme]: [...operation.scopes] }];
  written['x-auth-type'] = formatAuthType(operation.authType);
  written['x-throttling-tier'] = operation.throttlingPolicy;
  for (const [name, spelling] of Object.entries(lambdaExtensions)) {
    const value = operation.more?.[name];
    if (value === undefined || value === null) delete written[spelling];
    else written[spelling] = value;
  }
  return written;
}

/** The least that describes an operation: its path parameters, unless the path has them already, and one response. */
function fresh(document: JsonObject, item: JsonObject, path: string): JsonObject {
  const described = new Set(
    (Array.isArray(item.parameters) ? item.parameters : []).map((given) => asObject(resolve(document, given))?.name),
  );
  const names = [...path.matchAll(/\{([^{}]+)\}/g)].map((match) => match[1] ?? '');
  const swagger = versionOf(document) === '2.0';
  const parameters = [...new Set(names)]
    .filter((name) => !described.has(name))
    .map((name) => ({
      name,
      in: 'path',
      required: true,
      ...(swagger ? { type: 'string' } : { schema: { type: 'string' } }),
    }));
  return {
    ...(parameters.length > 0 && { parameters }),
    responses: { '200': { description: 'OK' } },
  };
}

/** Sets the scheme `default` with the scopes and the roles they are bound to; the list of versions before 3 would contradict it and goes. */
function withScheme(given: JsonObject, scopes: readonly ApiScope[]): JsonObject {
  const { 'x-wso2-security': _, ...document } = given;
  const flow: JsonObject = {
    authorizationUrl: placeholderUrl,
    scopes: Object.fromEntries(scopes.map(({ name, description }) => [name, description ?? ''])),
    'x-scopes-bindings': Object.fromEntries(scopes.map(({ name, bindings }) => [name, bindings.join(',')])),
  };
  if (versionOf(document) === '2.0') {
    const scheme = { type: 'oauth2', flow: 'implicit', ...flow };
    return { ...document, securityDefinitions: { ...asObject(document.securityDefinitions), [defaultScheme]: scheme } };
  }
  const components = asObject(document.components) ?? {};
  const schemes = {
    ...asObject(components.securitySchemes),
    [defaultScheme]: { type: 'oauth2', flows: { implicit: flow } },
  };
  return { ...document, components: { ...components, securitySchemes: schemes } };
}

/** A new OpenAPI 3.0 definition of an API that came without one. */
export function definitionFor(api: DescribedApi & Pick<Api, 'name' | 'version' | 'description'>): JsonObject {
  const info: JsonObject = { title: api.name, version: api.version };
  if (api.description !== undefined && api.description !== '') info.description = api.description;
  return applyOperations({ openapi: '3.0.3', info, servers: [{ url: '/' }], paths: {} }, api);
}
