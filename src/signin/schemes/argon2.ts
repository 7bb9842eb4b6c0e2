/** Argon2id and Argon2i (RFC 9106), in the encoding of the reference implementation: `$argon2id$v=19$m=…,t=…,p=…$…`. */
import { hashSync, verifySync } from '@node-rs/argon2';
import { type Checkable, decodeBase64, type Fault } from './scheme.ts';

/**
 * OWASP's first choice for Argon2id (Password Storage Cheat Sheet): 19 MiB, 2 passes, 1 lane. One core makes about 106
 * checks a second, so a storm of 2,800 customers takes two cores 13 s; the 64 MiB and 3 passes that are also common
 * would take 90 s.
 */
export const ARGON2ID = { memoryCost: 19_456, timeCost: 2, parallelism: 1 } as const;

/** KiB in one check. Each worker holds that much; it is what Dovecot's `doveadm pw` takes. */
const MOST_MEMORY = 262_144;
/** KiB times passes: about half a second. */
const MOST_WORK = 1_048_576;

const FORM = /^\$argon2(id?)\$v=19\$m=([1-9]\d{0,6}),t=([1-9]\d{0,3}),p=([1-9]\d?)\$([A-Za-z0-9+/]{11,128})\$([A-Za-z0-9+/]{16,128})$/;

/** @param type `id` or `i` */
export function parseArgon2(type: 'id' | 'i', encoded: string): Checkable | Fault {
  const parts = FORM.exec(encoded);
  if (parts === null || parts[1] !== type) return 'malformed';
  const [memory, passes, lanes] = [Number(parts[2]), Number(parts[3]), Number(parts[4])];
  // RFC 9106 section 3.1: at least 8 KiB a lane.
  if (memory < 8 * lanes || decodeBase64(parts[5]!) === undefined || decodeBase64(parts[6]!) === undefined) return 'malformed';
  if (memory > MOST_MEMORY || memory * passes > MOST_WORK) return 'costly';
  const ours = type === 'id' && memory === ARGON2ID.memoryCost && passes === ARGON2ID.timeCost && lanes === ARGON2ID.parallelism;
  return { ours, matches: (secret) => verifySync(encoded, secret) };
}

/** A hash of our own: `{ARGON2ID}$argon2id$…`. */
export function makeHash(secret: string): string {
  return `{ARGON2ID}${hashSync(secret, ARGON2ID)}`;
}
