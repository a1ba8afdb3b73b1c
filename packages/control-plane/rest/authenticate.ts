import type { KeyManager } from '@sluice/key-manager';
import { errors, type Principal, SluiceError, superOrganization } from '@sluice/model';
import type { DescribedOperation } from './description.ts';

/** The part of the key manager that proves who calls. */
export type Authenticator = Pick<KeyManager, 'authenticateBearer' | 'authenticateBasic'>;

const nobody: Principal = { organization: superOrganization, user: 'anonymous', roles: [], scopes: new Set() };

/**
 * Proves the caller of an operation. Every failure, a missing scope included, is the same 401, as WSO2 answers
 * (`wso2-control-plane.md` 1.6); wrong credentials are refused even where none are needed.
 */
export async function authenticate(
  authenticator: Authenticator,
  operation: Pick<DescribedOperation, 'access' | 'scopes'>,
  authorization: string | undefined,
): Promise<{ principal: Principal; anonymous: boolean }> {
  if (operation.access === 'open') return { principal: nobody, anonymous: true };
  if (authorization === undefined && operation.access === 'anonymous-allowed') {
    return { principal: nobody, anonymous: true };
  }
  const principal = await prove(authenticator, authorization ?? '');
  if (!principal || !permits(principal, operation.scopes)) throw new SluiceError(errors.unauthenticated);
  return { principal, anonymous: false };
}

function permits(principal: Principal, scopes: readonly string[]): boolean {
  return scopes.length === 0 || scopes.some((scope) => principal.scopes.has(scope));
}

async function prove(authenticator: Authenticator, authorization: string): Promise<Principal | undefined> {
  const [scheme = '', credentials = ''] = authorization.split(' ', 2);
  switch (scheme.toLowerCase()) {
    case 'bearer':
      return authenticator.authenticateBearer(credentials);
    case 'basic': {
      const pair = Buffer.from(credentials, 'base64').toString('utf8');
      const colon = pair.indexOf(':');
      return colon < 0 ? undefined : authenticator.authenticateBasic(pair.slice(0, colon), pair.slice(colon + 1));
    }
    default:
      return undefined;
  }
}
