/**
 * One round of a digest: LDAP's `{SHA}`, `{SSHA}`, `{SMD5}` (RFC 2307 and OpenLDAP) and their longer kin, and Dovecot's
 * `{PLAIN-MD5}` and `{LDAP-MD5}`. Salted ones hash the secret, then the salt, and keep the salt after the digest.
 */
import { createHash } from 'node:crypto';
import { type Checkable, type Fault, sameBytes } from './scheme.ts';

export type Algorithm = 'md5' | 'sha1' | 'sha256' | 'sha512';

const LENGTH: Record<Algorithm, number> = { md5: 16, sha1: 20, sha256: 32, sha512: 64 };

/** Dovecot and OpenLDAP take 4 to 16 bytes. */
const LONGEST_SALT = 64;

export function parseDigest(algorithm: Algorithm, salted: boolean, bytes: Buffer): Checkable | Fault {
  const length = LENGTH[algorithm];
  const saltLength = bytes.length - length;
  if (salted ? saltLength < 1 || saltLength > LONGEST_SALT : saltLength !== 0) return 'malformed';
  const [digest, salt] = [bytes.subarray(0, length), bytes.subarray(length)];
  return { ours: false, matches: (secret) => sameBytes(createHash(algorithm).update(secret).update(salt).digest(), digest) };
}
