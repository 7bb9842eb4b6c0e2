import { hash } from 'node:crypto';
import { expect, test } from 'vitest';
import type { WholeMessage } from '#imap/commands/append.ts';
import { refusal } from '#imap/refusal.ts';
import type { MoveRow } from '../claim.ts';
import { judge } from '../failure.ts';
import type { LedgerRow, Listed } from '../ledger/ledger-row.ts';
import type { Place } from '../ledger/ledger.ts';
import { createRefusals } from './refusals.ts';
import { createSender } from './sender.ts';
import type { Visit } from '../visit.ts';
import { createWindow } from './window.ts';

const place = { mailbox: 'INBOX', sourceUidValidity: 5, targetMailbox: 'INBOX', targetUidValidity: 7 } as Place;

const listed = (uid: number): Listed => ({ uid, flags: [], internalDate: 0, internalDateText: '', size: 1 });

const GONE = '';

/** A target that takes all of a batch or nothing, and nothing that `refuses` says. */
function targetOf(capabilities: string[], refuses: (text: string) => string | undefined = () => undefined) {
  const commands: string[][] = [];
  /** By UID, from 1 on; `GONE` where it was expunged. */
  const kept: string[] = [];
  const target = {
    selected: { mailbox: 'INBOX' },
    capabilities: new Set([...capabilities, 'UIDPLUS']),
    async store() {},
    async expunge(uids: string) {
      for (const range of uids.split(',')) {
        const [first, last = first] = range.split(':').map(Number) as [number, number?];
        kept.fill(GONE, first - 1, last);
      }
    },
    async appendMany(_mailbox: string, messages: readonly WholeMessage[]) {
      const texts = messages.map(({ bytes }) => String(bytes));
      commands.push(texts);
      await new Promise(setImmediate);
      const no = texts.map(refuses).find((words) => words !== undefined);
      if (no !== undefined) throw refusal('refused', 'APPEND', { status: 'NO', text: no });
      kept.push(...texts);
      return { uidValidity: 7, uids: texts.map((_, at) => kept.length - texts.length + at + 1) };
    },
  };
  return { commands, kept, target };
}

async function send(target: object, texts: string[], attempt = 0, kind: Partial<Visit> = {}): Promise<{ rows: LedgerRow[]; refused: number[]; error: unknown }> {
  const rows: LedgerRow[] = [];
  const move = { attempt, without: null } as MoveRow;
  const refusals = createRefusals({ row: move, transaction: () => Promise.reject(new Error('nothing is written here')) });
  const sender = createSender({ source: { reusesMemory: true }, target, move, window: createWindow(), refusals, ...kind } as unknown as Visit, place, (more) => void rows.push(...more));
  let error: unknown;
  try {
    for (const [at, text] of texts.entries()) await sender.take(listed(at + 1), Buffer.from(text));
  } catch (thrown) {
    error = thrown;
  }
  await sender.done().catch((thrown: unknown) => (error = thrown));
  return { rows, refused: [...refusals.known({ mailbox: 'INBOX', uidValidity: 5 })], error };
}

const names = (count: number): string[] => Array.from({ length: count }, (_, n) => `message ${n + 1}`);

test('small messages go in batches, in order, and each row has the UID that its message got', async () => {
  const { target, commands, kept } = targetOf(['MULTIAPPEND']);
  const { rows, error } = await send(target, names(1_800));
  expect(error).toBeUndefined();
  expect(commands.map(({ length }) => length)).toEqual([1_500, 300]);
  expect(kept).toEqual(names(1_800));
  for (const row of rows) {
    expect(kept[row.targetUid - 1]).toBe(`message ${row.sourceUid}`);
    expect(row.fingerprint).toEqual(hash('sha256', kept[row.targetUid - 1]!, 'buffer'));
  }
  expect(rows).toHaveLength(1_800);
});

test('a batch is bounded in bytes; without MULTIAPPEND it is one message', async () => {
  const { target, commands } = targetOf(['MULTIAPPEND']);
  await send(target, Array.from({ length: 30 }, () => 'x'.repeat(100_000)));
  expect(Math.max(...commands.map(({ length }) => length))).toBe(21);
  const plain = targetOf([]);
  await send(plain.target, names(3));
  expect(plain.commands).toEqual([['message 1'], ['message 2'], ['message 3']]);
});

test('after attempts without progress batches are smaller', async () => {
  const { target, commands } = targetOf(['MULTIAPPEND']);
  await send(target, names(200), 3);
  expect(commands.map(({ length }) => length)).toEqual([188, 12]);
});

test('of refused batches all are kept but those that the target refuses, which are noted', async () => {
  const { target, kept } = targetOf(['MULTIAPPEND'], (text) => (/^message (37|38|120)$/.test(text) ? 'message contains NUL' : undefined));
  const { rows, refused, error } = await send(target, names(150));
  expect(error).toBeUndefined();
  expect(refused.toSorted((a, b) => a - b)).toEqual([37, 38, 120]);
  expect(kept.filter((text) => text !== GONE)).toEqual(names(150).filter((text) => !/ (37|38|120)$/.test(text)));
  expect(rows).toHaveLength(147);
});

test('a target that refuses message after message in words that nobody knows is not asked to the end; one that is full, not again', async () => {
  const ill = targetOf([], () => 'Server Unavailable. 15');
  const { rows, refused, error } = await send(ill.target, names(200));
  expect(rows).toEqual([]);
  expect(refused.length).toBeLessThanOrEqual(10);
  expect(judge(error)).toMatchObject({ failure: 'append' });
  // Now and then one is no illness.
  const odd = await send(targetOf([], (text) => (Number(text.slice(8)) % 2 === 0 ? 'No.' : undefined)).target, names(100));
  expect(odd.error).toBeUndefined();
  expect(odd.refused).toHaveLength(50);
  const full = await send(targetOf([], () => 'Quota exceeded').target, names(3));
  expect(full.refused).toEqual([]);
  expect(judge(full.error)).toMatchObject({ kind: 'fail', failure: 'quota' });
});

test('with messages refused in the middle UIDs rise like the source\'s, also of what was on its way behind them', async () => {
  const no = new Set([37, 500, 501, 3_580]);
  const { target, kept, commands } = targetOf(['MULTIAPPEND'], (text) => (no.has(Number(text.slice(8))) ? 'message contains NUL' : undefined));
  // In the window of 3,200 messages one batch is on its way behind the first refused one; 800 messages wait.
  const { rows, refused, error } = await send(target, names(4_000));
  expect([refused.toSorted((a, b) => a - b), error]).toEqual([[...no], undefined]);
  expect(rows).toHaveLength(3_996);
  for (const row of rows) expect(kept[row.targetUid - 1]).toBe(`message ${row.sourceUid}`);
  expect(kept.filter((text) => text !== GONE)).toEqual(names(4_000).filter((text) => !no.has(Number(text.slice(8)))));
  // What was on its way, once more, and the halves: never the whole again and again.
  expect(commands.flat().length).toBeLessThan(2 * 4_000 + 4 * 1_500);
});

test('what is added to an account\'s own home is not taken away again', async () => {
  const { target, kept } = targetOf(['MULTIAPPEND'], (text) => (text === 'message 37' ? 'message contains NUL' : undefined));
  const { rows } = await send(target, names(200), 0, { additive: true });
  expect(kept).not.toContain(GONE);
  expect(rows).toHaveLength(199);
});

test('behind a refused batch a streamed message is taken away, and nothing behind it is given: the next pass goes on; then none is sent ahead', async () => {
  const sent = targetOf(['MULTIAPPEND'], (text) => (text === 'message 2' ? 'message contains NUL' : undefined));
  const target = Object.assign(sent.target, {
    async append(_mailbox: string, _message: object, body: AsyncIterable<Buffer>) {
      for await (const chunk of body) sent.kept.push(String(chunk));
      const uid = sent.kept.length;
      await new Promise(setImmediate);
      return { uidValidity: 7, uid };
    },
  });
  const move = { attempt: 0, without: null } as MoveRow;
  const refusals = createRefusals({ row: move, transaction: () => Promise.reject(new Error('nothing is written here')) });
  const rows: LedgerRow[] = [];
  const visit = { source: { reusesMemory: true }, target, move, window: createWindow(), refusals, underWay: { carried() {} } } as unknown as Visit;
  const body = async function* (text: string) {
    yield Buffer.from(text);
  };
  const give = async (sender: ReturnType<typeof createSender>, uids: readonly number[]): Promise<void> => {
    for (const uid of uids) {
      if (uid === 4 || uid === 6) await sender.stream(listed(uid), { size: 9, body: body(`message ${uid}`) });
      else await sender.take(listed(uid), Buffer.from(`message ${uid}`));
    }
    await sender.done();
  };
  const first = createSender(visit, place, (more) => void rows.push(...more));
  await give(first, [1, 2, 3, 4, 5]);
  expect(first.stopped).toBe(true);
  expect(rows.map(({ sourceUid }) => sourceUid)).toEqual([1, 3]);
  const next = createSender(visit, place, (more) => void rows.push(...more));
  await give(next, [4, 5, 6, 7]);
  expect(next.stopped).toBe(false);
  expect(rows.map(({ sourceUid }) => sourceUid)).toEqual([1, 3, 4, 5, 6, 7]);
  expect(sent.kept.filter((text) => text !== GONE)).toEqual([1, 3, 4, 5, 6, 7].map((n) => `message ${n}`));
});

test('a large message that comes while a batch is halved waits for its halves', async () => {
  const { target, kept } = targetOf(['MULTIAPPEND'], (text) => (text === 'message 2' ? 'message contains NUL' : undefined));
  const both = Object.assign(target, {
    async append(_mailbox: string, _message: object, body: AsyncIterable<Buffer>) {
      for await (const chunk of body) kept.push(String(chunk));
      return { uidValidity: 7, uid: kept.length };
    },
  });
  const move = { attempt: 0, without: null } as MoveRow;
  const refusals = createRefusals({ row: move, transaction: () => Promise.reject(new Error('nothing is written here')) });
  const underWay = { carried() {} };
  const rows: LedgerRow[] = [];
  const sender = createSender({ source: { reusesMemory: true }, target: both, move, window: createWindow(), refusals, underWay } as unknown as Visit, place, (more) => void rows.push(...more));
  for (const [at, text] of names(3).entries()) await sender.take(listed(at + 1), Buffer.from(text));
  sender.flush();
  await new Promise(setImmediate); // the refusal has come
  const body = (async function* () {
    yield Buffer.from('large');
  })();
  await sender.stream(listed(4), { size: 5, body });
  await sender.done();
  expect(kept).toEqual(['message 1', 'message 3', 'large']);
  expect(rows.map(({ sourceUid, targetUid }) => [sourceUid, targetUid])).toEqual([[1, 1], [3, 2], [4, 3]]);
});

test('a target that asks to try later is not asked again by halves', async () => {
  const target = {
    capabilities: new Set(['MULTIAPPEND']),
    calls: 0,
    async appendMany(): Promise<never> {
      this.calls += 1;
      throw refusal('refused', 'APPEND', { status: 'NO', code: { name: 'THROTTLED', tokens: [] }, text: 'slow down' });
    },
  };
  const { rows, error } = await send(target, names(50));
  expect(rows).toEqual([]);
  expect(target.calls).toBe(1);
  expect(judge(error)).toMatchObject({ kind: 'again', failure: 'unavailable' });
});
