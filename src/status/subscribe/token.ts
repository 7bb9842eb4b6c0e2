/** Random words in links. Invariant: only their digests are kept (256 random bits need no slow hash: there is nothing to guess). */
import { createHash, randomBytes } from 'node:crypto';

const BYTES = 32;
/** base64url of BYTES. */
const TOKEN = /^[A-Za-z0-9_-]{43}$/;

export function makeToken(): { readonly token: string; readonly digest: Buffer } {
  const token = randomBytes(BYTES).toString('base64url');
  return { token, digest: digestOf(token) };
}

export const isToken = (text: string): boolean => TOKEN.test(text);
export const digestOf = (token: string): Buffer => createHash('sha256').update(token).digest();
