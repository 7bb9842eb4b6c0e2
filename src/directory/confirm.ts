/** Fresh answers: each begins to be read in the store after it was asked for. */
import type { Store } from '#store/index.ts';
import type { Account } from './account.ts';
import { createBatchedRead } from './batched-read.ts';
import { canonical, recipientCandidates } from './names.ts';
import { readByLogin, readByRecipient, readEntries } from './read-entries.ts';
import type { Entry } from './read-entries.ts';

export type Confirm = {
  /** Reads the store: the account as it is now, credential version and hash included. @throws CausewayError('unavailable') */
  confirm(id: number): Promise<Account | undefined>;
  /** Reads the store: whose login name it is now; undefined when nobody's. @throws CausewayError('unavailable') */
  confirmLogin(name: string): Promise<Account | undefined>;
  /** Reads the store, as the mirror's `byRecipient` looks it up. @throws CausewayError('unavailable') */
  confirmRecipient(address: string): Promise<Account | undefined>;
};

/** @param takeIn called with each account found, before it is returned */
export function createConfirm(store: Store, takeIn: (entry: Entry) => Promise<void>): Confirm {
  const byId = createBatchedRead(async (ids: number[]) => {
    const entries = new Map((await readEntries(store, ids)).map((entry) => [entry.account.id, entry]));
    return (id) => entries.get(id);
  });
  const byLogin = createBatchedRead(async (names: string[]) => {
    const entries = await readByLogin(store, names);
    return (name) => entries.get(name);
  });
  const byRecipient = createBatchedRead(async (addresses: string[]) => {
    const entries = await readByRecipient(store, addresses);
    return (address) => recipientCandidates(address).map((name) => entries.get(name)).find((entry) => entry !== undefined);
  });
  const found = async (entry: Entry | undefined): Promise<Account | undefined> => {
    if (entry !== undefined) await takeIn(entry);
    return entry?.account;
  };
  return {
    confirm: async (id) => found(await byId(id)),
    confirmLogin: async (name) => found(await byLogin(canonical(name))),
    confirmRecipient: async (address) => found(await byRecipient(canonical(address))),
  };
}
