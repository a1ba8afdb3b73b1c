import { join } from 'node:path';
import { secretFile } from './secret-file.ts';
import { selfSigned } from './self-signed.ts';

/** Certificate chain and private key, PEM. */
export interface CertificatePair {
  readonly certificate: string;
  readonly key: string;
}

/** The self-signed certificate of this installation, made in `security/` at the first start. */
export async function ownCertificate(security: string, hostname: string): Promise<CertificatePair> {
  const pem = await secretFile(join(security, 'tls.pem'), () => selfSigned(hostname));
  const text = pem.toString('utf8');
  const begin = text.indexOf('-----BEGIN CERTIFICATE-----');
  return { key: text.slice(0, begin), certificate: text.slice(begin) };
}
