import 'reflect-metadata';
import { X509Certificate as NodeCertificate, webcrypto } from 'node:crypto';
import {
  AuthorityKeyIdentifierExtension,
  BasicConstraintsExtension,
  SubjectAlternativeNameExtension,
  SubjectKeyIdentifierExtension,
  type X509Certificate,
  X509CertificateGenerator,
  X509CrlGenerator,
} from '@peculiar/x509';

const day = 24 * 3600 * 1000;
const algorithm = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' };
const crypto = webcrypto as never;

/** Certificate and private key, PEM. */
export interface Pair {
  readonly cert: string;
  readonly key: string;
}

/** A self-signed certificate for these names or addresses, valid from ten days ago for `days` days (negative: it is over). */
export async function certificate(names: readonly string[], days = 30): Promise<Pair> {
  return (await make(names, days)).pair;
}

/** An authority of its own, which issues certificates and takes them back. */
export async function authority(name: string) {
  const own = await make([], 30, name);
  return {
    ...own.pair,
    /** Without names it is one of a common name alone. */
    issue: async (names: readonly string[], days = 30, commonName?: string): Promise<Pair> =>
      (await make(names, days, commonName, own)).pair,
    /** A PEM list of revoked certificates. */
    async revoke(...pairs: readonly Pair[]): Promise<string> {
      const list = await X509CrlGenerator.create(
        {
          issuer: own.made.subject,
          thisUpdate: new Date(Date.now() - day),
          nextUpdate: new Date(Date.now() + day),
          signingAlgorithm: algorithm,
          signingKey: own.keys.privateKey as never,
          entries: pairs.map(({ cert }) => ({ serialNumber: serialOf(cert) })),
        },
        crypto,
      );
      return pem('X509 CRL', list.rawData);
    },
  };
}

interface Made {
  readonly pair: Pair;
  readonly made: X509Certificate;
  readonly keys: webcrypto.CryptoKeyPair;
}

let serial = 0;

async function make(names: readonly string[], days: number, commonName = names[0], issuer?: Made): Promise<Made> {
  const keys = await webcrypto.subtle.generateKey(algorithm, true, ['sign', 'verify']);
  const made = await X509CertificateGenerator.create(
    {
      serialNumber: (0x1000 + ++serial).toString(16),
      subject: `CN=${commonName}`,
      issuer: issuer?.made.subject ?? `CN=${commonName}`,
      notBefore: new Date(Date.now() - 10 * day),
      notAfter: new Date(Date.now() + days * day),
      publicKey: keys.publicKey as never,
      signingKey: (issuer?.keys ?? keys).privateKey as never,
      signingAlgorithm: algorithm,
      extensions: [
        new BasicConstraintsExtension(issuer === undefined, undefined, true),
        ...(names.length > 0 ? [alternativeNames(names)] : []),
        await SubjectKeyIdentifierExtension.create(keys.publicKey as never, false, crypto),
        ...(issuer ? [await AuthorityKeyIdentifierExtension.create(issuer.made, false, crypto)] : []),
      ],
    },
    crypto,
  );
  return {
    made,
    keys,
    pair: {
      cert: `${made.toString('pem')}\n`,
      key: pem('PRIVATE KEY', await webcrypto.subtle.exportKey('pkcs8', keys.privateKey)),
    },
  };
}

function alternativeNames(names: readonly string[]): SubjectAlternativeNameExtension {
  return new SubjectAlternativeNameExtension(
    names.map((value) => ({ type: /^[\d.]+$/.test(value) ? ('ip' as const) : ('dns' as const), value })),
  );
}

function pem(label: string, bytes: ArrayBuffer): string {
  const lines =
    Buffer.from(bytes)
      .toString('base64')
      .match(/.{1,64}/g) ?? [];
  return `-----BEGIN ${label}-----\n${lines.join('\n')}\n-----END ${label}-----\n`;
}

function serialOf(pem: string): string {
  return new NodeCertificate(pem).serialNumber;
}
