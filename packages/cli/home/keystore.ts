import type { Settings } from '@sluice/config';
import type { TlsIdentity } from '@sluice/gateway';
import { identityOf, keystores, trustedOf, truststores } from '../keystore/stores.ts';
import { TlsFiles } from '../keystore/tls-files.ts';
import { ownCertificate } from './certificate.ts';
import type { Home } from './home.ts';

/** `[keystore.tls]`, or the certificate of this installation. Throws `UsageError` naming the file that cannot be used and why. */
export async function tlsIdentity(settings: Settings, home: Home, files = new TlsFiles()): Promise<TlsIdentity> {
  const named = identityOf(settings, home, keystores.tls, files);
  if (named !== undefined) return named;
  const path = await ownCertificate(home.security, settings.get('server.hostname'));
  return files.identity({ setting: 'the certificate of this installation', path });
}

/** `[truststore]`: PEM certificates to trust, or undefined where no file is named. Throws `UsageError`. */
export function trustedCertificates(settings: Settings, home: Home): string | undefined {
  return trustedOf(settings, home, truststores.all, new TlsFiles())?.join('');
}
