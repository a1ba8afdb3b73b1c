import { join } from 'node:path';
import { secretFile } from './secret-file.ts';
import { selfSigned } from './self-signed.ts';

/** File of the self-signed certificate of this installation with its key, PEM; made in `security/` at the first start. */
export async function ownCertificate(security: string, hostname: string): Promise<string> {
  const path = join(security, 'tls.pem');
  await secretFile(path, () => selfSigned(hostname));
  return path;
}
