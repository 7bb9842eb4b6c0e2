import { hash } from 'node:crypto';
import { expect, test } from 'vitest';
import type { FetchBodiesOptions } from '#imap/commands/fetch-bodies.ts';
import { refusal } from '#imap/refusal.ts';
import { createBackReader } from './back-reader.ts';
import { judge } from '../failure.ts';
import type { LedgerRow } from '../ledger/ledger-row.ts';
import type { Place } from '../ledger/ledger.ts';
import type { ReadBack } from '../tables.ts';
import type { Visit } from '../visit.ts';

const place = { mailbox: 'INBOX', targetMailbox: 'INBOX' } as Place;

const rowOf = (uid: number, text: string): LedgerRow => ({
  sourceUid: uid,
  targetUid: uid,
  fingerprint: hash('sha256', text, 'buffer'),
  internalDate: 0,
  internalDateText: '',
  flags: [],
  size: text.length,
  targetSize: null,
  readBack: false,
});

/** A target that gives these texts by UID, and no others. */
async function read(order: ReadBack, rows: LedgerRow[], texts: Record<number, string> | Error): Promise<{ read: LedgerRow[]; asked: string[]; error: unknown }> {
  const asked: string[] = [];
  const target = {
    async fetchBodies(uids: string, _: unknown, { whole }: FetchBodiesOptions) {
      asked.push(uids);
      if (texts instanceof Error) throw texts;
      for (const [uid, text] of Object.entries(texts)) await whole?.take(Number(uid), Buffer.from(text));
    },
  };
  const found: LedgerRow[] = [];
  const reader = createBackReader({ target, move: { read_back: order } } as unknown as Visit, place, (more) => void found.push(...more));
  reader.take(rows);
  const error = await reader.done().catch((thrown: unknown) => thrown);
  return { read: found, asked, error };
}

test('a copy counts as read when the target gave the bytes of the source; one that it does not give yet does not', async () => {
  const { read: rows, error } = await read('all', [rowOf(1, 'one'), rowOf(2, 'two')], { 1: 'one' });
  expect(rows.map(({ targetUid, readBack, targetSize }) => [targetUid, readBack, targetSize])).toEqual([[1, true, 3], [2, false, null]]);
  expect(error).toBeUndefined();
});

test('other bytes fail the move for good, and the row is not marked', async () => {
  const { read: rows, error } = await read('all', [rowOf(1, 'one'), rowOf(2, 'two')], { 1: 'one', 2: 'tw0' });
  expect(rows.map(({ readBack }) => readBack)).toEqual([true, false]);
  expect(judge(error)).toMatchObject({ kind: 'fail', failure: 'mismatch', message: expect.stringMatching(/message 2 of "INBOX"/) });
});

test('a refusal leaves the rows unread for the next pass', async () => {
  const { read: rows, error } = await read('all', [rowOf(1, 'one')], refusal('refused', 'UID FETCH', { status: 'NO', text: 'not now' }));
  expect(rows).toMatchObject([{ readBack: false }]);
  expect(error).toBeUndefined();
});

test('of a thousand a sample reads some fifty, always the same; without read-back none is asked for', async () => {
  const rows = Array.from({ length: 1_000 }, (_, n) => rowOf(n + 1, `text ${n}`));
  const texts = Object.fromEntries(rows.map((_, n) => [n + 1, `text ${n}`]));
  const [first, second] = [await read('sample', rows, texts), await read('sample', rows, texts)];
  expect(first.read).toEqual(second.read);
  const chosen = first.read.filter(({ readBack }) => readBack).length;
  expect(chosen).toBeGreaterThan(25);
  expect(chosen).toBeLessThan(100);
  expect(await read('none', rows, texts)).toMatchObject({ read: rows, asked: [] });
});

test('each batch is asked for at once, whatever is still to be answered: else reading falls behind where the path is full', async () => {
  const asked: string[] = [];
  const { promise, resolve } = Promise.withResolvers<void>();
  const target = {
    fetchBodies(uids: string) {
      asked.push(uids);
      return promise;
    },
  };
  const found: number[] = [];
  const reader = createBackReader({ target, move: { read_back: 'all' } } as unknown as Visit, place, (rows) => void found.push(...rows.map(({ targetUid }) => targetUid)));
  for (const uid of [1, 2, 3]) reader.take([rowOf(uid, 'text')]);
  expect(asked).toEqual(['1', '2', '3']);
  expect(found).toEqual([]);
  resolve();
  await reader.done();
  expect(found).toEqual([1, 2, 3]);
});
