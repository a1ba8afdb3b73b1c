import { getCiphers } from 'node:tls';

const versions = ['TLSv1.2', 'TLSv1.3'] as const;

/** Versions that WSO2 configurations list, and that nobody should speak any more (RFC 8996). */
const oldVersions: ReadonlySet<string> = new Set(['sslv2', 'sslv2hello', 'sslv3', 'tlsv1', 'tlsv1.0', 'tlsv1.1']);

/** TLS versions by their names, in any case. */
export interface NamedVersions {
  readonly spoken: readonly (typeof versions)[number][];
  readonly old: readonly string[];
  readonly unknown: readonly string[];
}

export function versionsNamed(names: readonly string[]): NamedVersions {
  const lower = new Set(names.map((name) => name.toLowerCase()));
  const known = new Set<string>(versions.map((name) => name.toLowerCase()));
  return {
    spoken: versions.filter((name) => lower.has(name.toLowerCase())),
    old: names.filter((name) => oldVersions.has(name.toLowerCase())),
    unknown: names.filter((name) => !known.has(name.toLowerCase()) && !oldVersions.has(name.toLowerCase())),
  };
}

/** Cipher suites by their names. */
export interface NamedSuites {
  /** As OpenSSL calls them, in order. */
  readonly suites: readonly string[];
  readonly unknown: readonly string[];
}

/** The word by which Java lists that it renegotiates safely: no suite. */
const signal = 'TLS_EMPTY_RENEGOTIATION_INFO_SCSV';

/** Suites under the name that IANA and Java give them (`TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256`) or OpenSSL's (`ECDHE-RSA-AES128-GCM-SHA256`). */
export function suitesNamed(names: readonly string[]): NamedSuites {
  const suites: string[] = [];
  const unknown: string[] = [];
  for (const name of names) {
    const suite = suiteNamed(name);
    if (suite !== undefined) suites.push(suite);
    else if (name.toUpperCase() !== signal) unknown.push(name);
  }
  return { suites: [...new Set(suites)], unknown };
}

/** Whether OpenSSL's name is that of a suite of TLS 1.3. */
export function isSuiteOf13(suite: string): boolean {
  return suite.startsWith('TLS_');
}

let spoken: ReadonlySet<string> | undefined;

function suiteNamed(name: string): string | undefined {
  // Those with a shared secret or a password in place of a certificate have no setting for it.
  spoken ??= new Set(getCiphers().filter((suite) => !/psk|srp/.test(suite)));
  const upper = name.toUpperCase();
  const suite = upper.includes('_WITH_') ? openSslName(upper) : upper;
  return spoken.has(suite.toLowerCase()) ? suite : undefined;
}

/** `TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256` as OpenSSL writes it; IBM's Java begins with `SSL_`. */
function openSslName(name: string): string {
  const [exchange = '', cipher = ''] = name.replace(/^(?:TLS|SSL)_/, '').split('_WITH_');
  const parts = [
    exchange === 'RSA' ? '' : exchange.replaceAll('_', '-'),
    cipher
      .replace(/^CHACHA20_POLY1305_SHA256$/, 'CHACHA20-POLY1305')
      .replace(/^AES_(128|256)_CBC_/, 'AES$1-')
      .replace(/^AES_(128|256)_/, 'AES$1-')
      .replaceAll('_', '-'),
  ];
  return parts.filter(Boolean).join('-');
}
