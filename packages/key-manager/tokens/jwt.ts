import type { JWTPayload } from 'jose';
import { JOSEError, JWKSNoMatchingKey } from 'jose/errors';
import { SignJWT } from 'jose/jwt/sign';
import { jwtVerify } from 'jose/jwt/verify';
import type { KeyRing } from '../keys/key-ring.ts';

/** Signs and verifies this installation's tokens (RS256). */
export interface Jwts {
  /** `typ` is `at+jwt` for access tokens (RFC 9068; WSO2 4.x sends the same), `JWT` otherwise. `lifetime` in seconds. */
  sign(claims: JWTPayload, typ: 'at+jwt' | 'JWT', lifetime: number): Promise<string>;
  /** The claims of a live token; undefined for anything else. Rejects only when the keys cannot be read. */
  verify(token: string, expected: { issuer: string; typ: 'at+jwt' | 'JWT' }): Promise<JWTPayload | undefined>;
}

const longestToken = 16_384;

export function createJwts(parts: {
  ring: KeyRing;
  /** Called before a token is handed out, with its lifetime in seconds. */
  remember: (kid: string, lifetime: number) => Promise<void>;
  now: () => number;
}): Jwts {
  const { ring } = parts;
  return {
    async sign(claims, typ, lifetime) {
      const { kid, key } = await ring.signer();
      await parts.remember(kid, lifetime);
      return new SignJWT(claims).setProtectedHeader({ alg: 'RS256', kid, typ }).sign(key);
    },
    async verify(token, { issuer, typ }) {
      if (token.length > longestToken) return undefined;
      try {
        const { payload } = await jwtVerify(
          token,
          async ({ kid }) => {
            const key = typeof kid === 'string' ? await ring.verifier(kid) : undefined;
            if (!key) throw new JWKSNoMatchingKey();
            return key;
          },
          {
            issuer,
            typ,
            algorithms: ['RS256'],
            requiredClaims: ['exp', 'jti', 'sub'],
            currentDate: new Date(parts.now()),
          },
        );
        return payload;
      } catch (error) {
        if (error instanceof JOSEError) return undefined;
        throw error;
      }
    },
  };
}
