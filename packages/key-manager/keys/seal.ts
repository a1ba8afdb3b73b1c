import { createCipheriv, createDecipheriv, createHmac, hkdfSync, randomBytes } from 'node:crypto';

/** Keeps small secrets at rest with the installation's key. */
export interface Seal {
  /** Encrypts `text` (AES-256-GCM); only `open` with the same `purpose` reads it, so a sealed value cannot be moved to another row. */
  close(text: string, purpose: string): string;
  /** Throws `SealError` when the value was made with another key, for another purpose, or was changed. */
  open(sealed: string, purpose: string): string;
  /** A keyed hash of `text`: tells whether two texts are the same without keeping them. */
  mark(text: string, purpose: string): string;
}

/** A sealed value that this installation's key does not open. */
export class SealError extends Error {
  override readonly name = 'SealError';
}

const nonceBytes = 12;
const tagBytes = 16;
const form = 'v1.';

/** @param installationKey 32 bytes. */
export function createSeal(installationKey: Buffer): Seal {
  if (installationKey.length !== 32) throw new SealError(`the sealing key has ${installationKey.length} bytes, not 32`);
  const derive = (use: string) => Buffer.from(hkdfSync('sha256', installationKey, Buffer.alloc(0), use, 32));
  const sealKey = derive('sluice key-manager seal');
  const markKey = derive('sluice key-manager mark');
  return {
    close(text, purpose) {
      const nonce = randomBytes(nonceBytes);
      const cipher = createCipheriv('aes-256-gcm', sealKey, nonce).setAAD(Buffer.from(purpose));
      const body = Buffer.concat([nonce, cipher.update(text, 'utf8'), cipher.final(), cipher.getAuthTag()]);
      return form + body.toString('base64url');
    },
    open(sealed, purpose) {
      const body = Buffer.from(sealed.slice(form.length), 'base64url');
      if (!sealed.startsWith(form) || body.length < nonceBytes + tagBytes)
        throw new SealError(`${purpose} is not a sealed value`);
      const decipher = createDecipheriv('aes-256-gcm', sealKey, body.subarray(0, nonceBytes), {
        authTagLength: tagBytes,
      })
        .setAAD(Buffer.from(purpose))
        .setAuthTag(body.subarray(-tagBytes));
      try {
        const text = decipher.update(body.subarray(nonceBytes, -tagBytes));
        return Buffer.concat([text, decipher.final()]).toString('utf8');
      } catch (cause) {
        throw new SealError(`the sealing key of this installation does not open ${purpose}`, { cause });
      }
    },
    mark: (text, purpose) => createHmac('sha256', markKey).update(`${purpose}\0${text}`).digest('base64url'),
  };
}
