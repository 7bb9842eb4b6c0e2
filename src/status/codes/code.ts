/**
 * The codes in customers' letters: sixteen characters in four groups, easy to read and to type.
 *
 * Invariants: 75 random bits, and a last character that tells a slip of the fingers from a guess. Capitals, small letters,
 * spaces and what looks alike (O and 0, I, L and 1) are the same. Only digests are kept.
 */
import { createHash, randomBytes } from 'node:crypto';

/** Crockford's base 32: no I, L, O, U. */
const ALPHABET = '0123456789ABCDEFGHJKMNPQRSTVWXYZ';
const RANDOM = 15;

/** `7Q2M-0XKD-9W3T-H5VE` */
export function makeCode(): string {
  // 256 is 8 times 32: no character is likelier than another.
  const body = [...randomBytes(RANDOM)].map((byte) => ALPHABET[byte % 32]!).join('');
  return `${body}${checkOf(body)}`.replaceAll(/(.{4})(?=.)/g, '$1-');
}

/** As it is kept; undefined when it cannot be a code of ours. */
export function readCode(typed: string): string | undefined {
  const plain = typed.toUpperCase().replaceAll(/[\s-]/g, '').replaceAll('O', '0').replaceAll(/[IL]/g, '1');
  const body = plain.slice(0, RANDOM);
  if (plain.length !== RANDOM + 1 || [...plain].some((character) => !ALPHABET.includes(character))) return undefined;
  return plain[RANDOM] === checkOf(body) ? plain : undefined;
}

export const digestOfCode = (code: string): Buffer => createHash('sha256').update('causeway status code 1\n').update(code).digest();

/** Odd weights, so that any one wrong character shows, and most of two that changed places. */
function checkOf(body: string): string {
  const sum = [...body].reduce((sofar, character, i) => sofar + ALPHABET.indexOf(character) * (2 * i + 1), 0);
  return ALPHABET[sum % 32]!;
}
