/**
 * The directory in memory: accounts, their names, their routes. Pure. Invariant: each name leads to the account that
 * had it in the newest entry, in whatever order the entries of accounts that exchanged names arrive.
 */
import type { Account } from './account.ts';
import { canonical, recipientCandidates } from './names.ts';
import type { Entry } from './read-entries.ts';

export type MirrorTable = {
  get(id: number): Entry | undefined;
  byLogin(name: string): Entry | undefined;
  byRecipient(address: string): Entry | undefined;
  byAddress(address: string): Entry | undefined;
  ids(): IterableIterator<number>;
  all(): IterableIterator<Entry>;
  size(): number;
  put(entry: Entry): void;
  remove(id: number): void;
};

export function createMirrorTable(): MirrorTable {
  const entries = new Map<number, Entry>();
  const addresses = new Map<string, number>();
  const logins = new Map<string, number>();
  const recipients = new Map<string, number>();

  const unname = (names: Map<string, number>, list: readonly string[], id: number): void => {
    for (const name of list) if (names.get(name) === id) names.delete(name);
  };
  const forget = ({ id, address, loginNames, recipients: own }: Account): void => {
    unname(addresses, [address], id);
    unname(logins, loginNames, id);
    unname(recipients, own, id);
  };
  const find = (id: number | undefined): Entry | undefined => (id === undefined ? undefined : entries.get(id));

  return {
    get: (id) => entries.get(id),
    byLogin: (name) => find(logins.get(canonical(name))),
    byRecipient(address) {
      for (const candidate of recipientCandidates(address)) {
        const entry = find(recipients.get(candidate));
        if (entry !== undefined) return entry;
      }
      return undefined;
    },
    byAddress: (address) => find(addresses.get(canonical(address))),
    ids: () => entries.keys(),
    all: () => entries.values(),
    size: () => entries.size,
    put(entry) {
      const { account } = entry;
      const old = entries.get(account.id);
      if (old !== undefined) forget(old.account);
      entries.set(account.id, entry);
      addresses.set(account.address, account.id);
      for (const name of account.loginNames) logins.set(name, account.id);
      for (const name of account.recipients) recipients.set(name, account.id);
    },
    remove(id) {
      const old = entries.get(id);
      if (old === undefined) return;
      forget(old.account);
      entries.delete(id);
    },
  };
}
