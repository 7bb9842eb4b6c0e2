/**
 * `<folder>/users.json`: user name in lower case → salted SHA-256 of its secret. Cheap to check on purpose: what a
 * platform's authentication costs is not what is practised here.
 *
 * Invariant: replaced whole (tmp, rename), so a reader never sees half of it.
 */
import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, renameSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

type Entry = { readonly salt: string; readonly hash: string; readonly master?: true };
type Entries = Record<string, Entry>;

export type NewUser = { readonly user: string; readonly secret: string; readonly master?: boolean };

export function usersFileOf(folder: string): string {
  return join(folder, 'users.json');
}

/** Adds users or gives them new secrets. */
export function writeUsers(file: string, users: readonly NewUser[]): void {
  const entries: Entries = existsSync(file) ? (JSON.parse(readFileSync(file, 'utf8')) as Entries) : {};
  for (const { user, secret, master } of users) {
    const salt = randomBytes(12).toString('base64url');
    entries[user.toLowerCase()] = { salt, hash: digest(salt, secret).toString('base64url'), ...(master ? { master: true } : {}) };
  }
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(`${file}.new`, JSON.stringify(entries, undefined, 1), { mode: 0o600 });
  renameSync(`${file}.new`, file);
}

/** Checks secrets against the file, which is read again whenever it has changed. */
export function openUsers(file: string): { check(user: string, secret: string, master: boolean): boolean } {
  let entries = new Map<string, Entry>();
  let version = '';
  return {
    check(user, secret, master) {
      const found = statSync(file, { throwIfNoEntry: false });
      const seen = found ? `${found.ino} ${found.mtimeMs} ${found.size}` : '';
      if (found && seen !== version) entries = new Map(Object.entries(JSON.parse(readFileSync(file, 'utf8')) as Entries));
      version = seen;
      const entry = entries.get(user.toLowerCase());
      // A master's secret opens nothing by itself, and a customer's is no master's.
      if (!entry || (entry.master ?? false) !== master) return false;
      return timingSafeEqual(digest(entry.salt, secret), Buffer.from(entry.hash, 'base64url'));
    },
  };
}

function digest(salt: string, secret: string): Buffer {
  return createHash('sha256').update(salt).update('\0').update(secret).digest();
}
