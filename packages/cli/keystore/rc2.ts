/** A fixed permutation of all bytes (RFC 2268, section 2). */
const permutation = Buffer.from(
  [
    'd978f9c419ddb5ed28e9fd794aa0d89dc67e37832b76538e624c6488448bfba2179a59f587b34f1361456d8d09817d32',
    'bd8f40eb86b77b0bf09521225c6b4e8254d66593ce60b21c7356c014a78cf1dc1275ca1f3bbee4d1423dd430a33cb626',
    '6fbf0eda4669075727f21d9bbc944303f811c7f690ef3ee706c3d52fc8661ed708e8eade8052eef784aa72ac354d6a2a',
    '961ad2715a1549744b9fd05e0418a4ecc2e0416e0f51cbcc2491af50a1f47039997c3a8523b8b47afc02365b25559731',
    '2d5dfa98e38a92ae05df2910676cbac9d300e6cfe19ea82c6316013f58e289a90d38341bab33ffb0bb480c5fb9b1cd2e',
    'c5f3db47e5a59c770aa62068fe7fc1ad',
  ].join(''),
  'hex',
);

/** Bits by which the four words of a block are rotated. */
const rotations = [1, 2, 3, 5] as const;

/**
 * Opens what RC2 sealed in CBC mode (RFC 2268), the cipher in which programs wrote the certificates of a PKCS#12 file until about 2021.
 * OpenSSL has it no more unless asked. Throws an Error when the padding is wrong, as it is with a wrong key.
 */
export function decryptRc2(key: Buffer, effectiveBits: number, iv: Buffer, sealed: Buffer): Buffer {
  const words = expand(key, effectiveBits);
  const opened = Buffer.alloc(sealed.length);
  let before = iv;
  for (let at = 0; at + 8 <= sealed.length; at += 8) {
    const block = sealed.subarray(at, at + 8);
    decryptBlock(words, block, opened, at);
    for (let index = 0; index < 8; index++)
      opened[at + index] = (opened[at + index] as number) ^ (before[index] as number);
    before = block;
  }
  const padding = opened.at(-1) ?? 0;
  const end = sealed.length - padding;
  const whole = sealed.length % 8 === 0 && padding >= 1 && padding <= 8;
  if (!whole || !opened.subarray(end).every((byte) => byte === padding)) throw new Error('the password is wrong');
  return opened.subarray(0, end);
}

function permuted(byte: number): number {
  return permutation[byte & 0xff] as number;
}

/** Section 2: 64 words of 16 bits, of a key whose strength is cut to `bits`. */
function expand(key: Buffer, bits: number): Uint16Array {
  const bytes = Buffer.alloc(128);
  key.copy(bytes);
  for (let index = key.length; index < 128; index++) {
    bytes[index] = permuted((bytes[index - 1] as number) + (bytes[index - key.length] as number));
  }
  const strength = Math.ceil(bits / 8);
  const mask = 0xff >> (8 * strength - bits);
  bytes[128 - strength] = permuted((bytes[128 - strength] as number) & mask);
  for (let index = 127 - strength; index >= 0; index--) {
    bytes[index] = permuted((bytes[index + 1] as number) ^ (bytes[index + strength] as number));
  }
  return Uint16Array.from({ length: 64 }, (_, index) => bytes.readUInt16LE(index * 2));
}

/** Section 4: 16 mixing rounds, with a mashing round after the fifth and the eleventh. */
function decryptBlock(words: Uint16Array, block: Buffer, out: Buffer, at: number): void {
  const r = Uint16Array.from({ length: 4 }, (_, index) => block.readUInt16LE(index * 2));
  const word = (index: number) => r[index & 3] as number;
  let next = 63;
  for (let round = 0; round < 16; round++) {
    for (let index = 3; index >= 0; index--) {
      const bits = rotations[index] as number;
      const turned = ((word(index) >>> bits) | (word(index) << (16 - bits))) & 0xffff;
      r[index] =
        turned - (words[next--] as number) - (word(index + 3) & word(index + 2)) - (~word(index + 3) & word(index + 1));
    }
    if (round !== 4 && round !== 10) continue;
    for (let index = 3; index >= 0; index--) r[index] = word(index) - (words[word(index + 3) & 63] as number);
  }
  for (let index = 0; index < 4; index++) out.writeUInt16LE(word(index), at + index * 2);
}
