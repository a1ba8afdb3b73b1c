import { createPublicKey, type KeyObject, type VerifyKeyObjectInput } from 'node:crypto';
import type { JsonObject, RuntimeIssuer } from '@sluice/model';

/** How each signature algorithm of RFC 7518 section 3.1 is checked. Symmetric ones and `none` are left out on purpose. */
const algorithms: Readonly<
  Record<string, { readonly keyType: string; readonly hash: string | null; readonly pss?: true; readonly raw?: true }>
> = {
  RS256: { keyType: 'RSA', hash: 'sha256' },
  RS384: { keyType: 'RSA', hash: 'sha384' },
  RS512: { keyType: 'RSA', hash: 'sha512' },
  PS256: { keyType: 'RSA', hash: 'sha256', pss: true },
  PS384: { keyType: 'RSA', hash: 'sha384', pss: true },
  PS512: { keyType: 'RSA', hash: 'sha512', pss: true },
  ES256: { keyType: 'EC', hash: 'sha256', raw: true },
  ES384: { keyType: 'EC', hash: 'sha384', raw: true },
  ES512: { keyType: 'EC', hash: 'sha512', raw: true },
  EdDSA: { keyType: 'OKP', hash: null },
};

/** `RSASSA-PSS` padding and the salt length that RFC 7518 section 3.5 asks for (that of the hash), as node:crypto numbers them. */
const pss = { padding: 6, saltLength: -1 } as const;

/** A key that may have signed a token. */
export interface VerificationKey {
  readonly kid: string | null;
  readonly algorithm: string;
  readonly hash: string | null;
  readonly key: VerifyKeyObjectInput | KeyObject;
}

/** An issuer with its keys ready to verify. A change of the issuer makes a new object, so identity tells whether a token was verified against the present keys. */
export interface CompiledIssuer {
  readonly name: string;
  readonly issuer: string;
  readonly keys: readonly VerificationKey[];
  readonly consumerKeyClaim: string;
  readonly scopesClaim: string;
}

/** Keys per issuer that are kept: a token without `kid` tries them all. */
const mostKeys = 32;

/** `report` hears of keys that cannot be used; the others still serve. */
export function compileIssuer(issuer: RuntimeIssuer, report: (reason: string) => void): CompiledIssuer {
  const keys: VerificationKey[] = [];
  for (const jwk of issuer.keys.slice(0, mostKeys)) {
    try {
      keys.push(compileKey(jwk));
    } catch (error) {
      report(`key ${JSON.stringify(jwk.kid ?? null)} of issuer ${issuer.name}: ${(error as Error).message}`);
    }
  }
  return {
    name: issuer.name,
    issuer: issuer.issuer,
    keys,
    consumerKeyClaim: issuer.consumerKeyClaim,
    scopesClaim: issuer.scopesClaim,
  };
}

function compileKey(jwk: JsonObject): VerificationKey {
  const name = typeof jwk.alg === 'string' ? jwk.alg : jwk.kty === 'RSA' ? 'RS256' : undefined;
  const algorithm = name === undefined ? undefined : algorithms[name];
  if (name === undefined || algorithm === undefined)
    throw new Error(`the algorithm ${name ?? 'of the key'} is not taken`);
  if (jwk.kty !== algorithm.keyType) throw new Error(`a key of type ${String(jwk.kty)} cannot verify ${name}`);
  if (jwk.use !== undefined && jwk.use !== 'sig') throw new Error('the key is not for signatures');
  const key = createPublicKey({ key: jwk, format: 'jwk' });
  return {
    kid: typeof jwk.kid === 'string' ? jwk.kid : null,
    algorithm: name,
    hash: algorithm.hash,
    key: algorithm.pss ? { key, ...pss } : algorithm.raw ? { key, dsaEncoding: 'ieee-p1363' } : key,
  };
}
