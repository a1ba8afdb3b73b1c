import { generateKeyPairSync, randomBytes, sign } from 'node:crypto';
import { bits, boolean, identifier, implicit, octets, sequence, set, tagged, time, unsigned, utf8 } from './der.ts';

const tenYears = 10 * 365 * 24 * 3600 * 1000;
const ecdsaWithSha256 = '1.2.840.10045.4.3.2';
const commonName = '2.5.4.3';
const basicConstraints = '2.5.29.19';
const subjectAltName = '2.5.29.17';

/**
 * Private key (P-256) and self-signed certificate for this name and loopback, PEM, one after the other (RFC 5280).
 * Own code because it stands in the way of every first start, where a certificate library would cost a third of a second.
 */
export function selfSigned(hostname: string): string {
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const name = sequence(set(sequence(identifier(commonName), utf8(hostname))));
  const algorithm = sequence(identifier(ecdsaWithSha256));
  const now = Date.now();
  const body = sequence(
    tagged(0, unsigned(Buffer.from([2]))),
    unsigned(serial()),
    algorithm,
    name,
    sequence(time(new Date(now - 3600_000)), time(new Date(now + tenYears))),
    name,
    publicKey.export({ type: 'spki', format: 'der' }),
    tagged(3, sequence(authority(), alternativeNames(hostname))),
  );
  const certificate = sequence(body, algorithm, bits(sign('sha256', body, privateKey)));
  return `${privateKey.export({ type: 'pkcs8', format: 'pem' })}${pem('CERTIFICATE', certificate)}`;
}

/** Positive and not to be guessed. */
function serial(): Buffer {
  const bytes = randomBytes(16);
  bytes[0] = ((bytes[0] as number) & 0x3f) | 0x40;
  return bytes;
}

/** Its own authority, so that clients can put it into a truststore. */
function authority(): Buffer {
  return sequence(identifier(basicConstraints), boolean(true), octets(sequence(boolean(true))));
}

function alternativeNames(hostname: string): Buffer {
  const names = [...new Set(['localhost', hostname])].map((value) => implicit(2, Buffer.from(value, 'latin1')));
  const addresses = [Buffer.from([127, 0, 0, 1]), Buffer.from([...new Array(15).fill(0), 1])].map((address) =>
    implicit(7, address),
  );
  return sequence(identifier(subjectAltName), octets(sequence(...names, ...addresses)));
}

function pem(label: string, bytes: Buffer): string {
  const lines = bytes.toString('base64').match(/.{1,64}/g) ?? [];
  return `-----BEGIN ${label}-----\n${lines.join('\n')}\n-----END ${label}-----\n`;
}
