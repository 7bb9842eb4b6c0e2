/** POP3 ids over moves between two practice platforms, seen by POP3 and by the store's row. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createSecret } from '#config/index.ts';
import { readUidls } from '#directory/uidls/table.ts';
import { systemClock as clock } from '#events/clock.ts';
import { connect } from '#pop3/connect.ts';
import type { Pop3Message } from '#pop3/connect.ts';
import type { Vice } from '#practice/index.ts';
import { createTranslate, parseKept } from '#wire/pop3/uidls.ts';
import { finalFailure, judge } from '../failure.ts';
import type { LedgerRow } from '../ledger/ledger-row.ts';
import { lastReceipt } from '../read.ts';
import { requestMove } from '../request.ts';
import { mail, openBench } from '../testing.ts';
import type { Bench, SideName } from '../testing.ts';
import { keepIds } from './uidls.ts';
import type { MoverPlatform } from '../access.ts';

const vices = { old: new Set<Vice>(), new: new Set<Vice>() };
let bench: Bench;
beforeAll(async () => {
  bench = await openBench({ old: { vices: vices.old }, new: { vices: vices.new } });
});
afterAll(() => bench.close());

function withPop3(): Record<string, MoverPlatform> {
  const platforms = bench.platforms();
  const at = (side: SideName): MoverPlatform => ({
    ...platforms[side]!,
    pop3: { host: '127.0.0.1', port: bench.platform(side).pop3Port, tls: 'plain', trustedNetwork: true },
    entrances: [{ kind: 'trusted', port: bench.platform(side).trustedPort, pop3Port: bench.platform(side).pop3TrustedPort, secret: createSecret('bench-token') }],
  });
  return { old: at('old'), new: at('new') };
}

async function popList(side: SideName, user: string): Promise<readonly Pop3Message[]> {
  const connection = await connect({ host: '127.0.0.1', port: bench.platform(side).pop3TrustedPort, tls: 'plain' }, { clock, connectMs: 20_000, commandMs: 20_000 });
  await connection.login({ user, password: 'bench-token' });
  const list = await connection.list(1_000);
  await connection.quit();
  return list;
}

/** What a client is shown. */
async function shown(side: SideName, account: number, user: string): Promise<string[]> {
  const row = await readUidls(bench.store, account, side);
  const translate = row === undefined ? (own: string) => own : createTranslate({ ...row, kept: parseKept(row.kept)! });
  return (await popList(side, user)).map(({ id }) => translate(id));
}

const append = (side: SideName, address: string, text: string): Promise<void> => bench.append(side, address, 'INBOX', [text], { internalDate: '01-Jan-2024 00:00:00 +0000' });

test('there, back and there again: every message keeps the id that it was first shown by, and new ones have ids of their own', async () => {
  const address = 'pop@example.org';
  const twin = mail('twin');
  const account = await bench.account(address, { INBOX: [mail('one'), twin, twin, mail('a longer one')], Other: [mail('no POP3 here')] });
  const before = await shown('old', account, address);
  expect(before).toHaveLength(4);
  const moved = await bench.drive(await bench.request(account), { platforms: withPop3() });
  expect(moved).toMatchObject({ state: 'moved', error: null });
  expect((await popList('new', address)).map(({ id }) => id)).not.toEqual(before);
  expect(await shown('new', account, address)).toEqual(before);
  expect(JSON.parse((await lastReceipt(bench.store, account))!.body)).toMatchObject({ uidls: { count: 4, digest: expect.stringMatching(/^[0-9a-f]{64}$/) } });

  await append('new', address, 'came after the move');
  const grown = await shown('new', account, address);
  expect(grown.slice(0, 4)).toEqual(before);
  expect(new Set(grown).size).toBe(5);

  const back = await bench.store.transaction((tx) => requestMove(tx, { accountId: account, source: 'new', target: 'old' }));
  expect(await bench.drive(back, { platforms: withPop3() })).toMatchObject({ state: 'moved', error: null });
  expect((await shown('old', account, address)).toSorted()).toEqual(grown.toSorted());

  const again = await bench.request(account);
  expect(await bench.drive(again, { platforms: withPop3() })).toMatchObject({ state: 'moved', error: null });
  expect((await shown('new', account, address)).toSorted()).toEqual(grown.toSorted());
});

test('a platform whose POP3 lets nobody in: no flip, with a class of its own', async () => {
  const address = 'shut@example.org';
  const account = await bench.account(address, { INBOX: [mail('one')] });
  const platforms = withPop3();
  const shut = { ...platforms, new: { ...platforms.new!, entrances: [{ kind: 'trusted' as const, port: bench.platform('new').trustedPort, pop3Port: bench.platform('new').pop3Port, secret: createSecret('bench-token') }] } };
  const move = await bench.drive(await bench.request(account), { platforms: shut });
  expect(move).toMatchObject({ state: 'failed', failure: 'uidl' });
  expect((await bench.home(account)).home).toBe('old');
});

test('a platform whose POP3 counts other octets than its IMAP: no id is guessed, nobody flips', async () => {
  const account = await bench.account('otherwise@example.org', { INBOX: [mail('one'), mail('another')] });
  vices.old.add('pop3-counts-otherwise');
  const move = await bench.drive(await bench.request(account), { platforms: withPop3() }).finally(() => vices.old.clear());
  expect(move).toMatchObject({ state: 'failed', failure: 'uidl', error: expect.stringMatching(/cannot be told among those of INBOX/) });
  expect(await bench.home(account)).toMatchObject({ home: 'old', phase: 'settled' });
  expect(await bench.drive(await bench.request(account), { platforms: withPop3() })).toMatchObject({ state: 'moved' });
});

test('without a message that was refused, the others keep their ids, there and back', async () => {
  const address = 'without@example.org';
  const nul = { ...mail('nul'), bytes: Buffer.from('Subject: nul\r\n\r\na\0b\r\n') };
  const account = await bench.account(address, { INBOX: [mail('one'), nul, mail('three')] });
  const before = await shown('old', account, address);
  vices.new.add('refuses-nul');
  const id = await bench.store.transaction((tx) => requestMove(tx, { accountId: account, source: 'old', target: 'new', without: { classes: ['content'], messages: [] } }));
  expect(await bench.drive(id, { platforms: withPop3() }).finally(() => vices.new.clear())).toMatchObject({ state: 'moved', error: null });
  expect(await shown('new', account, address)).toEqual([before[0], before[2]]);
  const back = await bench.store.transaction((tx) => requestMove(tx, { accountId: account, source: 'new', target: 'old' }));
  expect(await bench.drive(back, { platforms: withPop3() })).toMatchObject({ state: 'moved', error: null });
  const after = await shown('old', account, address);
  expect([after[0], after[2]]).toEqual([before[0], before[2]]);
  expect(after).toHaveLength(3);
});

const row = (sourceUid: number, size: number, targetUid = sourceUid + 100): LedgerRow =>
  ({ sourceUid, targetUid, size, targetSize: null, fingerprint: Buffer.alloc(0), internalDate: 0, internalDateText: '', flags: [], readBack: true });
const list = (...messages: [string, number][]): Pop3Message[] => messages.map(([id, octets], at) => ({ number: at + 1, id, octets }));
const same = (id: string): string => id;
const failureOf = (work: () => unknown): unknown => {
  try {
    work();
  } catch (error) {
    return judge(error).failure;
  }
  return undefined;
};

test('ids are matched in order; a hidden message has none; what cannot be told apart is not guessed', () => {
  const rows = [row(1, 10), row(2, 20), row(3, 20), row(4, 30)];
  const target = list(['A', 10], ['B', 20], ['C', 20], ['D', 30]);
  const all = keepIds(rows, { source: list(['a', 10], ['b', 20], ['c', 20], ['d', 30]), target }, same);
  expect([...all.kept]).toEqual([['A', 'a'], ['B', 'b'], ['C', 'c'], ['D', 'd']]);
  expect(all.marked).toBe(false);
  const hidden = keepIds(rows, { source: list(['b', 20], ['c', 20], ['d', 30]), target }, same);
  expect([...hidden.kept]).toEqual([['B', 'b'], ['C', 'c'], ['D', 'd']]);
  // One of two of a size is hidden; another order with two of a size; a size that is none; more messages than INBOX has.
  for (const source of [list(['a', 10], ['c', 20], ['d', 30]), list(['d', 30], ['b', 20], ['c', 20], ['a', 10]), list(['a', 11]), list(['a', 10], ['x', 10])]) {
    expect(failureOf(() => keepIds(rows, { source, target }, same))).toBe('uidl');
  }
  // Another order, and all sizes differ.
  const turned = keepIds([row(1, 10), row(2, 20)], { source: list(['b', 20], ['a', 10]), target: list(['A', 10], ['B', 20]) }, same);
  expect([...turned.kept]).toEqual([['A', 'a'], ['B', 'b']]);
});

test('ids that clients cannot have used, or would mistake', () => {
  const rows = [row(1, 10), row(2, 20)];
  const target = list(['A', 10], ['B', 20]);
  expect(failureOf(() => keepIds(rows, { source: list(['a', 10], ['a', 20]), target }, same))).toBe('uidl');
  expect(failureOf(() => keepIds(rows, { source: list(['a', 10], ['x'.repeat(71), 20]), target }, same))).toBe('uidl');
  expect(failureOf(() => keepIds(rows, { source: list(['a', 10], ['b', 20]), target: list(['A', 10]) }, same))).toBe('uidl');
  // Both platforms number from 1: new messages of the target must not look like old ones of the source.
  const numbers = keepIds([row(3, 10, 1), row(4, 20, 3)], { source: list(['3', 10], ['4', 20]), target: list(['1', 10], ['3', 20]) }, same);
  expect(numbers.marked).toBe(true);
  expect(createTranslate({ ...numbers, epoch: 7 })('4')).toBe('7~4');
  // The target took the ids over by itself: nothing is kept.
  expect(keepIds(rows, { source: target, target }, same)).toMatchObject({ kept: new Map(), marked: false });
  expect(judge(finalFailure('uidl', 'x'))).toMatchObject({ kind: 'fail' });
});

test('a message that is left out has its place in its platform’s order, and its id is no other’s afterwards', () => {
  const rows = [row(1, 20, 1), row(3, 20, 2)];
  const source = list(['1', 20], ['2', 20], ['3', 20]);
  const target = list(['1', 20], ['2', 20]);
  const aside = { source: [{ uid: 2, size: 20 }], target: [] };
  expect(failureOf(() => keepIds(rows, { source, target }, same))).toBe('uidl');
  const { kept, marked, proof } = keepIds(rows, { source, target }, same, aside);
  expect([...kept]).toEqual([['2', '3']]);
  expect(proof.count).toBe(2);
  expect(createTranslate({ kept, marked, epoch: 7 })('3')).toBe('7~3');
  // A client that has seen the one left out does not take a later message of that id for it.
  const later = keepIds([row(1, 20, 5), row(3, 20, 6)], { source, target: list(['5', 20], ['6', 20]) }, same, aside);
  expect(createTranslate({ ...later, epoch: 7 })('2')).toBe('7~2');
  // And on the way back the former home shows it again.
  expect([...keepIds([row(1, 20, 1), row(2, 20, 3)], { source: target, target: source }, same, { source: [], target: aside.source }).kept]).toEqual([['3', '2']]);
});
