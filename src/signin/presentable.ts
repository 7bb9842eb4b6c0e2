/** Whether there is anything to judge: what was sent as a secret may be none. */
import type { Attempt } from './verdict.ts';

/** Longer than any secret that a platform lets be set (NIST SP 800-63B asks for 64 at least; Dovecot's and PAM's limits
 * are 512 and 1,024); crypt(3)'s work grows with the square of it. */
const SECRET_BYTES = 1024;

/**
 * U+FFFD is what decoding leaves of bytes that are no UTF-8: what the customer typed is gone, and must not be judged.
 * NUL can be sent on to no platform (RFC 4616, RFC 9051).
 */
export function presentable({ secret }: Attempt): boolean {
  return Buffer.byteLength(secret) <= SECRET_BYTES && !secret.includes('\uFFFD') && !secret.includes('\0');
}
