import { createHash } from 'node:crypto';

const MARK = Buffer.from('X-Rehearsal-Id: ');

/**
 * Names a message by what it is. One made here begins with an `X-Rehearsal-Id` line; hops may have put trace lines
 * before it, which are not the sender's and are left out of `sha`.
 */
export function messageKey(bytes: Buffer): { key: string; sha: string } {
  // Trace lines of two hops stay far below 4 KiB.
  const at = bytes.subarray(0, 4_096).indexOf(MARK);
  if (at === -1) {
    const sha = createHash('sha256').update(bytes).digest('hex');
    return { key: sha, sha };
  }
  const own = bytes.subarray(at);
  const id = own.toString('latin1', MARK.length, own.indexOf('\r\n'));
  return { key: `id:${id}`, sha: createHash('sha256').update(own).digest('hex') };
}
