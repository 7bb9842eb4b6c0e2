import { createHash } from 'node:crypto';
import { chmodSync, chownSync, lstatSync, mkdirSync } from 'node:fs';
import { CausewayError } from '#errors/index.ts';
import { ownerUid, serverOwner } from './owner.ts';

/**
 * The folder of the unix socket: short, since a socket's path has 107 bytes at most, and open to the server's user
 * (and root) alone, since whoever reaches the socket is let in.
 */

/** Somebody else may hold a name in /tmp before us; so many others are tried. */
const NAMES = 5;

/** Makes or finds the folder for a data folder. @param base for tests */
export function ensureSocketFolder(pgdata: string, base = '/tmp'): string {
  const uid = ownerUid();
  const hash = createHash('sha256').update(pgdata).digest('hex').slice(0, 8);
  for (let number = 0; number < NAMES; number++) {
    const folder = `${base}/causeway-${uid}-${hash}${number === 0 ? '' : `-${number}`}`;
    if (claim(folder, uid)) return folder;
  }
  throw new CausewayError('config', 'no folder for the socket of the embedded PostgreSQL: others own them', {
    place: `${base}/causeway-${uid}-${hash}`,
    remedy: 'remove these folders: another user of this machine made them',
  });
}

function claim(folder: string, uid: number): boolean {
  try {
    mkdirSync(folder, { mode: 0o700 });
    const owner = serverOwner();
    if (owner !== undefined) chownSync(folder, owner.uid, owner.gid);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
  }
  const found = lstatSync(folder);
  if (!found.isDirectory()) return false;
  if (found.uid !== uid) {
    // Root made it and was killed before it gave it away.
    const owner = serverOwner();
    if (owner === undefined || found.uid !== 0) return false;
    chownSync(folder, owner.uid, owner.gid);
  }
  if ((found.mode & 0o777) !== 0o700) chmodSync(folder, 0o700);
  return true;
}
