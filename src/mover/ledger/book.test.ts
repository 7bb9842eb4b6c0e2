import { sql } from 'kysely';
import { expect, test } from 'vitest';
import type { Tx } from '#store/index.ts';
import { createBook } from './book.ts';
import type { Claim } from '../claim.ts';
import type { Place } from './ledger.ts';
import type { LedgerRow } from './ledger-row.ts';

const place: Place = { accountId: 1, source: 'old', target: 'new', mailbox: 'INBOX', sourceUidValidity: 7, targetMailbox: 'INBOX', targetUidValidity: 9 };

function rowsFrom(first: number, count: number): LedgerRow[] {
  return Array.from({ length: count }, (_, n) => ({
    sourceUid: first + n,
    targetUid: first + n,
    fingerprint: Buffer.alloc(32),
    internalDate: 0,
    internalDateText: '01-Jan-2024 00:00:00 +0000',
    flags: [],
    size: 10,
    targetSize: null,
    readBack: false,
  }));
}

/** A store that keeps the texts of what each transaction does, and lets the test end it. */
function openBook() {
  const done: string[][] = [];
  let open = 0;
  let failing: Error | undefined;
  let due: (() => void) | undefined;
  let progress = 0;
  const transaction = async (work: (tx: Tx) => Promise<unknown>): Promise<unknown> => {
    open += 1;
    expect(open).toBe(1);
    const texts: string[] = [];
    // Kysely's raw statements ask the executor for no more than this.
    const executor = {
      transformQuery: (node: unknown) => node,
      compileQuery: (node: { sqlFragments: readonly string[] }) => ({ sql: node.sqlFragments.join('?') }),
      async executeQuery({ sql: text }: { sql: string }) {
        texts.push(/insert into uidvalidity_seen|with seen as|update mailbox_pair|insert into ledger|update move/.exec(text)![0]);
        if (failing !== undefined) throw failing;
        return { rows: [] };
      },
    };
    try {
      await new Promise((go) => setImmediate(go));
      const result = await work({ db: () => ({ getExecutor: () => executor }) } as unknown as Tx);
      done.push(texts);
      return result;
    } finally {
      open -= 1;
    }
  };
  const claim = { row: { id: 1, account_id: 1, source: 'old' }, transaction } as unknown as Claim;
  const book = createBook(claim, { after: (_ms, then) => ((due = then), () => void (due = undefined)) }, { carried() {}, ended: () => 0 }, () => void (progress += 1));
  return { book, done, fail: (error: Error) => void (failing = error), pass: () => due?.(), progress: () => progress };
}

const LIVES = ['with seen as'];
const ROWS = ['insert into ledger', 'update move'];

test('few things of many mailboxes are one transaction, lives before rows', async () => {
  const { book, done, progress } = openBook();
  for (const mailbox of ['INBOX', 'Sent', 'Trash']) {
    const each = { ...place, mailbox };
    book.lives(each);
    book.rows(each, rowsFrom(1, 20));
  }
  expect(progress()).toBe(0);
  await book.flush();
  expect(done).toEqual([[...LIVES, ...ROWS]]);
  expect(progress()).toBe(1);
  await book.flush();
  expect(done).toHaveLength(1);
});

test('many rows do not wait for the end, nor any for longer than a second', async () => {
  const { book, done, pass } = openBook();
  book.rows(place, rowsFrom(1, 1_000));
  book.rows(place, rowsFrom(1_001, 5));
  await book.flush();
  expect(done).toEqual([ROWS, ROWS]);
  book.rows(place, rowsFrom(2_000, 1));
  pass();
  await expect.poll(() => done).toHaveLength(3);
});

test('what else is to be written goes in the same transaction, after all', async () => {
  const { book, done } = openBook();
  book.rows(place, rowsFrom(1, 3));
  let before = -1;
  await book.flush(async () => void (before = done.length));
  expect(before).toBe(0);
  // The move's counts are the other's to write.
  expect(done).toEqual([['insert into ledger']]);
});

test('a note goes with the next rows, before them, or by itself after a second', async () => {
  const { book, done, pass } = openBook();
  const note = (tx: Tx) => sql`update move set messages = 3`.execute(tx.db());
  book.soon(note);
  book.rows(place, rowsFrom(1, 3));
  await book.flush();
  expect(done).toEqual([['update move', ...ROWS]]);
  book.soon(note);
  pass();
  await book.flush();
  expect(done).toEqual([['update move', ...ROWS], ['update move']]);
  // Whoever writes the counts does not need it.
  book.soon(note);
  await book.flush(async () => {});
  expect(done.slice(2)).toEqual([[]]);
});

test('after a failure nothing is written, and each flush throws it', async () => {
  const { book, done, fail, progress } = openBook();
  fail(new Error('the store is away'));
  book.rows(place, rowsFrom(1, 1_000));
  await expect(book.flush()).rejects.toThrow('the store is away');
  book.rows(place, rowsFrom(1_001, 1_000));
  await expect(book.flush(async () => {})).rejects.toThrow('the store is away');
  expect(done).toEqual([]);
  expect(progress()).toBe(0);
});
