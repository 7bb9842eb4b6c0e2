/**
 * An account's contacts: reading, changing, importing.
 *
 * Invariants: each change is one transaction under the account's own lock, so its bounds hold. An import adds what is not
 * there yet, and changes nothing that is.
 */
import { randomBytes } from 'node:crypto';
import { CausewayError } from '#errors/index.ts';
import type { Store, Tx } from '#store/index.ts';
import { type Book, type Card, type Contact, type Imported, MOST_CONTACTS, MOST_OF_EACH } from './api.ts';
import { type BookSize, contactOf, dropContacts, dropCorrespondent, putContacts, readContacts, readCorrespondents, readRevision, type Row, takeBook } from './table.ts';
import type { Read } from './vcard-read.ts';

/** Bytes of all contacts of an account: 1,600 of each of 10,000. */
const MOST_BYTES = 16_000_000;

const newId = (): string => `C${randomBytes(12).toString('base64url')}`;
const bytesOf = ({ card, rest }: Omit<Row, 'id'>): number => Buffer.byteLength(JSON.stringify(card)) + Buffer.byteLength(rest);

export type Contacts = ReturnType<typeof createContacts>;

export function createContacts(store: Store) {
  const change = <T>(accountId: number, work: (tx: Tx, size: BookSize) => Promise<T>): Promise<T> => store.transaction(async (tx) => work(tx, await takeBook(tx, accountId)));

  async function one(tx: Tx, accountId: number, id: string): Promise<Row> {
    const [row] = await readContacts(tx, accountId, [id]);
    if (row === undefined) throw new CausewayError('not-found', 'there is no such contact');
    return row;
  }

  /** Does `of` to the contacts that it changes. @returns how many */
  const changeAll = (accountId: number, of: (card: Card) => Card | undefined): Promise<number> =>
    change(accountId, async (tx) => {
      const rows = (await readContacts(tx, accountId)).flatMap((row) => {
        const card = of(row.card);
        return card === undefined ? [] : [{ ...row, card }];
      });
      await putContacts(tx, accountId, rows);
      return rows.length;
    });

  return {
    /** Tells whether what a reader has is still so. */
    revision: (accountId: number): Promise<number> => readRevision(store, accountId),

    async read(accountId: number): Promise<Book> {
      const [rows, suggestions] = await Promise.all([readContacts(store, accountId), readCorrespondents(store, accountId)]);
      return { contacts: rows.map(contactOf), suggestions };
    },

    /** With what an export gives back. @param ids undefined: all */
    rows: (accountId: number, ids: readonly string[] | undefined): Promise<Row[]> => readContacts(store, accountId, ids),

    add: (accountId: number, card: Card): Promise<Contact> =>
      change(accountId, async (tx, size) => {
        const row = { id: newId(), card, rest: '' };
        if (size.count >= MOST_CONTACTS || size.bytes + bytesOf(row) > MOST_BYTES) throw full();
        await putContacts(tx, accountId, [row]);
        return contactOf(row);
      }),

    replace: (accountId: number, id: string, card: Card): Promise<Contact> =>
      change(accountId, async (tx, size) => {
        const before = await one(tx, accountId, id);
        // The name's parts, which we do not read, were the former name's.
        const rest = card.name === before.card.name ? before.rest : before.rest.split('\n').filter((line) => !/^(?:[\w-]+\.)?N[;:]/i.test(line)).join('\n');
        const row = { id, card, rest };
        if (size.bytes - bytesOf(before) + bytesOf(row) > MOST_BYTES) throw full();
        await putContacts(tx, accountId, [row]);
        return contactOf(row);
      }),

    remove: (accountId: number, ids: readonly string[]): Promise<number> => change(accountId, (tx) => dropContacts(tx, accountId, ids)),

    import: (accountId: number, found: readonly Read[]): Promise<Imported> =>
      change(accountId, async (tx, size) => {
        const there = new Set((await readContacts(tx, accountId)).map(({ card }) => likeness(card)));
        const rows: Row[] = [];
        let { bytes } = size;
        let same = 0;
        let left = 0;
        for (const { card, rest } of found) {
          const like = likeness(card);
          if (there.has(like)) same += 1;
          else if (size.count + rows.length >= MOST_CONTACTS || bytes + bytesOf({ card, rest }) > MOST_BYTES) left += 1;
          else {
            there.add(like);
            bytes += bytesOf({ card, rest });
            rows.push({ id: newId(), card, rest });
          }
        }
        await putContacts(tx, accountId, rows);
        return { added: rows.length, same, left };
      }),

    renameGroup: (accountId: number, from: string, to: string): Promise<number> =>
      changeAll(accountId, (card) => (card.groups.includes(from) ? { ...card, groups: [...new Set(card.groups.map((group) => (group === from ? to : group)))] } : undefined)),

    removeGroup: (accountId: number, name: string): Promise<number> => changeAll(accountId, (card) => (card.groups.includes(name) ? { ...card, groups: card.groups.filter((group) => group !== name) } : undefined)),

    /** Puts them into a group; one that has as many as it may stays as it is. */
    addToGroup: (accountId: number, name: string, ids: readonly string[]): Promise<number> =>
      change(accountId, async (tx) => {
        const rows = (await readContacts(tx, accountId, ids)).filter(({ card }) => !card.groups.includes(name) && card.groups.length < MOST_OF_EACH);
        await putContacts(tx, accountId, rows.map((row) => ({ ...row, card: { ...row.card, groups: [...row.card.groups, name] } })));
        return rows.length;
      }),

    forget: (accountId: number, email: string): Promise<void> => change(accountId, (tx) => dropCorrespondent(tx, accountId, email)),
  };
}

/** The same person, written down twice. */
function likeness({ name, company, emails, phones }: Card): string {
  return JSON.stringify([name.toLowerCase(), company.toLowerCase(), emails.map(({ address }) => address.toLowerCase()).sort(), phones.map(({ number }) => number.replaceAll(/[^\d+]/g, '')).sort()]);
}

function full(): CausewayError {
  return new CausewayError('limit', 'the account has as many contacts as it may', { customerText: `You can keep at most ${MOST_CONTACTS} contacts.` });
}
