import { DEFAULT_CIPHERS, type SecureContextOptions } from 'node:tls';

export type TlsVersion = 'TLSv1.2' | 'TLSv1.3';

/** Versions and cipher suites that are spoken. Plain data. */
export interface TlsVersions {
  /** Default: both. */
  readonly protocols?: readonly TlsVersion[];
  /** OpenSSL's names, the preferred one first; absent or empty: what Node.js holds for safe. */
  readonly ciphers?: readonly string[];
}

/** The same as `node:tls` takes it. An older version than 1.2 is never spoken (RFC 8996). */
export function versionOptions({ protocols, ciphers }: TlsVersions): SecureContextOptions {
  const without13 = protocols !== undefined && !protocols.includes('TLSv1.3');
  const without12 = protocols !== undefined && !protocols.includes('TLSv1.2');
  return {
    minVersion: without12 ? 'TLSv1.3' : 'TLSv1.2',
    maxVersion: without13 ? 'TLSv1.2' : 'TLSv1.3',
    ciphers: ciphers?.length ? ciphers.join(':') : DEFAULT_CIPHERS,
    honorCipherOrder: true,
    // Suites with a Diffie-Hellman exchange need its parameters; without them they would be listed and never spoken.
    ...(ciphers?.some((suite) => suite.startsWith('DHE-')) ? { dhparam: 'auto' } : {}),
  };
}
