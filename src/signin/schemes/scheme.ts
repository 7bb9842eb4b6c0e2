/**
 * What a family of password schemes makes of an encoded hash.
 *
 * Invariants: what is not understood to the letter is a fault, never a mismatch; a hash whose check would take a thread
 * longer than about half a second is `costly`, so that an import file cannot stop the hashing.
 */
import { timingSafeEqual } from 'node:crypto';

/** A hash that can be checked. */
export type Checkable = {
  /** Made with our own scheme and parameters. */
  readonly ours: boolean;
  /** Whether it was made of this secret. Takes the thread for as long as the hash costs. Compares in constant time. */
  matches(secret: string): boolean;
  /**
   * Of schemes that look at the beginning of a secret only: whether they look at all of this one. Absent: always. One of
   * which they do not may not be hashed anew: devices that have another end of it are right too.
   */
  isWhole?(secret: string): boolean;
};

/** `malformed`: not of the scheme's form. `costly`: more memory or rounds than we spend on one check. */
export type Fault = 'malformed' | 'costly';

/** What stands after the scheme's prefix, its encoding undone. */
export type Family = (content: Buffer) => Checkable | Fault;

/** For families whose content is text. Text of other bytes is malformed. */
export function ofText(parse: (text: string) => Checkable | Fault): Family {
  return (content) => {
    const text = content.toString('latin1');
    return /^[\x21-\x7e]+$/.test(text) ? parse(text) : 'malformed';
  };
}

/** In constant time for equal lengths; a length is no secret. */
export function sameBytes(a: Buffer, b: Buffer): boolean {
  return a.length === b.length && timingSafeEqual(a, b);
}

/** Base64 in full, padding optional. Node's own decoder skips what it does not know. @returns undefined otherwise */
export function decodeBase64(text: string): Buffer | undefined {
  if (!/^[A-Za-z0-9+/]+={0,2}$/.test(text)) return undefined;
  const bytes = Buffer.from(text, 'base64');
  const bare = text.replace(/=+$/, '');
  return bytes.toString('base64').replace(/=+$/, '') === bare && (bare === text || text.length % 4 === 0) ? bytes : undefined;
}

/** Hex digits in pairs. @returns undefined otherwise */
export function decodeHex(text: string): Buffer | undefined {
  return /^([0-9A-Fa-f]{2})+$/.test(text) ? Buffer.from(text, 'hex') : undefined;
}
