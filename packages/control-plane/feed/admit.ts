import { createHash, timingSafeEqual } from 'node:crypto';
import type { KeyManager } from '@sluice/key-manager';
import { errors, SluiceError, superOrganization } from '@sluice/model';

/** A user name and password for gateways alone, so that they need no administrator's. */
export interface GatewayCredentials {
  readonly username: string;
  readonly password: string;
}

/**
 * Throws 401 unless Basic credentials are the gateways' own or those of an administrator of the installation: the feed holds what all
 * organizations serve, endpoint credentials included, so that an administrator of a single one may not have it.
 */
export async function admitGateway(
  keyManager: Pick<KeyManager, 'authenticateBasic'>,
  gateway: GatewayCredentials | undefined,
  authorization: string | undefined,
): Promise<void> {
  const given = readBasic(authorization);
  if (!given) throw new SluiceError(errors.unauthenticated);
  if (gateway && same(given.username, gateway.username) && same(given.password, gateway.password)) return;
  const principal = await keyManager.authenticateBasic(given.username, given.password);
  const rules = principal?.organization === superOrganization && principal.roles.some(isAdmin);
  if (!rules) throw new SluiceError(errors.unauthenticated);
}

function isAdmin(role: string): boolean {
  return role.toLowerCase() === 'admin';
}

function readBasic(authorization: string | undefined): GatewayCredentials | undefined {
  const [scheme = '', credentials = ''] = (authorization ?? '').split(' ', 2);
  if (scheme.toLowerCase() !== 'basic') return undefined;
  const pair = Buffer.from(credentials, 'base64').toString('utf8');
  const colon = pair.indexOf(':');
  return colon < 0 ? undefined : { username: pair.slice(0, colon), password: pair.slice(colon + 1) };
}

/** Digests have one length, so that the comparison tells nothing by its time. */
function same(one: string, other: string): boolean {
  return timingSafeEqual(digest(one), digest(other));
}

function digest(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}
