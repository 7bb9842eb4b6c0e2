/**
 * HMAC-SHA-256 (RFC 2104) out of one-shot hashes.
 *
 * Invariant: the same bytes as `createHmac` gives. That makes a key object each time, and under a storm those were a
 * quarter of the sign-in process's time.
 */
import { hash } from 'node:crypto';

/** SHA-256's block. */
const BLOCK = 64;

/** @param key at most 64 bytes */
export function createMac(key: Buffer): (text: string) => Buffer {
  if (key.length > BLOCK) throw new RangeError('a key is no longer than a block');
  const pad = (byte: number): Buffer => Buffer.from(Array.from({ length: BLOCK }, (_, at) => (key[at] ?? 0) ^ byte));
  const inner = pad(0x36);
  const outer = Buffer.concat([pad(0x5c), Buffer.alloc(32)]);
  return (text) => {
    const message = Buffer.allocUnsafe(BLOCK + Buffer.byteLength(text));
    inner.copy(message);
    message.write(text, BLOCK, 'utf8');
    hash('sha256', message, 'buffer').copy(outer, BLOCK);
    return hash('sha256', outer, 'buffer');
  };
}
