import type { IncomingMessage, ServerResponse } from 'node:http';
import { errors, type JsonObject, type Log, SluiceError } from '@sluice/model';
import { type Store, StoreUnavailableError } from '@sluice/store';
import { describeRegistrationError } from '../registration/register.ts';
import { readBody } from './body.ts';
import type { OAuthReply, OAuthRequest } from './exchange.ts';
import { type Parameters, parseParameters } from './parameters.ts';
import { matchRoute, type OAuthRoutes, type RouteMatch } from './route.ts';

interface ServeParts {
  readonly routes: OAuthRoutes;
  readonly store: Store;
  readonly log: Log;
  readonly limits: { readonly bodyBytes: number; readonly bodyMilliseconds: number };
}

/** Answers requests for the key manager's addresses; false for others. */
export function createServe(parts: ServeParts): (request: IncomingMessage, response: ServerResponse) => boolean {
  return (request, response) => {
    const match = matchRoute(parts.routes, request.url ?? '');
    if (!match) return false;
    response.on('error', () => undefined);
    answer(parts, match, request)
      .catch((error: unknown) => describeFailure(parts.log, match, error))
      .then((reply) => send(request, response, reply));
    return true;
  };
}

interface SentReply extends OAuthReply {
  readonly headers?: Readonly<Record<string, string>>;
}

async function answer(parts: ServeParts, match: RouteMatch, request: IncomingMessage): Promise<SentReply> {
  const { methods } = match.route;
  const method = request.method === 'HEAD' ? 'GET' : (request.method ?? '');
  const endpoint = Object.hasOwn(methods, method) ? methods[method] : undefined;
  if (!endpoint) throw new SluiceError(errors.oauthMethodNotAllowed, { methods: Object.keys(methods).join(', ') });
  const { bodyBytes, bodyMilliseconds } = parts.limits;
  const body = await readBody(request, bodyBytes, bodyMilliseconds);
  const organization = match.tenant === undefined ? undefined : await requireTenant(parts.store, match.tenant);
  const contentType = request.headers['content-type'];
  let parameters: Parameters | undefined;
  const asked: OAuthRequest = {
    organization,
    authorization: request.headers.authorization,
    contentType,
    query: match.query,
    body,
    parameters: () => (parameters ??= parseParameters(match.query, contentType, body)),
  };
  return endpoint(asked);
}

async function requireTenant(store: Store, tenant: string): Promise<string> {
  const found = (await store.organizations()).find((name) => name.toLowerCase() === tenant.toLowerCase());
  if (!found) throw new SluiceError(errors.oauthTenantUnknown);
  return found;
}

function describeFailure(log: Log, match: RouteMatch, thrown: unknown): SentReply {
  const error = asCatalogued(log, thrown);
  const { status } = error.entry;
  const headers: Record<string, string> = {};
  if (status === 401)
    headers['www-authenticate'] =
      error.entry === errors.oauthInvalidToken
        ? 'Bearer realm="Sluice", error="invalid_token"'
        : 'Basic realm="Sluice"';
  if (error.entry === errors.oauthInsufficientScope)
    headers['www-authenticate'] = 'Bearer realm="Sluice", error="insufficient_scope", scope="openid"';
  if (status === 405) headers.allow = Object.keys(match.route.methods).join(', ');
  if (status === 408 || status === 413) headers.connection = 'close';
  if (status === 429 || status === 503) headers['retry-after'] = '5';
  const body = match.route.errorBody === 'rest' ? describeRegistrationError(error) : describeOAuthError(error);
  return { status, body, headers };
}

/** RFC 6749 section 5.2. Errors that are shared with other surfaces have no OAuth name of their own. */
function describeOAuthError(error: SluiceError): JsonObject {
  const { entry, description } = error;
  const shared = entry.status === 429 ? 'temporarily_unavailable' : 'invalid_request';
  return { error: entry.surface === 'oauth' ? entry.message : shared, error_description: description };
}

function asCatalogued(log: Log, thrown: unknown): SluiceError {
  if (thrown instanceof SluiceError) return thrown;
  if (thrown instanceof StoreUnavailableError) {
    log.warn('the key manager cannot reach the store', { reason: thrown.reason });
    return new SluiceError(errors.oauthTemporarilyUnavailable, {}, { cause: thrown });
  }
  log.error('a request to the key manager failed', { error: thrown });
  return new SluiceError(errors.oauthServerError, {}, { cause: thrown });
}

function send(request: IncomingMessage, response: ServerResponse, reply: SentReply): void {
  if (response.destroyed) return;
  const text = reply.body === undefined ? '' : JSON.stringify(reply.body);
  // RFC 6749 section 5.1 forbids caches. apictl's suite compares the whole content type, hence no charset.
  const headers: Record<string, string | number> = {
    'cache-control': 'no-store',
    pragma: 'no-cache',
    ...reply.headers,
  };
  if (text !== '') headers['content-type'] = 'application/json';
  if (reply.status !== 204) headers['content-length'] = Buffer.byteLength(text);
  response.writeHead(reply.status, headers);
  response.end(request.method === 'HEAD' ? undefined : text);
}
