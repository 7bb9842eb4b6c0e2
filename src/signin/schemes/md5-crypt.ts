/** MD5-crypt: `$1$`, FreeBSD's crypt of 1994 (Poul-Henning Kamp), step by step as there. A thousand rounds, fixed. */
import { createHash } from 'node:crypto';
import { type Checkable, type Fault, sameBytes } from './scheme.ts';

const FORM = /^\$1\$([./0-9A-Za-z]{0,8})\$([./0-9A-Za-z]{22})$/;
const ROUNDS = 1000;
const ALPHABET = './0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz';

export function parseMd5Crypt(encoded: string): Checkable | Fault {
  const parts = FORM.exec(encoded);
  if (parts === null) return 'malformed';
  const [salt, hash] = [Buffer.from(parts[1]!, 'latin1'), Buffer.from(parts[2]!, 'latin1')];
  return { ours: false, matches: (secret) => sameBytes(Buffer.from(crypt(Buffer.from(secret), salt), 'latin1'), hash) };
}

const md5 = (...parts: readonly Buffer[]): Buffer => {
  const hash = createHash('md5');
  for (const part of parts) hash.update(part);
  return hash.digest();
};

function crypt(secret: Buffer, salt: Buffer): string {
  const alternate = md5(secret, salt, secret);
  const first: Buffer[] = [secret, Buffer.from('$1$'), salt];
  for (let left = secret.length; left > 0; left -= 16) first.push(alternate.subarray(0, Math.min(left, 16)));
  // The algorithm's own slip, kept for ever: a zero byte where a byte of the digest was meant.
  for (let bits = secret.length; bits > 0; bits >>= 1) first.push((bits & 1) === 1 ? Buffer.alloc(1) : secret.subarray(0, 1));
  let digest = md5(...first);
  for (let round = 0; round < ROUNDS; round++) {
    const odd = round % 2 === 1;
    const parts = [odd ? secret : digest];
    if (round % 3 !== 0) parts.push(salt);
    if (round % 7 !== 0) parts.push(secret);
    parts.push(odd ? digest : secret);
    digest = md5(...parts);
  }
  return encode(digest);
}

function encode(digest: Buffer): string {
  const at = (index: number): number => digest[index]!;
  const group = (value: number, length: number): string =>
    Array.from({ length }, (_, index) => ALPHABET[(value >> (6 * index)) & 63]).join('');
  const triples = [[0, 6, 12], [1, 7, 13], [2, 8, 14], [3, 9, 15], [4, 10, 5]] as const;
  return triples.map(([a, b, c]) => group((at(a) << 16) | (at(b) << 8) | at(c), 4)).join('') + group(at(11), 2);
}
