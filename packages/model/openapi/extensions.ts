import type { CorsConfiguration } from '../api.ts';
import { asObject } from '../endpoints/scalars.ts';
import type { Json, JsonObject } from '../json.ts';

/** Names of the vendor extensions that are read, with their twins; the first that is present wins. */
export const extensionNames = {
  authType: ['x-auth-type', 'x-wso2-auth-type'],
  throttlingTier: ['x-throttling-tier', 'x-wso2-throttling-tier'],
  scopes: ['x-scopes', 'x-scope', 'x-wso2-scopes'],
  disableSecurity: ['x-wso2-disable-security'],
  basePath: ['x-wso2-basePath', 'x-wso2-base-path'],
  productionEndpoints: ['x-wso2-production-endpoints'],
  sandboxEndpoints: ['x-wso2-sandbox-endpoints'],
  cors: ['x-wso2-cors'],
  transports: ['x-wso2-transports'],
  authHeader: ['x-wso2-auth-header'],
  applicationSecurity: ['x-wso2-application-security'],
  mutualSsl: ['x-wso2-mutual-ssl'],
} as const;

/** Members of an operation that have an extension of their own: how AWS Lambda is called. */
export const lambdaExtensions = {
  amznResourceName: 'x-amzn-resource-name',
  amznResourceTimeout: 'x-amzn-resource-timeout',
  amznResourceContentEncode: 'x-amzn-resource-content-encode',
} as const;

/** Extensions that say where backends are or what the gateway does inside; the developer portal must not show them. */
export const privateExtensions: ReadonlySet<string> = new Set([
  ...extensionNames.productionEndpoints,
  ...extensionNames.sandboxEndpoints,
  ...['x-wso2-endpoints', 'x-mediation-script', 'x-wso2-request-interceptor', 'x-wso2-response-interceptor'],
  ...['x-wso2-mutual-ssl', ...Object.values(lambdaExtensions)],
]);

/** The value of an extension under the first of its names that is present. */
export function extension(holder: JsonObject, name: keyof typeof extensionNames): Json | undefined {
  for (const spelling of extensionNames[name]) {
    const value = holder[spelling];
    if (value !== undefined && value !== null) return value;
  }
  return undefined;
}

/** What a definition says about the API as a whole, in the terms of WSO2's API; members it does not speak of are absent. */
export interface DefinitionSettings {
  readonly apiThrottlingPolicy?: string;
  readonly authorizationHeader?: string;
  readonly transport?: readonly string[];
  readonly securityScheme?: readonly string[];
  readonly corsConfiguration?: CorsConfiguration;
}

/** Reads the extensions at the root of a definition. */
export function settingsOf(document: JsonObject): DefinitionSettings {
  const tier = extension(document, 'throttlingTier');
  const header = extension(document, 'authHeader');
  const transport = texts(extension(document, 'transports')).map((name) => name.toLowerCase());
  const securityScheme = securityOf(document);
  const cors = asObject(extension(document, 'cors'));
  return {
    ...(typeof tier === 'string' && tier !== '' && { apiThrottlingPolicy: tier }),
    ...(typeof header === 'string' && header !== '' && { authorizationHeader: header }),
    ...(transport.length > 0 && { transport }),
    ...(securityScheme.length > 0 && { securityScheme }),
    ...(cors !== undefined && { corsConfiguration: corsOf(cors) }),
  };
}

/** Application security `{ security-types, optional }` and mutual TLS `mandatory`/`optional`, as the list that an API keeps. */
function securityOf(document: JsonObject): string[] {
  const application = asObject(extension(document, 'applicationSecurity'));
  const mutual = extension(document, 'mutualSsl');
  const schemes = texts(application?.['security-types']);
  if (schemes.length > 0) {
    schemes.push(`oauth_basic_auth_api_key_${application?.optional === true ? 'optional' : 'mandatory'}`);
  }
  if (typeof mutual === 'string' && mutual !== '') {
    schemes.push('mutualssl', mutual.toLowerCase() === 'optional' ? 'mutualssl_optional' : 'mutualssl_mandatory');
  }
  return schemes;
}

/** Members go by two spellings: WSO2's own, and the `access-control-…` of its micro gateway. */
function corsOf(source: JsonObject): CorsConfiguration {
  const list = (name: string, header: string) => texts(source[name] ?? source[header]);
  return {
    corsConfigurationEnabled: source.corsConfigurationEnabled !== false,
    accessControlAllowOrigins: list('accessControlAllowOrigins', 'access-control-allow-origins'),
    accessControlAllowCredentials:
      (source.accessControlAllowCredentials ?? source['access-control-allow-credentials']) === true,
    accessControlAllowHeaders: list('accessControlAllowHeaders', 'access-control-allow-headers'),
    accessControlAllowMethods: list('accessControlAllowMethods', 'access-control-allow-methods'),
  };
}

/** The texts of a list, or of one text with commas. */
export function texts(value: Json | undefined): string[] {
  const list = typeof value === 'string' ? value.split(',') : Array.isArray(value) ? value : [];
  const kept = list.filter((item): item is string => typeof item === 'string').map((item) => item.trim());
  return [...new Set(kept.filter((item) => item !== ''))];
}

/** The context that a definition asks for, without the version at its end; null where it asks for none. */
export function basePathOfDefinition(document: JsonObject, version: string): string | null {
  const said = extension(document, 'basePath') ?? (document.swagger === undefined ? undefined : document.basePath);
  if (typeof said !== 'string' || !said.startsWith('/')) return null;
  const trimmed = said.replace(/\/+$/, '');
  const bare = version !== '' && trimmed.endsWith(`/${version}`) ? trimmed.slice(0, -version.length - 1) : trimmed;
  return bare === '' ? null : bare;
}
