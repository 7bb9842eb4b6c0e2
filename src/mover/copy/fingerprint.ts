/** A message's fingerprint: the SHA-256 of its bytes. */
import { hash } from 'node:crypto';

/**
 * By way of a string: a digest as a buffer of its own is some 300 bytes of native memory, and those of 100,000 messages
 * leave holes that stay (npm run bench:large); these lie side by side in Node's pool.
 */
export function fingerprintOf(bytes: Buffer): Buffer {
  return Buffer.from(hash('sha256', bytes, 'binary'), 'latin1');
}
