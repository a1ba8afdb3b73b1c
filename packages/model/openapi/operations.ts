import type { Operation } from '../api.ts';
import { parseAuthType } from '../auth-type.ts';
import { asObject } from '../endpoints/scalars.ts';
import type { JsonObject } from '../json.ts';
import { extension, lambdaExtensions, texts } from './extensions.ts';
import { resolve } from './references.ts';
import { defaultScheme, requirements, securitySchemes } from './security-schemes.ts';
import { verbs } from './version.ts';

interface DescribedOperation {
  readonly target: string;
  /** Lower-case. */
  readonly verb: string;
  readonly operation: JsonObject;
  readonly item: JsonObject;
}

/** Every operation of a definition, in the order of its paths. Paths that refer elsewhere in the document are followed. */
export function* eachOperation(document: JsonObject): Generator<DescribedOperation> {
  for (const [target, given] of Object.entries(asObject(document.paths) ?? {})) {
    if (!target.startsWith('/')) continue;
    const item = asObject(resolve(document, given));
    if (item === undefined) continue;
    for (const verb of verbs) {
      const operation = asObject(item[verb]);
      if (operation !== undefined) yield { target, verb, operation, item };
    }
  }
}

/**
 * The operations of a definition, as an API keeps them. The auth type comes from `x-auth-type`, a switched-off security from `x-wso2-disable-security`
 * of the operation, its path or the document; the plan from `x-throttling-tier` (`Unlimited` where there is none); scopes as `scopesOfOperation` finds them.
 */
export function operationsOf(document: JsonObject): Operation[] {
  return [...eachOperation(document)].map(({ target, verb, operation, item }) => {
    const tier = extension(operation, 'throttlingTier') ?? extension(item, 'throttlingTier');
    const more = lambdaMembers(operation);
    return {
      target,
      verb: verb.toUpperCase(),
      authType: authTypeOf(document, item, operation),
      throttlingPolicy: typeof tier === 'string' && tier !== '' ? tier : 'Unlimited',
      scopes: scopesOfOperation(document, operation),
      ...(more !== undefined && { more }),
    };
  });
}

function lambdaMembers(operation: JsonObject): JsonObject | undefined {
  const more: JsonObject = {};
  for (const [name, spelling] of Object.entries(lambdaExtensions)) {
    const value = operation[spelling];
    if (value !== undefined && value !== null) more[name] = value;
  }
  return Object.keys(more).length === 0 ? undefined : more;
}

function authTypeOf(document: JsonObject, item: JsonObject, operation: JsonObject): Operation['authType'] {
  const said = extension(operation, 'authType') ?? extension(item, 'authType');
  const parsed = typeof said === 'string' ? parseAuthType(said) : undefined;
  if (parsed !== undefined) return parsed;
  for (const holder of [operation, item, document]) {
    const disabled = extension(holder, 'disableSecurity');
    // The nearest word counts: an operation can be secured again in a document that is not.
    if (typeof disabled === 'boolean') return disabled ? 'None' : 'Any';
  }
  return 'Any';
}

/**
 * Scopes that a call of the operation needs one of: those of the scheme `default`, which WSO2 writes; else `x-scopes` or `x-scope`; else those of the OAuth2 schemes
 * that the operation, or the document for all, asks for.
 */
export function scopesOfOperation(document: JsonObject, operation: JsonObject): string[] {
  const own = requirements(operation);
  const named = texts(extension(operation, 'scopes'));
  if (own?.some((requirement) => Object.hasOwn(requirement, defaultScheme))) {
    const scopes = own.flatMap((requirement) => texts(requirement[defaultScheme]));
    return [...new Set(scopes.length > 0 ? scopes : named)];
  }
  if (named.length > 0) return named;
  const schemes = securitySchemes(document);
  const scopes = (own ?? requirements(document) ?? []).flatMap((requirement) =>
    Object.entries(requirement).flatMap(([name, list]) =>
      Object.hasOwn(schemes, name) && asObject(schemes[name])?.type === 'oauth2' ? texts(list) : [],
    ),
  );
  return [...new Set(scopes)];
}
