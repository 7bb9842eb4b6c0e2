import { readFileSync } from 'node:fs';
import { CausewayError } from '#errors/index.ts';

/**
 * Who the embedded PostgreSQL runs as. It refuses root, so root hands it to a user of its own: a number that no
 * passwd entry has, so that no other service shares its files (60706-61183 are unused on systems with systemd, and
 * below 65536 so that containers map it).
 */
export type Owner = { readonly uid: number; readonly gid: number };

const DEDICATED: Owner = { uid: 60_917, gid: 60_917 };

const asRoot = (): boolean => process.getuid?.() === 0;

/** The user that the server runs as; `undefined` for the one that we are. */
export function serverOwner(): Owner | undefined {
  return asRoot() ? DEDICATED : undefined;
}

/** The uid that owns what the server owns. */
export function ownerUid(): number {
  return serverOwner()?.uid ?? process.getuid?.() ?? -1;
}

/** Who runs initdb: it looks its own name up and fails for a user that passwd does not know. */
export function initOwner(passwd = '/etc/passwd'): Owner | undefined {
  if (!asRoot()) return undefined;
  const entry = /^nobody:[^:]*:(\d+):(\d+):/m.exec(readFileSync(passwd, 'utf8'));
  if (entry === null) {
    throw new CausewayError('config', 'the embedded PostgreSQL needs the user nobody, and /etc/passwd has none', {
      remedy: 'add it, run causeway as an ordinary user, or give database.url',
    });
  }
  return { uid: Number(entry[1]), gid: Number(entry[2]) };
}
