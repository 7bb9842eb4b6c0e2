/**
 * Secrets that we make, to be written down or typed once: sixteen characters of 32, 80 random bits.
 *
 * Invariant: nobody chooses them, so plain SHA-256 keeps them: of 80 random bits a guesser who has the table needs 2^79
 * tries on average, some 10,000 years of a thousand GPUs at 10^10 hashes a second each.
 */
import { randomInt } from 'node:crypto';

/** Without l, o, 0 and 1, which are taken for each other: 32 characters, 5 bits each. */
const ALPHABET = 'abcdefghijkmnpqrstuvwxyz23456789';
const LENGTH = 16;
const FORM = new RegExp(`^[${ALPHABET}]{${LENGTH}}$`);

/** A new one, in groups of four: `abcd-efgh-ijkm-npqr`. */
export function makeSecret(): string {
  const letters = Array.from({ length: LENGTH }, () => ALPHABET[randomInt(ALPHABET.length)]).join('');
  return letters.replaceAll(/(.{4})(?=.)/g, '$1-');
}

/**
 * What is compared: phones write the first letter large, people leave out the hyphens or write spaces.
 * @returns undefined for what has not the form of one
 */
export function lettersOf(secret: string): string | undefined {
  if (secret.length > 2 * LENGTH) return undefined;
  const letters = secret.replaceAll(/[\s-]/g, '').toLowerCase();
  return FORM.test(letters) ? letters : undefined;
}
