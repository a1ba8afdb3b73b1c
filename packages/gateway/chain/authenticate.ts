import { errors, type KeyType } from '@sluice/model';
import type { RequestHead } from '../transport/call.ts';
import type { Exchange } from './exchange.ts';
import { fail } from './fault.ts';
import { tokenInQuery } from './websocket.ts';

/**
 * Who calls? A test key counts first and, when it is wrong, ends the call; then the bearer token (wso2-gateway.md 6.4).
 * Leaves `token`, and `keyType` where the token itself decides it.
 */
export function authenticate(exchange: Exchange): boolean {
  const { call, api } = exchange;
  if (api === null) return fail(exchange, errors.authenticationFailure);
  const testKey = call.head.header('internal-key');
  if (testKey !== undefined) return authenticateTestKey(exchange, testKey);
  const credentials = api.credentials;
  if (credentials.unsupported !== null) {
    return fail(exchange, errors.authenticationSchemeUnsupported, { scheme: credentials.unsupported });
  }
  const header = call.head.header(credentials.authorizationHeader);
  const text = header === undefined ? tokenOfHandshake(call.head) : bearerOf(exchange, header);
  if (text === undefined) return fail(exchange, errors.missingCredentials, { hint: credentials.hint });
  const { settings, snapshot } = exchange;
  const token = settings.verifier.verify(text, 'access', snapshot, call.startedAt);
  if (token === undefined) return fail(exchange, errors.invalidCredentials);
  exchange.token = token;
  const { keyManagers, audiences } = api.source;
  if (keyManagers.length > 0 && !keyManagers.includes('all') && !keyManagers.includes(token.issuer.name)) {
    return fail(exchange, errors.keyManagerNotAllowed);
  }
  if (audiences.length > 0 && !token.audiences.some((audience) => audiences.includes(audience))) {
    return fail(exchange, errors.audienceNotAllowed);
  }
  const authType = exchange.operation?.source.authType;
  if (
    (authType === 'Application' && token.bearer !== 'APPLICATION') ||
    (authType === 'Application_User' && token.bearer !== 'APPLICATION_USER')
  ) {
    return fail(exchange, errors.wrongTokenType);
  }
  return true;
}

/** Only a WebSocket carries its token in the query: a page cannot send headers with it. */
function tokenOfHandshake(head: RequestHead): string | undefined {
  return head.webSocketKey === null ? undefined : tokenInQuery(head.query);
}

/**
 * The bearer part of the header. Several schemes may stand there, separated by commas; the others go on to the backend.
 * Undefined when there is none.
 */
function bearerOf(exchange: Exchange, header: string): string | undefined {
  if (header.indexOf(',') === -1) return tokenOf(header);
  const parts = header.split(',').map((part) => part.trim());
  const at = parts.findIndex((part) => tokenOf(part) !== undefined);
  if (at === -1) return undefined;
  const others = parts.filter((part, index) => index !== at && part !== '');
  if (others.length > 0) exchange.otherAuthorization = others.join(', ');
  return tokenOf(parts[at] as string);
}

/** What follows `Bearer` (any case, RFC 9110 section 11.1); undefined for other schemes. */
function tokenOf(credential: string): string | undefined {
  if (credential.charCodeAt(6) !== 0x20) return undefined;
  const scheme = credential.substring(0, 6);
  if (scheme !== 'Bearer' && scheme.toLowerCase() !== 'bearer') return undefined;
  const text = credential.charCodeAt(7) === 0x20 ? credential.substring(7).trim() : credential.substring(7);
  return text === '' ? undefined : text;
}

function authenticateTestKey(exchange: Exchange, text: string): boolean {
  const { settings, snapshot, call, api } = exchange;
  const token = settings.verifier.verify(text, 'test', snapshot, call.startedAt);
  if (token === undefined || api === null) return fail(exchange, errors.invalidCredentials);
  const { basePath, version } = api.source;
  // The whole base path: `/orders/1` is also what a context `/orders` and a version `1` make, and may be another API's.
  const names = token.apis.some((one) => one.version === version && one.context === basePath);
  if (!names) return fail(exchange, errors.notSubscribed);
  exchange.token = token;
  exchange.testKey = true;
  exchange.keyType = token.keyType satisfies KeyType;
  return true;
}
