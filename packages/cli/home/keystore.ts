import { readFileSync } from 'node:fs';
import { isAbsolute, join } from 'node:path';
import { createSecureContext } from 'node:tls';
import type { Settings } from '@sluice/config';
import { UsageError } from '../command.ts';
import { ownCertificate } from './certificate.ts';
import type { Home } from './home.ts';

/** Certificate and key as `node:tls` takes them. */
export type TlsIdentity =
  | { readonly cert: string; readonly key: string; readonly passphrase?: string }
  | { readonly pfx: Uint8Array; readonly passphrase?: string };

/** `[keystore.tls]`, or the certificate of this installation. Throws `UsageError` naming the file that cannot be used and why. */
export async function tlsIdentity(settings: Settings, home: Home): Promise<TlsIdentity> {
  const file = settings.get('keystore.tls.file_name');
  if (file === undefined) {
    const { certificate, key } = await ownCertificate(home.security, settings.get('server.hostname'));
    return { cert: certificate, key };
  }
  const password = settings.get('keystore.tls.password');
  const passphrase = settings.get('keystore.tls.key_password') ?? password;
  const secret = passphrase === undefined ? {} : { passphrase };
  const path = inSecurity(home, file);
  const identity: TlsIdentity =
    settings.get('keystore.tls.type') === 'PKCS12'
      ? { pfx: readStore(path, 'keystore.tls.file_name'), ...(password === undefined ? {} : { passphrase: password }) }
      : { ...pemPair(path, settings.get('keystore.tls.key_file'), home), ...secret };
  try {
    createSecureContext('pfx' in identity ? { ...identity, pfx: Buffer.from(identity.pfx) } : identity);
  } catch (error) {
    throw new UsageError(
      `keystore.tls: ${path} cannot be used: ${(error as Error).message}. Check type, password and that certificate and key belong together`,
    );
  }
  return identity;
}

/** `[truststore] file_name`: PEM certificates to trust, or undefined where none are named. */
export function trustedCertificates(settings: Settings, home: Home): string | undefined {
  const file = settings.get('truststore.file_name');
  if (file === undefined) return undefined;
  if (settings.get('truststore.type') === 'PKCS12') {
    throw new UsageError(
      `truststore.type: certificates to trust are read from PEM; convert with: openssl pkcs12 -in ${file} -nokeys -out ${file}.pem`,
    );
  }
  return readStore(inSecurity(home, file), 'truststore.file_name').toString('utf8');
}

function pemPair(path: string, keyFile: string | undefined, home: Home): { cert: string; key: string } {
  const cert = readStore(path, 'keystore.tls.file_name').toString('utf8');
  const key =
    keyFile === undefined ? cert : readStore(inSecurity(home, keyFile), 'keystore.tls.key_file').toString('utf8');
  return { cert, key };
}

function inSecurity(home: Home, file: string): string {
  return isAbsolute(file) ? file : join(home.security, file);
}

function readStore(path: string, setting: string): Buffer {
  try {
    return readFileSync(path);
  } catch (error) {
    throw new UsageError(`${setting}: ${path} cannot be read (${(error as NodeJS.ErrnoException).code})`);
  }
}
