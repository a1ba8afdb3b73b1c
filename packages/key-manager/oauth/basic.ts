import type { ClientCredentials } from '../clients/authenticate-client.ts';

/** User or client and its secret. */
export interface BasicCredentials {
  readonly name: string;
  readonly secret: string;
}

/** Reads `Authorization: Basic` (RFC 7617, UTF-8); undefined where it is another scheme or malformed. */
export function decodeBasic(authorization: string | undefined): BasicCredentials | undefined {
  const encoded = /^basic +([a-z0-9+/_-]+=*) *$/i.exec(authorization ?? '')?.[1];
  if (encoded === undefined) return undefined;
  const text = Buffer.from(encoded, 'base64').toString('utf8');
  const colon = text.indexOf(':');
  return colon < 0 ? undefined : { name: text.slice(0, colon), secret: text.slice(colon + 1) };
}

/** Reads `Authorization: Bearer` (RFC 6750). */
export const decodeBearer = (authorization: string | undefined): string | undefined =>
  /^bearer +([\w\-.~+/]+=*) *$/i.exec(authorization ?? '')?.[1];

/**
 * RFC 6749 section 2.3.1 has clients form-encode id and secret inside Basic; curl, apictl and most others send them as they are.
 * Both readings are candidates, the plain one first.
 */
export function clientCandidates(basic: BasicCredentials): ClientCredentials[] {
  const plain = { clientId: basic.name, clientSecret: basic.secret };
  const decoded = { clientId: formDecode(basic.name), clientSecret: formDecode(basic.secret) };
  const same = decoded.clientId === plain.clientId && decoded.clientSecret === plain.clientSecret;
  return same ? [plain] : [plain, decoded];
}

function formDecode(text: string): string {
  try {
    return decodeURIComponent(text.replaceAll('+', ' '));
  } catch {
    return text;
  }
}
