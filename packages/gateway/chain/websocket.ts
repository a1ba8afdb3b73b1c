import { errors } from '@sluice/model';
import { mayRead } from './cors.ts';
import type { Exchange } from './exchange.ts';
import { fail } from './fault.ts';

/** Where browsers put the token, which cannot send headers of their own with a WebSocket (wso2-policies-and-kinds.md 4.2). */
const tokenParameter = 'access_token';

/** An API of type WS speaks nothing else: 426 (RFC 9110 section 15.5.22) for a call that does not ask for WebSocket. */
export function requireWebSocket(exchange: Exchange): boolean {
  const { head } = exchange.call;
  if (head.webSocketKey !== null) return true;
  // HTTP/2 has no such fields (RFC 9113 section 8.2.2).
  const headers = head.majorVersion === 1 ? 'Upgrade: websocket\r\nConnection: Upgrade\r\n' : '';
  return fail(exchange, errors.websocketRequired, undefined, { headers });
}

/**
 * A page opens WebSockets to any host, with the cookies of that host, and no preflight comes before them: with
 * `enable_validation_for_ws` only pages of the origins that the CORS rules allow may. Who sends no origin is no browser.
 */
export function checkOrigin(exchange: Exchange): boolean {
  const cors = exchange.api?.cors ?? null;
  const origin = exchange.call.head.header('origin');
  if (cors === null || origin === undefined || mayRead(cors, origin)) return true;
  return fail(exchange, errors.corsOriginForbidden, { origin });
}

/** The token in the query of a handshake; undefined without one, and where there are two that might differ. */
export function tokenInQuery(query: string): string | undefined {
  const found = parametersOf(query).filter(isToken);
  if (found.length !== 1) return undefined;
  const parameter = found[0] as string;
  const mark = parameter.indexOf('=');
  try {
    return mark === -1 ? undefined : decodeURIComponent(parameter.slice(mark + 1)) || undefined;
  } catch {
    return undefined;
  }
}

/** The query as the backend may see it: without the token. */
export function withoutToken(query: string): string {
  const parameters = parametersOf(query);
  const kept = parameters.filter((parameter) => !isToken(parameter));
  if (kept.length === parameters.length) return query;
  return kept.length === 0 ? '' : `?${kept.join('&')}`;
}

function parametersOf(query: string): string[] {
  return query.length > 1 ? query.slice(1).split('&') : [];
}

function isToken(parameter: string): boolean {
  const mark = parameter.indexOf('=');
  const name = mark === -1 ? parameter : parameter.slice(0, mark);
  if (name === tokenParameter) return true;
  if (!name.includes('%')) return false;
  try {
    return decodeURIComponent(name) === tokenParameter;
  } catch {
    return false;
  }
}

/** Whether a WebSocket may go on: its token must not have expired or been revoked since, as of the picture in force now. */
export function tunnelAllowed(exchange: Exchange, revoked: (tokenId: string) => boolean): boolean {
  const { token } = exchange;
  return token === null || (Date.now() < token.expiresAt && !revoked(token.tokenId));
}
