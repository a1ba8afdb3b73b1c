import { createHash } from 'node:crypto';
import type { Fields } from './fields.ts';
import { badRequest, type Refusal } from './refusal.ts';
import type { ParsedResponse } from './response-head.ts';

/** Lines that ask a backend to switch to WebSocket, and that tell a client that it has. */
export const switchLines = 'Connection: Upgrade\r\nUpgrade: websocket\r\n';

/** Base64 of 16 bytes. */
const keyForm = /^[A-Za-z0-9+/]{22}==$/;

/** RFC 6455 section 1.3. */
const acceptSuffix = '258EAFA5-E914-47DA-95CA-C5AB0DC85B11';

/** Whether a list of protocols (an `Upgrade` field) names WebSocket. Other protocols are not for a gateway to switch to. */
export function namesWebSocket(upgrade: string): boolean {
  return upgrade.split(',').some((protocol) => protocol.trim().toLowerCase() === 'websocket');
}

/**
 * The client's key, when the fields of a GET that asks for WebSocket are what RFC 6455 section 4.2.1 demands. The version is the
 * backend's to judge, as it is the backend that speaks it.
 */
export function readHandshake(fields: Fields, bodyLength: number): string | Refusal {
  if (bodyLength !== 0) return badRequest('a request for WebSocket has no body');
  const key = fields.get('sec-websocket-key');
  if (key === undefined || !keyForm.test(key)) return badRequest('Sec-WebSocket-Key is not the base64 of 16 bytes');
  if (!/^\d{1,3}$/.test(fields.get('sec-websocket-version') ?? ''))
    return badRequest('Sec-WebSocket-Version is not one number');
  return key;
}

/**
 * What is wrong with a 101 that answers this key; null when nothing is. A backend that only echoes what it got must not turn a
 * connection into a tunnel past all that the gateway reads.
 */
export function handshakeFault(head: ParsedResponse, key: string): string | null {
  if (head.header('upgrade')?.toLowerCase() !== 'websocket')
    return 'the backend switches to another protocol than WebSocket';
  if (!head.connectionOptions.includes('upgrade')) return 'the backend switches protocols without Connection: Upgrade';
  const accept = createHash('sha1')
    .update(key + acceptSuffix)
    .digest('base64');
  return head.header('sec-websocket-accept') === accept ? null : 'Sec-WebSocket-Accept does not fit Sec-WebSocket-Key';
}
