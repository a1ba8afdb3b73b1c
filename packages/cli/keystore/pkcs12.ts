import { createPrivateKey, type KeyObject, X509Certificate } from 'node:crypto';
import { bytesOf, type Element, identifierOf, numberOf, part, readElement } from './ber.ts';
import { macFits, openSealed } from './password-ciphers.ts';

/** What a PKCS#12 file holds. */
export interface Store {
  readonly keys: readonly StoredKey[];
  /** All of them, those of the keys included. */
  readonly certificates: readonly X509Certificate[];
}

export interface StoredKey {
  /** The name under which Java's keytool lists it; empty without one. */
  readonly alias: string;
  readonly key: KeyObject;
}

const contents = { plain: '1.2.840.113549.1.7.1', sealed: '1.2.840.113549.1.7.6' } as const;
const bags = {
  key: '1.2.840.113549.1.12.10.1.1',
  sealedKey: '1.2.840.113549.1.12.10.1.2',
  certificate: '1.2.840.113549.1.12.10.1.3',
  nested: '1.2.840.113549.1.12.10.1.6',
} as const;
const x509 = '1.2.840.113549.1.9.22.1';
const friendlyName = '1.2.840.113549.1.9.20';

/**
 * Opens a PKCS#12 file (RFC 7292), as keytool, OpenSSL and browsers write it; `keyPassword` is that of the keys where it differs.
 * Own code because Node.js opens only files with exactly one key, so no truststores, and none with the ciphers of older programs.
 * Throws an Error in words: a wrong password, a damaged file, an unknown algorithm.
 */
export function openPkcs12(file: Buffer, password: string, keyPassword = password): Store {
  const outer = readElement(file);
  if (outer.tag !== 0x30 || numberOf(part(outer, 0)) !== 3) throw new Error('it is not a PKCS#12 file');
  const authenticated = plainContent(part(outer, 1));
  const mac = outer.parts[2];
  if (mac !== undefined && !macFits(mac, authenticated, password)) throw new Error('the password is wrong');
  const found: { keys: StoredKey[]; certificates: X509Certificate[] } = { keys: [], certificates: [] };
  for (const info of readElement(authenticated).parts) {
    const content =
      identifierOf(part(info, 0)) === contents.sealed ? sealedContent(info, password) : plainContent(info);
    takeBags(readElement(content), [keyPassword, password], found, 0);
  }
  return found;
}

/** Bytes of a `ContentInfo` that nothing seals. */
function plainContent(info: Element): Buffer {
  if (identifierOf(part(info, 0)) !== contents.plain)
    throw new Error('it is sealed with a certificate instead of a password');
  return bytesOf(part(part(info, 1), 0));
}

function sealedContent(info: Element, password: string): Buffer {
  const encrypted = part(part(part(info, 1), 0), 1);
  return openSealed(part(encrypted, 1), bytesOf(part(encrypted, 2)), password);
}

function takeBags(
  bagsOfContent: Element,
  passwords: readonly string[],
  found: { keys: StoredKey[]; certificates: X509Certificate[] },
  level: number,
): void {
  if (level > 4) throw new Error('it is damaged');
  for (const bag of bagsOfContent.parts) {
    const value = part(part(bag, 1), 0);
    switch (identifierOf(part(bag, 0))) {
      case bags.key:
        found.keys.push({ alias: aliasOf(bag), key: privateKey(reencoded(value)) });
        break;
      case bags.sealedKey:
        found.keys.push({ alias: aliasOf(bag), key: openKey(value, passwords) });
        break;
      case bags.certificate:
        if (identifierOf(part(value, 0)) !== x509) break;
        found.certificates.push(new X509Certificate(bytesOf(part(part(value, 1), 0))));
        break;
      case bags.nested:
        takeBags(value, passwords, found, level + 1);
        break;
    }
  }
}

function openKey(value: Element, passwords: readonly string[]): KeyObject {
  const [algorithm, sealed] = [part(value, 0), bytesOf(part(value, 1))];
  let failure: unknown;
  for (const password of new Set(passwords)) {
    try {
      return privateKey(openSealed(algorithm, sealed, password));
    } catch (error) {
      failure = error;
    }
  }
  throw failure;
}

function privateKey(pkcs8: Buffer): KeyObject {
  try {
    return createPrivateKey({ key: pkcs8, format: 'der', type: 'pkcs8' });
  } catch {
    throw new Error('the password of the key is wrong');
  }
}

/** The element as it stood in the file, head and content. */
function reencoded({ tag, content }: Element): Buffer {
  const length = Buffer.alloc(4);
  length.writeUInt32BE(content.length);
  return Buffer.concat([Buffer.from([tag, 0x84]), length, content]);
}

function aliasOf(bag: Element): string {
  for (const attribute of bag.parts[2]?.parts ?? []) {
    if (identifierOf(part(attribute, 0)) === friendlyName) {
      return Buffer.from(bytesOf(part(part(attribute, 1), 0)))
        .swap16()
        .toString('utf16le');
    }
  }
  return '';
}
