/**
 * All accounts of a platform, by user name in lower case. A user exists when `<folder>/<user>/Maildir` does.
 *
 * Invariant: an account in use is loaded once. 1,000 unused ones stay loaded, so that deliveries do not read whole
 * directories again; beyond that the least recently used goes.
 */
import { mkdirSync, rmSync, existsSync } from 'node:fs';
import { join } from 'node:path';
import { CausewayError } from '#errors/index.ts';
import { type Account, openAccount } from './account.ts';
import { createMailbox } from './mailbox.ts';

const MOST_LOADED = 1_000;

export type Accounts = {
  exists(user: string): boolean;
  /** @throws CausewayError `not-found` */
  open(user: string): Account;
  /** A folder for files on their way into a mailbox. */
  readonly spool: string;
};

/** The folder of a user. @throws CausewayError `input` for a name that is not fit for a file name */
export function maildirOf(folder: string, user: string): string {
  const name = user.toLowerCase();
  // eslint-disable-next-line no-control-regex
  if (name === '' || name.length > 200 || name.startsWith('.') || /[\u0000-\u001f\u007f/*]/.test(name)) {
    throw new CausewayError('input', 'the user name cannot be the name of a folder');
  }
  return join(folder, name, 'Maildir');
}

/** Makes the user's Maildir with an empty INBOX, unless it is there. */
export function createAccount(folder: string, user: string, freshUidValidity: () => number): void {
  const maildir = maildirOf(folder, user);
  if (!existsSync(join(maildir, 'cur'))) createMailbox(maildir, freshUidValidity(), true);
}

export function openAccounts(folder: string, freshUidValidity: () => number): Accounts {
  const loaded = new Map<string, Account>();
  const spool = join(folder, 'tmp');
  // What is in there was being received when the last process died; nobody was told that it had arrived.
  rmSync(spool, { recursive: true, force: true });
  mkdirSync(spool, { recursive: true });

  function exists(user: string): boolean {
    try {
      return loaded.has(user.toLowerCase()) || existsSync(join(maildirOf(folder, user), 'cur'));
    } catch {
      return false;
    }
  }

  return {
    spool,
    exists,
    open(user) {
      const name = user.toLowerCase();
      if (!exists(name)) throw new CausewayError('not-found', 'no such user');
      const account = loaded.get(name) ?? openAccount(maildirOf(folder, name), spool, freshUidValidity);
      loaded.delete(name);
      loaded.set(name, account);
      if (loaded.size > MOST_LOADED) {
        for (const [oldest, candidate] of loaded) {
          if (candidate === account || candidate.watched()) continue;
          loaded.delete(oldest);
          break;
        }
      }
      return account;
    },
  };
}
