import type { ApiScope } from '../api.ts';
import { asObject } from '../endpoints/scalars.ts';
import type { Json, JsonObject } from '../json.ts';
import { texts } from './extensions.ts';
import { eachOperation, scopesOfOperation } from './operations.ts';
import { defaultScheme, securitySchemes } from './security-schemes.ts';
import { versionOf } from './version.ts';

/** What is known of a scope while the places that may speak of it are read. */
type Sketch = { displayName?: string; description?: string; bindings: string[] };

/**
 * Scopes that a definition knows: those of its OAuth2 schemes with the roles of `x-scopes-bindings`, the list of `x-wso2-security`,
 * and any that an operation names besides. Where WSO2's own scheme `default` is there, the others describe the backend and are left alone.
 */
export function scopesOf(document: JsonObject): ApiScope[] {
  const sketches = new Map<string, Sketch>();
  const schemes = securitySchemes(document);
  const own = schemes[defaultScheme];
  for (const scheme of own === undefined ? Object.values(schemes) : [own]) {
    for (const flow of flowsOf(document, scheme)) readFlow(flow, sketches);
  }
  readOldList(document, sketches);
  for (const { operation } of eachOperation(document)) {
    for (const name of scopesOfOperation(document, operation)) sketch(sketches, name);
  }
  return [...sketches].map(([name, { displayName, description, bindings }]) => ({
    name,
    displayName: displayName ?? name,
    ...(description !== undefined && { description }),
    bindings,
    shared: false,
  }));
}

function sketch(sketches: Map<string, Sketch>, name: string): Sketch {
  let found = sketches.get(name);
  if (found === undefined) {
    found = { bindings: [] };
    sketches.set(name, found);
  }
  return found;
}

function flowsOf(document: JsonObject, given: Json | undefined): JsonObject[] {
  const scheme = asObject(given);
  if (scheme?.type !== 'oauth2') return [];
  if (versionOf(document) === '2.0') return [scheme];
  return Object.values(asObject(scheme.flows) ?? {}).filter((flow): flow is JsonObject => asObject(flow) !== undefined);
}

function readFlow(flow: JsonObject, sketches: Map<string, Sketch>): void {
  const bindings = asObject(flow['x-scopes-bindings']) ?? {};
  for (const [name, description] of Object.entries(asObject(flow.scopes) ?? {})) {
    if (name === '' || name.startsWith('x-')) continue;
    const found = sketch(sketches, name);
    if (typeof description === 'string' && description !== '') found.description ??= description;
    if (found.bindings.length === 0 && Object.hasOwn(bindings, name)) found.bindings = texts(bindings[name]);
  }
}

/** Versions before 3 keep `{ apim: { x-wso2-scopes: [{ key, name, description, roles }] } }` at the root; operations name the key. */
function readOldList(document: JsonObject, sketches: Map<string, Sketch>): void {
  const list = asObject(asObject(document['x-wso2-security'])?.apim)?.['x-wso2-scopes'];
  for (const item of Array.isArray(list) ? list : []) {
    const scope = asObject(item);
    const key = scope?.key ?? scope?.name;
    if (scope === undefined || typeof key !== 'string' || key === '') continue;
    const found = sketch(sketches, key);
    if (typeof scope.name === 'string' && scope.name !== '') found.displayName ??= scope.name;
    if (typeof scope.description === 'string' && scope.description !== '') found.description ??= scope.description;
    if (found.bindings.length === 0) found.bindings = texts(scope.roles);
  }
}
