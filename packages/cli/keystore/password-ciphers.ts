import { createDecipheriv, createHash, createHmac, pbkdf2Sync, timingSafeEqual } from 'node:crypto';
import { bytesOf, type Element, identifierOf, numberOf, part } from './ber.ts';
import { decryptRc2 } from './rc2.ts';

/** More rounds than any program writes; a file that wants them would hold the start up for minutes. */
const mostRounds = 10_000_000;

const hashes: Readonly<Record<string, string>> = {
  '1.3.14.3.2.26': 'sha1',
  '2.16.840.1.101.3.4.2.1': 'sha256',
  '2.16.840.1.101.3.4.2.2': 'sha384',
  '2.16.840.1.101.3.4.2.3': 'sha512',
  '1.2.840.113549.2.7': 'sha1',
  '1.2.840.113549.2.9': 'sha256',
  '1.2.840.113549.2.10': 'sha384',
  '1.2.840.113549.2.11': 'sha512',
};

const blockCiphers: Readonly<Record<string, { readonly name: string; readonly keyBytes: number }>> = {
  '2.16.840.1.101.3.4.1.2': { name: 'aes-128-cbc', keyBytes: 16 },
  '2.16.840.1.101.3.4.1.22': { name: 'aes-192-cbc', keyBytes: 24 },
  '2.16.840.1.101.3.4.1.42': { name: 'aes-256-cbc', keyBytes: 32 },
  '1.2.840.113549.3.7': { name: 'des-ede3-cbc', keyBytes: 24 },
};

/** What PKCS#12 derives a key for (RFC 7292, appendix B.3). */
const purpose = { key: 1, iv: 2, mac: 3 } as const;

/** Opens bytes that were sealed with a password by that algorithm (RFC 8018, RFC 7292 appendix C). Throws an Error in words; a wrong password shows as one. */
export function openSealed(algorithm: Element, sealed: Buffer, password: string): Buffer {
  const name = identifierOf(part(algorithm, 0));
  const parameters = part(algorithm, 1);
  try {
    switch (name) {
      case '1.2.840.113549.1.5.13':
        return openByPbes2(parameters, sealed, password);
      case '1.2.840.113549.1.12.1.3':
        return openByPkcs12(parameters, 24, password, (key, iv) => decrypt('des-ede3-cbc', key, iv, sealed));
      case '1.2.840.113549.1.12.1.5':
        return openByPkcs12(parameters, 16, password, (key, iv) => decryptRc2(key, 128, iv, sealed));
      case '1.2.840.113549.1.12.1.6':
        return openByPkcs12(parameters, 5, password, (key, iv) => decryptRc2(key, 40, iv, sealed));
    }
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code?.startsWith('ERR_OSSL')) throw new Error('the password is wrong');
    throw error;
  }
  throw new Error(`it is sealed by an algorithm that is not known here (${name})`);
}

/** Whether the check sum of `content` is that which goes with the password. `mac` is the file's `MacData`. */
export function macFits(mac: Element, content: Buffer, password: string): boolean {
  const [digest, salt, rounds] = [part(mac, 0), bytesOf(part(mac, 1)), mac.parts[2]];
  const hash = hashes[identifierOf(part(part(digest, 0), 0))];
  if (hash === undefined) throw new Error('its check sum is made by an algorithm that is not known here');
  const expected = bytesOf(part(digest, 1));
  const key = derive(hash, purpose.mac, password, salt, rounds ? numberOf(rounds) : 1, expected.length);
  const found = createHmac(hash, key).update(content).digest();
  return found.length === expected.length && timingSafeEqual(found, expected);
}

function openByPbes2(parameters: Element, sealed: Buffer, password: string): Buffer {
  const [derivation, cipher] = [part(parameters, 0), part(parameters, 1)];
  if (identifierOf(part(derivation, 0)) !== '1.2.840.113549.1.5.12')
    throw new Error('its key is made in a way that is not known here');
  const [salt, rounds, ...rest] = part(derivation, 1).parts;
  if (salt === undefined || rounds === undefined) throw new Error('it is damaged');
  const function_ = rest.find(({ tag }) => tag === 0x30);
  const hash = function_ === undefined ? 'sha1' : hashes[identifierOf(part(function_, 0))];
  const known = blockCiphers[identifierOf(part(cipher, 0))];
  if (hash === undefined || known === undefined) throw new Error('it is sealed by an algorithm that is not known here');
  const key = pbkdf2Sync(password, bytesOf(salt), checkedRounds(numberOf(rounds)), known.keyBytes, hash);
  return decrypt(known.name, key, bytesOf(part(cipher, 1)), sealed);
}

function openByPkcs12(
  parameters: Element,
  keyBytes: number,
  password: string,
  open: (key: Buffer, iv: Buffer) => Buffer,
): Buffer {
  const salt = bytesOf(part(parameters, 0));
  const rounds = numberOf(part(parameters, 1));
  const key = derive('sha1', purpose.key, password, salt, rounds, keyBytes);
  return open(key, derive('sha1', purpose.iv, password, salt, rounds, 8));
}

function decrypt(name: string, key: Buffer, iv: Buffer, sealed: Buffer): Buffer {
  const cipher = createDecipheriv(name, key, iv);
  return Buffer.concat([cipher.update(sealed), cipher.final()]);
}

/** RFC 7292, appendix B.2. */
function derive(hash: string, id: number, password: string, salt: Buffer, rounds: number, length: number): Buffer {
  checkedRounds(rounds);
  const block = hash === 'sha1' || hash === 'sha256' ? 64 : 128;
  // Characters of two bytes, and an end mark.
  const secret = Buffer.from(`${password}\0`, 'utf16le').swap16();
  const input = Buffer.concat([filled(salt, block), filled(secret, block)]);
  const made: Buffer[] = [];
  for (let have = 0; have < length; ) {
    let digest = createHash(hash).update(Buffer.alloc(block, id)).update(input).digest();
    for (let round = 1; round < rounds; round++) digest = createHash(hash).update(digest).digest();
    made.push(digest);
    have += digest.length;
    const addend = Buffer.alloc(block);
    for (let index = 0; index < block; index++) addend[index] = digest[index % digest.length] as number;
    for (let from = 0; from < input.length; from += block) addWithOne(input.subarray(from, from + block), addend);
  }
  return Buffer.concat(made).subarray(0, length);
}

/** Repeated to a whole number of blocks. */
function filled(bytes: Buffer, block: number): Buffer {
  return bytes.length === 0 ? bytes : Buffer.alloc(Math.ceil(bytes.length / block) * block, bytes);
}

/** `target + addend + 1`, big-endian, cut to the length of `target`. */
function addWithOne(target: Buffer, addend: Buffer): void {
  let carry = 1;
  for (let index = target.length - 1; index >= 0; index--) {
    carry += (target[index] as number) + (addend[index] as number);
    target[index] = carry & 0xff;
    carry >>>= 8;
  }
}

function checkedRounds(rounds: number): number {
  if (rounds < 1 || rounds > mostRounds)
    throw new Error(`its key takes ${rounds} rounds to make, at most ${mostRounds} are made`);
  return rounds;
}
