/** Ids over real moves, there, back and there again; each time the portal has just been started. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { systemClock } from '#events/clock.ts';
import { mail, openBench, type Bench, type SideName } from '#mover/testing.ts';
import { requestMove } from '#mover/index.ts';
import type { Store } from '#store/index.ts';
import { harnessAt, type Harness, USER } from '../mail/harness.testing.ts';
import { openBlob } from '../mail/blob-read.ts';
import { createMailContext } from '../mail/context.ts';
import { LIMITS } from '../jmap/limits.ts';
import { homesOf } from './homes.ts';
import { createPast } from './past.ts';
import { idMigrations } from './tables.ts';

let bench: Bench;
beforeAll(async () => {
  bench = await openBench({ migrations: idMigrations });
});
afterAll(() => bench.close());

const opened: Harness[] = [];
afterAll(async () => {
  for (const each of opened) await each.close();
});

/** A portal that was started just now. */
async function portal(home: SideName, accountId: number, store: Store = bench.store): Promise<Harness> {
  const harness = await harnessAt(bench.platform(home).trustedPort, 'bench-token', async () => {}, (memory) => createPast({ store, clock: systemClock, accountId, home, memory }));
  opened.push(harness);
  return harness;
}

type Listed = { readonly id: string; readonly subject: string; readonly threadId: string; readonly blobId: string; readonly mailboxIds: Record<string, true> };

/** All mail as a page would list it: by subject what names it. */
async function listed(at: Harness): Promise<Record<string, Omit<Listed, 'subject'>>> {
  const { ids } = await at.call<{ ids: string[] }>('Email/query', {});
  const { list } = await at.call<{ list: Listed[] }>('Email/get', { ids, properties: ['id', 'subject', 'threadId', 'blobId', 'mailboxIds'] });
  expect(list).toHaveLength(ids.length);
  return Object.fromEntries(list.map(({ subject, ...named }) => [subject, named]));
}

async function mailboxes(at: Harness): Promise<Record<string, string>> {
  const { list } = await at.call<{ list: { id: string; name: string }[] }>('Mailbox/get', { ids: null });
  return Object.fromEntries(list.map(({ id, name }) => [name, id]));
}

async function move(account: number, source: SideName, target: SideName): Promise<void> {
  const id = await bench.store.transaction((tx) => requestMove(tx, { accountId: account, source, target }));
  expect(await bench.drive(id)).toMatchObject({ state: 'moved', error: null });
}

test('ids are the same at every home, there and back and there again, for what was moved between mailboxes too', async () => {
  const account = await bench.account(USER, {
    INBOX: Array.from({ length: 6 }, (_, n) => mail(`message ${n}`)),
    'Work/Archive': [mail('kept')],
    // Threads of their own, named by their emails' ids.
    Plain: [{ bytes: Buffer.from('Subject: no message id\r\n\r\ntext\r\n'), internalDateMs: 1.6e12 }],
  });
  const first = await portal('old', account);
  const boxes = await mailboxes(first);
  const { 'message 1': one, 'message 2': two } = await listed(first);
  await first.call('Email/set', { update: { [one!.id]: { mailboxIds: { [boxes['Archive']!]: true } } } });
  const before = await listed(first);
  expect(before['message 1']).toMatchObject({ id: one!.id, mailboxIds: { [boxes['Archive']!]: true } });
  // Another instance knows of it, too.
  expect(await listed(await portal('old', account))).toEqual(before);

  await move(account, 'old', 'new');
  const second = await portal('new', account);
  expect(await mailboxes(second)).toEqual(boxes);
  expect(await listed(second)).toEqual(before);
  // What a page holds since before the move is where it was, its threads and blobs too.
  const ids = Object.values(before).map(({ id }) => id);
  const again = await portal('new', account);
  expect((await again.call<{ list: unknown[] }>('Email/get', { ids, properties: ['id'] })).list).toEqual(ids.map((id) => ({ id })));
  const threadIds = Object.values(before).map(({ threadId }) => threadId);
  const { list: threads } = await again.call<{ list: { emailIds: string[] }[] }>('Thread/get', { ids: threadIds });
  expect(threads.map(({ emailIds }) => emailIds)).toEqual(ids.map((id) => [id]));
  const blob = await openBlob(`${two!.blobId}_1`, createMailContext(again.access, LIMITS, () => {}));
  let text = '';
  for await (const chunk of blob!.chunks) text += chunk.toString();
  expect(text).toContain('message 2 message 2');
  const { ids: behind } = await again.call<{ ids: string[] }>('Email/query', { anchor: two!.id, anchorOffset: 0, limit: 1 });
  expect(behind).toEqual([two!.id]);

  // Changed at the new home by the ids of the former one: a mail that had moved is moved on, one goes, one comes.
  await second.call('Email/set', { update: { [one!.id]: { mailboxIds: { [boxes['Plain']!]: true } }, [two!.id]: { mailboxIds: { [boxes['Archive']!]: true } } }, destroy: [before['message 3']!.id] });
  await bench.append('new', USER, 'INBOX', ['came at the new home']);
  const after = await listed(second);
  expect(Object.keys(after).sort()).toEqual([...Object.keys(before).filter((subject) => subject !== 'message 3'), 'came at the new home'].sort());
  for (const [subject, { id }] of Object.entries(after)) expect(id, subject).toBe(before[subject]?.id ?? id);
  expect((await second.call<{ notFound: string[] }>('Email/get', { ids: [before['message 3']!.id], properties: ['id'] })).notFound).toEqual([before['message 3']!.id]);

  await move(account, 'new', 'old');
  expect(await listed(await portal('old', account))).toEqual(after);
  expect(await mailboxes(await portal('old', account))).toEqual(boxes);
  // There again: what is new there is told from what only looks so in the ledger.
  await bench.append('old', USER, 'INBOX', ['came after the way back']);
  const back = await listed(await portal('old', account));
  await move(account, 'old', 'new');
  expect(await listed(await portal('new', account))).toEqual(back);
});

test('a store that is away hides no mail; an id of before is told to be unavailable, not gone', async () => {
  const account = await bench.account(USER.replace('jane', 'jd'), {});
  const away = new Proxy(bench.store, { get: () => () => { throw new Error('the store is away'); } });
  const at = await portal('new', account, away);
  expect(Object.keys(await listed(at)).length).toBeGreaterThan(0);
  expect(await at.error('Email/get', { ids: ['EAAAAAAAAAAAAAAAA1-1'], properties: ['id'] })).toBe('serverUnavailable');
});

test('what was given where clients did not come is no id there', () => {
  const day = (n: number): Date => new Date(n * 86_400_000);
  const pair = { sourceMailbox: 'Box', sourceUidValidity: 1, sourceUidNext: 10, targetMailbox: 'INBOX.Box', targetUidValidity: 2 };
  const trip = { accountId: 1, source: 'old', target: 'new', endedAt: day(2), pairs: [pair] };
  const stored = { home: 'old', mailbox: 'Box', object: null, id: 'Mx', since: day(1) };
  expect([...homesOf('new', [trip], [stored]).names]).toEqual([['INBOX.Box', { id: 'Mx', object: null }]]);
  expect([...homesOf('new', [trip], [{ ...stored, since: day(3) }]).names]).toEqual([]);
  // Carried away by other means since: nothing leads there.
  expect(homesOf('third', [trip], [stored]).passages).toEqual([]);
});
