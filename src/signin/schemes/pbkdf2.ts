/**
 * Schemes on PBKDF2 (RFC 8018): Dovecot's `{PBKDF2}` (`$1$salt$rounds$hex`, with SHA-1, the salt as written), and SCRAM's
 * stored keys (RFC 5802 section 3) as Dovecot writes them: `iterations,salt,StoredKey,ServerKey`, the latter three in
 * base64.
 */
import { createHash, createHmac, pbkdf2Sync } from 'node:crypto';
import { type Checkable, decodeBase64, decodeHex, type Fault, sameBytes } from './scheme.ts';

/** About half a second of one core; platforms have 4,096 (SCRAM's least) to 600,000 (OWASP's advice for SHA-256). */
const MOST_ROUNDS = 600_000;

const PBKDF2_FORM = /^\$1\$([^$]{1,64})\$([1-9]\d{0,9})\$([0-9A-Fa-f]{40})$/;
const SCRAM_FORM = /^([1-9]\d{0,9}),([A-Za-z0-9+/=]{1,128}),([A-Za-z0-9+/=]{20,64}),([A-Za-z0-9+/=]{20,64})$/;
const LENGTH = { sha1: 20, sha256: 32 } as const;

export function parsePbkdf2(text: string): Checkable | Fault {
  const parts = PBKDF2_FORM.exec(text);
  const key = decodeHex(parts?.[3] ?? '');
  if (parts === null || key === undefined) return 'malformed';
  const [salt, rounds] = [parts[1]!, Number(parts[2])];
  if (rounds > MOST_ROUNDS) return 'costly';
  return { ours: false, matches: (secret) => sameBytes(pbkdf2Sync(secret, salt, rounds, LENGTH.sha1, 'sha1'), key) };
}

export function parseScram(algorithm: 'sha1' | 'sha256', text: string): Checkable | Fault {
  const parts = SCRAM_FORM.exec(text);
  const [salt, storedKey, serverKey] = [2, 3, 4].map((index) => decodeBase64(parts?.[index] ?? ''));
  const length = LENGTH[algorithm];
  if (parts === null || salt === undefined || storedKey?.length !== length || serverKey?.length !== length) return 'malformed';
  const rounds = Number(parts[1]);
  if (rounds > MOST_ROUNDS) return 'costly';
  const matches = (secret: string): boolean => {
    const salted = pbkdf2Sync(secret, salt, rounds, length, algorithm);
    const clientKey = createHmac(algorithm, salted).update('Client Key').digest();
    return sameBytes(createHash(algorithm).update(clientKey).digest(), storedKey);
  };
  // RFC 5802 section 2.2 hashes the prepared secret, Dovecot the secret as it came: either may have made this.
  const prepared = (secret: string): string => secret.normalize('NFKC');
  return { ours: false, matches: (secret) => matches(secret) || (prepared(secret) !== secret && matches(prepared(secret))) };
}
