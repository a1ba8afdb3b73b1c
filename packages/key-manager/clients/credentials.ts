import { createHash, randomInt, timingSafeEqual } from 'node:crypto';

const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789';

/** A random word of letters and digits, about 5.95 bits a character, so that it needs no escaping in Basic, forms and URLs. */
export function randomWord(length: number): string {
  let word = '';
  for (let index = 0; index < length; index++) word += alphabet[randomInt(alphabet.length)];
  return word;
}

/** 28 characters, as WSO2's consumer keys. */
export const makeClientId = () => randomWord(28);

/** 43 characters: 256 bits. */
export const makeClientSecret = () => randomWord(43);

/** Compares in a time that tells nothing of where the texts differ, nor of their lengths. */
export function sameSecret(one: string, other: string): boolean {
  const digest = (text: string) => createHash('sha256').update(text).digest();
  return timingSafeEqual(digest(one), digest(other));
}
