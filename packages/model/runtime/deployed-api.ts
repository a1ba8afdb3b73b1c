import type { Api, Deployment } from '../api.ts';
import type { ApiEndpoints } from '../endpoint.ts';
import type { GatewayEnvironment } from '../environment.ts';
import type { Json } from '../json.ts';
import type { DeployedApi } from '../runtime.ts';
import { superOrganization } from '../user.ts';
import { backendLimits } from './backend-limits.ts';
import { graphqlCosts } from './graphql-costs.ts';

/** What an API does not say itself. */
export interface DeployedApiDefaults {
  /** WSO2's `apim.oauth_config.auth_header`; default `Authorization`. */
  readonly authorizationHeader?: string;
  /** Default `ApiKey`. */
  readonly apiKeyHeader?: string;
}

const versionSegment = /\/[^/]*\{version\}[^/]*/;

/** Path under which an API is called: version in the place of `{version}`, else behind the context; `/t/<organization>` first where it is not the super tenant's. */
export function basePathOf(api: Pick<Api, 'organization' | 'context' | 'version'>): string {
  const context = contextOf(api);
  return context.includes('{version}') ? context.replaceAll('{version}', api.version) : `${context}/${api.version}`;
}

/** The same without the version, where the default version answers; the root is `/`. */
export function defaultBasePathOf(api: Pick<Api, 'organization' | 'context'>): string {
  return contextOf(api).replace(versionSegment, '') || '/';
}

function contextOf(api: Pick<Api, 'organization' | 'context'>): string {
  const context = `/${api.context}`.replace(/\/{2,}/g, '/').replace(/\/$/, '');
  const prefix = `/t/${api.organization}`;
  if (api.organization === superOrganization || context === prefix || context.startsWith(`${prefix}/`)) return context;
  return prefix + context;
}

/**
 * A revision as the gateways of one environment serve it. `endpoints` comes from `parseEndpointConfig` of the revision's API.
 * The host of the deployment matters only in an environment with several: a single one answers under every name, as WSO2's gateway does.
 */
export function deployedApi(
  api: Api,
  deployment: Pick<Deployment, 'revisionId' | 'vhost'>,
  environment: Pick<GatewayEnvironment, 'vhosts'>,
  endpoints: ApiEndpoints,
  defaults: DeployedApiDefaults = {},
): DeployedApi {
  const { audiences, graphqlSchema, graphqlComplexity } = api.more;
  const maxTps = backendLimits(api.more.maxTps);
  return {
    id: api.id,
    revisionId: deployment.revisionId,
    organization: api.organization,
    name: api.name,
    version: api.version,
    provider: api.provider,
    type: api.type,
    status: api.status,
    basePath: basePathOf(api),
    defaultBasePath: api.isDefaultVersion ? defaultBasePathOf(api) : null,
    vhost: environment.vhosts.length > 1 ? deployment.vhost : null,
    transport: api.transport,
    securityScheme: api.securityScheme.length > 0 ? api.securityScheme : ['oauth2'],
    authorizationHeader: api.authorizationHeader || defaults.authorizationHeader || 'Authorization',
    apiKeyHeader: api.apiKeyHeader || defaults.apiKeyHeader || 'ApiKey',
    apiThrottlingPolicy: api.apiThrottlingPolicy || null,
    keyManagers: api.keyManagers.length > 0 ? api.keyManagers : ['all'],
    audiences: Array.isArray(audiences) ? audiences.filter(isText).filter((audience) => audience !== 'all') : [],
    cors: api.corsConfiguration ?? null,
    ...(api.type === 'GRAPHQL'
      ? {
          graphql: {
            ...(typeof graphqlSchema === 'string' ? { schema: graphqlSchema } : {}),
            complexity: graphqlCosts(graphqlComplexity),
          },
        }
      : {}),
    operations: api.operations.map(({ target, verb, authType, throttlingPolicy, scopes, more }) => ({
      target,
      verb,
      authType,
      throttlingPolicy,
      scopes,
      ...(typeof more?.uriMapping === 'string' && more.uriMapping !== '' ? { uriMapping: more.uriMapping } : {}),
    })),
    endpoints,
    ...(maxTps ? { maxTps } : {}),
    // Most are for all to see, and say nothing.
    more: api.visibility === 'PUBLIC' ? {} : { visibility: api.visibility },
  };
}

function isText(value: Json): value is string {
  return typeof value === 'string';
}
