/**
 * Hands out UIDVALIDITY values: seconds since the epoch plus the platform's base, always above the last one given
 * (kept in `<folder>/uidvalidity`), so that a mailbox made again under its old name never looks like the old one, and
 * two platforms with different bases never agree by chance.
 */
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** UIDVALIDITY is an unsigned 32-bit number that is not 0 (RFC 3501 2.3.1.1). */
const MOST = 0xffff_ffff;

/** @param base 0 to 2,000,000,000, so that base plus time stays within 32 bits until 2042 */
export function openUidValidity(folder: string, base: number, now: () => number): () => number {
  const file = join(folder, 'uidvalidity');
  return () => {
    // Read each time: a user may be added by another process.
    const last = existsSync(file) ? Number(readFileSync(file, 'utf8')) || 0 : 0;
    const next = Math.min(MOST, Math.max(last + 1, base + Math.floor(now() / 1_000)));
    writeFileSync(file, `${next}\n`);
    return next;
  };
}
