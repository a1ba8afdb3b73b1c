import { X509Certificate } from 'node:crypto';
import { isIP } from 'node:net';
import type { HostnameVerification } from '../call.ts';

/** This machine under the names that WSO2 takes for it; nothing else that begins with `localhost` is. */
const localhosts: ReadonlySet<string> = new Set(['localhost', 'localhost.localdomain', '127.0.0.1', '::1']);

/** A certificate of any name is taken for that host. */
function nameIsFree(host: string, verify: HostnameVerification): boolean {
  return verify === 'allow-all' || (verify === 'default-and-localhost' && localhosts.has(host.toLowerCase()));
}

/**
 * Compares the names in a certificate (DER) with the host that was called. Alternative names count, the common name only where there
 * are none (RFC 9110 section 4.3.4). A wildcard is the whole first label of a name with at least two more. Returns what is wrong, in words.
 */
export function nameProblem(host: string, certificate: Uint8Array, verify: HostnameVerification): string | undefined {
  if (nameIsFree(host, verify)) return undefined;
  const parsed = new X509Certificate(certificate);
  const address = isIP(host) !== 0;
  const fits = address
    ? (parsed.checkIP(host) ?? (parsed.subjectAltName === undefined ? commonNameIs(parsed, host) : undefined))
    : parsed.checkHost(host, { partialWildcards: false, multiLabelWildcards: verify !== 'strict' });
  if (fits !== undefined) return undefined;
  const names = parsed.subjectAltName ?? parsed.subject.replaceAll('\n', ', ');
  return `the certificate is not for ${host} but for ${names.slice(0, 200)}`;
}

function commonNameIs(certificate: X509Certificate, host: string): string | undefined {
  return certificate.subject.split('\n').includes(`CN=${host}`) ? host : undefined;
}
