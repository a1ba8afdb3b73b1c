import type { DeployedApi } from '@sluice/model';

/** What an API asks of its callers, and what of it must not reach the backend. */
export interface CompiledCredentials {
  readonly apiId: string;
  /** Lower-case name of the header that carries the token. */
  readonly authorizationHeader: string;
  /** The same as the API writes it. */
  readonly authorizationName: string;
  /** A scheme that a call would have to satisfy and that this gateway cannot check; null when a token suffices. */
  readonly unsupported: string | null;
  /** Value of `WWW-Authenticate` (wso2-gateway.md 6.5). */
  readonly challenge: string;
  /** Which headers would have helped, for the answer to a call without any. */
  readonly hint: string;
  /** Lower-case names of headers that stay here when a token was consumed. */
  readonly withoutConsumed: readonly string[];
  /** The same for calls that needed none. */
  readonly withoutOpen: readonly string[];
  /** Lower-case names of headers whose values no log may show, beside those that are secret everywhere. */
  readonly secretHeaders: ReadonlySet<string>;
}

/** In order of priority; the test key is asked of every API (wso2-gateway.md 6.4). */
const schemes = [
  { scheme: 'mutualssl', challenge: 'Mutual SSL realm="WSO2 API Manager"' },
  { scheme: 'oauth2', challenge: 'Bearer realm="WSO2 API Manager"' },
  { scheme: 'basic_auth', challenge: 'Basic realm="WSO2 API Manager"' },
  { scheme: 'api_key', challenge: 'API Key realm="WSO2 API Manager"' },
] as const;

/** The header of test keys, which no backend is meant to see. */
const testKeyHeader = 'internal-key';

export function compileCredentials(api: DeployedApi, keepAuthorization: boolean): CompiledCredentials {
  const asked = schemes.filter(({ scheme }) => api.securityScheme.includes(scheme));
  const names: string[] = asked.length === 0 ? ['oauth2'] : asked.map(({ scheme }) => scheme);
  const challenges = schemes.filter(({ scheme }) => names.includes(scheme)).map(({ challenge }) => challenge);
  const authorizationHeader = api.authorizationHeader.toLowerCase();
  const consumed = [testKeyHeader];
  if (!keepAuthorization) consumed.push(authorizationHeader);
  if (names.includes('api_key')) consumed.push(api.apiKeyHeader.toLowerCase());
  return {
    apiId: api.id,
    authorizationHeader,
    authorizationName: api.authorizationHeader,
    unsupported: unsupportedScheme(api.securityScheme, names),
    challenge: [
      'Internal API Key realm="WSO2 API Manager"',
      ...challenges,
      'error="invalid_token"',
      'error_description="The provided token is invalid"',
    ].join(', '),
    hint: hintOf(api, names),
    withoutConsumed: consumed,
    withoutOpen: [testKeyHeader],
    secretHeaders: new Set([authorizationHeader, api.apiKeyHeader.toLowerCase()]),
  };
}

/** A mandatory client certificate cannot be replaced by a token; otherwise a token is one of the ways. */
function unsupportedScheme(all: readonly string[], names: readonly string[]): string | null {
  if (all.includes('mutualssl_mandatory')) return 'mutualssl';
  return names.includes('oauth2') ? null : names.join(', ');
}

function hintOf(api: DeployedApi, names: readonly string[]): string {
  const ways: string[] = [];
  if (names.includes('oauth2')) ways.push(`'${api.authorizationHeader} : Bearer ACCESS_TOKEN'`);
  if (names.includes('basic_auth')) ways.push(`'${api.authorizationHeader} : Basic ACCESS_TOKEN'`);
  if (names.includes('api_key')) ways.push(`'${api.apiKeyHeader} : API_KEY'`);
  return ways.join(' or ');
}
