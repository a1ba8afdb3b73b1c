import { createPrivateKey, type KeyObject, X509Certificate } from 'node:crypto';
import { readFileSync } from 'node:fs';
import type { TlsIdentity } from '@sluice/gateway';
import { UsageError } from '../command.ts';
import { openPkcs12, type Store } from './pkcs12.ts';

/** A keystore or truststore that somebody named. */
export interface StoreFile {
  /** The setting that names it, for whoever has to correct it. */
  readonly setting: string;
  readonly path: string;
  /** What the settings say of its format; the file itself is looked at too. */
  readonly type?: 'PEM' | 'PKCS12' | undefined;
  readonly password?: string | undefined;
}

/** A keystore: certificate and private key. */
export interface IdentityFile extends StoreFile {
  readonly keyPassword?: string | undefined;
  /** PEM file of the key; absent: it is in the file of the certificate. */
  readonly keyPath?: string | undefined;
  /** Name of the entry in a PKCS#12 file with several keys; absent takes the first. */
  readonly alias?: string | undefined;
}

/** Larger than any keystore; a wrong path to something huge must not fill the memory. */
const mostBytes = 16 * 1024 * 1024;

/** First bytes of Java's own formats. */
const javaFormats = [
  { mark: 0xfeedfeed, name: 'JKS' },
  { mark: 0xcececece, name: 'JCEKS' },
] as const;

/** Certificate chain and private key of a PEM or PKCS#12 file. Throws `UsageError` that names setting and file, and says why and what to do. */
export function readIdentity(file: IdentityFile): TlsIdentity {
  const bytes = readStore(file);
  if (isPem(bytes, file)) {
    const cert = bytes.toString('utf8');
    const key = file.keyPath === undefined ? cert : readStore({ ...file, path: file.keyPath }).toString('utf8');
    return checked(file, certificatesIn(cert, file), privateKeyIn(key, file));
  }
  const { keys, certificates } = open(bytes, file, file.keyPassword);
  const entry = file.alias === undefined ? keys[0] : keys.find(({ alias }) => sameAlias(alias, file.alias));
  if (entry === undefined)
    throw unusable(
      file,
      noKey(
        file.alias,
        keys.map(({ alias }) => alias),
      ),
    );
  return checked(file, chainOf(entry.key, certificates), entry.key);
}

/** PEM certificates to trust, of a PEM or PKCS#12 file. Throws `UsageError`. */
export function readTrusted(file: StoreFile): string[] {
  const bytes = readStore(file);
  const certificates = isPem(bytes, file)
    ? certificatesIn(bytes.toString('utf8'), file)
    : open(bytes, file, undefined).certificates;
  if (certificates.length === 0) throw unusable(file, 'it holds no certificate');
  return certificates.map(pemOf);
}

/** PEM lists of revoked certificates. Throws `UsageError`. */
export function readRevoked(file: StoreFile): string[] {
  const lists = readStore(file)
    .toString('latin1')
    .match(/-----BEGIN X509 CRL-----[\s\S]+?-----END X509 CRL-----/g);
  if (lists === null) throw unusable(file, 'it holds no list of revoked certificates (-----BEGIN X509 CRL-----)');
  return lists.map((text) => `${text}\n`);
}

function readStore({ setting, path }: StoreFile): Buffer {
  let bytes: Buffer;
  try {
    bytes = readFileSync(path);
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code;
    const remedy =
      code === 'ENOENT' ? 'correct the name; what is no absolute path is below security/' : 'let this program read it';
    throw new UsageError(`${setting}: ${path} cannot be read (${code}): ${remedy}`);
  }
  if (bytes.length > mostBytes)
    throw new UsageError(`${setting}: ${path} is larger than ${mostBytes} bytes: name a file of certificates and keys`);
  const java = bytes.length >= 4 ? javaFormats.find(({ mark }) => mark === bytes.readUInt32BE(0)) : undefined;
  if (java)
    throw new UsageError(
      `${setting}: ${path} is a Java keystore (${java.name}), which is not read. ${conversion(path, java.name)}`,
    );
  return bytes;
}

/** The very command, with a name for what it makes. */
function conversion(path: string, format: 'JKS' | 'JCEKS'): string {
  const made = `${path.replace(/\.(?:jks|jceks|keystore|ks)$/i, '')}.p12`;
  const from = format === 'JKS' ? '' : ` -srcstoretype ${format}`;
  return `Convert it once: keytool -importkeystore -srckeystore ${path}${from} -destkeystore ${made} -deststoretype PKCS12; then name ${made}`;
}

function isPem(bytes: Buffer, file: StoreFile): boolean {
  const pem = bytes.includes('-----BEGIN ');
  if (!pem && bytes[0] !== 0x30) throw unusable(file, 'it is neither PEM nor PKCS#12');
  if (file.type !== undefined && pem !== (file.type === 'PEM')) {
    throw unusable(file, `its type is set to ${file.type}, and it is ${pem ? 'PEM' : 'PKCS#12'}: correct the type`);
  }
  return pem;
}

function open(bytes: Buffer, file: StoreFile, keyPassword: string | undefined): Store {
  try {
    return openPkcs12(bytes, file.password ?? '', keyPassword ?? file.password ?? '');
  } catch (error) {
    const hint = file.password === undefined ? '; no password is set' : '';
    throw unusable(file, `${(error as Error).message}${hint}`);
  }
}

function certificatesIn(text: string, file: StoreFile): X509Certificate[] {
  const blocks = text.match(
    /-----BEGIN (?:TRUSTED |X509 )?CERTIFICATE-----[\s\S]+?-----END (?:TRUSTED |X509 )?CERTIFICATE-----/g,
  );
  try {
    return (blocks ?? []).map((block) => new X509Certificate(block));
  } catch (error) {
    throw unusable(file, `a certificate in it cannot be read (${(error as Error).message})`);
  }
}

function privateKeyIn(text: string, file: IdentityFile): KeyObject {
  const path = file.keyPath ?? file.path;
  const block =
    /-----BEGIN (?:[A-Z]+ )?PRIVATE KEY-----[\s\S]+?-----END (?:[A-Z]+ )?PRIVATE KEY-----|-----BEGIN ENCRYPTED PRIVATE KEY-----[\s\S]+?-----END ENCRYPTED PRIVATE KEY-----/.exec(
      text,
    );
  if (block === null) throw unusable({ ...file, path }, 'it holds no private key: name the file that does in key_file');
  const passphrase = file.keyPassword ?? file.password;
  if (passphrase === undefined && block[0].includes('ENCRYPTED')) {
    throw unusable({ ...file, path }, 'its private key is encrypted, and no password is set');
  }
  try {
    return createPrivateKey({ key: block[0], ...(passphrase === undefined ? {} : { passphrase }) });
  } catch {
    throw unusable({ ...file, path }, 'its private key cannot be read; check the password');
  }
}

/** The certificate of the key, then those that vouch for it, as far as they are there. */
function chainOf(key: KeyObject, certificates: readonly X509Certificate[]): X509Certificate[] {
  const chain: X509Certificate[] = [];
  let next = certificates.find((one) => one.checkPrivateKey(key));
  while (next !== undefined && !chain.includes(next)) {
    chain.push(next);
    const last: X509Certificate = next;
    next = certificates.find((one) => one !== last && last.checkIssued(one));
  }
  return chain;
}

function checked(file: IdentityFile, [leaf, ...rest]: readonly X509Certificate[], key: KeyObject): TlsIdentity {
  if (leaf === undefined) throw unusable(file, 'it holds no certificate that belongs to its key');
  if (!leaf.checkPrivateKey(key)) {
    const other = file.keyPath === undefined ? 'the key in it' : `the key in ${file.keyPath}`;
    throw unusable(
      file,
      `its first certificate does not belong to ${other}: put the one that does first, or name its own key`,
    );
  }
  return {
    cert: [leaf, ...rest].map(pemOf).join(''),
    key: key.export({ type: 'pkcs8', format: 'pem' }) as string,
  };
}

function pemOf(certificate: X509Certificate): string {
  return certificate.toString().replace(/\n*$/, '\n');
}

/** Java compares the names of entries without case. */
function sameAlias(one: string, other: string | undefined): boolean {
  return one.toLowerCase() === other?.toLowerCase();
}

function noKey(alias: string | undefined, present: readonly string[]): string {
  if (present.length === 0) return 'it holds no private key';
  return `it holds no key named ${alias}, but ${present.map((name) => name || '(without a name)').join(', ')}`;
}

function unusable({ setting, path }: StoreFile, reason: string): UsageError {
  return new UsageError(`${setting}: ${path} cannot be used: ${reason}`);
}
