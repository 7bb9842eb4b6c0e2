/**
 * bcrypt: `$2a$`, `$2b$`, `$2y$`, which are one algorithm for secrets of less than 256 bytes; `$2x$`, PHP's faulty one,
 * is none of them. Only the first 72 bytes of a secret count, as everywhere.
 */
import { verifySync } from '@node-rs/bcrypt';
import type { Checkable, Fault } from './scheme.ts';

/** 2 to the power of it: 13 takes a core about half a second. Platforms have 5 (Dovecot's default) to 12. */
const MOST_COST = 13;

/** Bytes that count. */
const COUNTED = 72;

/** The last character of salt and of hash has bits to spare, which are 0; the library takes no others. */
const FORM = /^\$2[aby]\$(0[4-9]|[12]\d|3[01])\$[./A-Za-z0-9]{21}[.Oeu][./A-Za-z0-9]{30}[.CGKOSWaeimquy26]$/;

export function parseBcrypt(encoded: string): Checkable | Fault {
  const cost = FORM.exec(encoded)?.[1];
  if (cost === undefined) return 'malformed';
  if (Number(cost) > MOST_COST) return 'costly';
  return { ours: false, matches: (secret) => verifySync(secret, encoded), isWhole: (secret) => Buffer.byteLength(secret) < COUNTED };
}
