import { createHash, createPrivateKey, createPublicKey, generateKeyPair, type KeyObject } from 'node:crypto';
import { promisify } from 'node:util';
import type { JsonObject, Seal } from '@sluice/model';
import type { SigningKey } from '@sluice/store';

const generate = promisify(generateKeyPair);
const purpose = (kid: string) => `signing key ${kid}`;

/** A new 2048-bit RSA key pair; its `kid` is the thumbprint of RFC 7638, so equal keys have equal names everywhere. */
export async function makeSigningKey(seal: Seal, now: number): Promise<SigningKey> {
  const pair = await generate('rsa', { modulusLength: 2048 });
  const { e, n } = pair.publicKey.export({ format: 'jwk' });
  const kid = createHash('sha256')
    .update(JSON.stringify({ e, kty: 'RSA', n }))
    .digest('base64url');
  const publicKey = { kty: 'RSA', e, n, kid, alg: 'RS256', use: 'sig' } as JsonObject;
  const privateKey = seal.close(JSON.stringify(pair.privateKey.export({ format: 'jwk' })), purpose(kid));
  return { kid, algorithm: 'RS256', publicKey, privateKey, createdTime: now, retiredTime: null };
}

/** Throws `SealError` when another installation sealed it. */
export function openPrivateKey(key: SigningKey, seal: Seal): KeyObject {
  return createPrivateKey({ key: JSON.parse(seal.open(key.privateKey, purpose(key.kid))), format: 'jwk' });
}

/** The half that verifies. */
export function openPublicKey(key: SigningKey): KeyObject {
  return createPublicKey({ key: key.publicKey, format: 'jwk' });
}
