import { createCipheriv, createDecipheriv, createHmac, hkdfSync, randomBytes } from 'node:crypto';

/** Keeps small secrets at rest with a key of the installation. */
export interface Seal {
  /** Encrypts `text` (AES-256-GCM); only `open` with the same `purpose` reads it, so a sealed value cannot be moved to another row. */
  close(text: string, purpose: string): string;
  /** Throws `SealError` when the value was made with another key, for another purpose, or was changed. */
  open(sealed: string, purpose: string): string;
  /** A keyed hash of `text`: tells whether two texts are the same without keeping them. */
  mark(text: string, purpose: string): string;
}

/** A sealed value that the key does not open. */
export class SealError extends Error {
  override readonly name = 'SealError';
}

const nonceBytes = 12;
const tagBytes = 16;
const form = 'v1.';

/** `key` has 32 bytes; what is sealed for one `room` does not open for another. Throws `SealError` when it has not. */
export function createSeal(key: Buffer, room: 'key-manager' | 'endpoint'): Seal {
  if (key.length !== 32) throw new SealError(`the sealing key has ${key.length} bytes, not 32`);
  const derive = (use: string) => Buffer.from(hkdfSync('sha256', key, Buffer.alloc(0), use, 32));
  const sealKey = derive(`sluice ${room} seal`);
  const markKey = derive(`sluice ${room} mark`);
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
