import { sql } from 'kysely';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { EventDefinition, Fields } from '#events/index.ts';
import { requestMove } from '../request.ts';
import { mail, openBench } from '../testing.ts';
import type { Bench, SideName } from '../testing.ts';

let bench: Bench;
const events: { name: string; fields: Fields }[] = [];
beforeAll(async () => {
  bench = await openBench({ emit: <F extends Fields>({ name }: EventDefinition<F>, fields: F) => void events.push({ name, fields }) });
});
afterAll(() => bench.close());

async function move(account: number, source: SideName, target: SideName) {
  const id = await bench.store.transaction((tx) => requestMove(tx, { accountId: account, source, target }));
  events.length = 0;
  return bench.drive(id);
}

async function uids(side: SideName, address: string, mailbox: string): Promise<number[]> {
  const client = await bench.client(side, address);
  await client.examine(mailbox);
  const metas = await client.fetchMeta('1:*');
  await client.logout();
  return metas.map(({ uid }) => uid).sort((a, b) => a - b);
}

const copied = (account: number) =>
  sql<{ source: string; n: number }>`select source, count(*)::int as n from ledger where account_id = ${account} group by source order by source`
    .execute(bench.store.db())
    .then(({ rows }) => rows);

test('a move back copies what came since, deletes what went, and leaves the rest as it lay; then it may go there again', async () => {
  const address = 'back@example.org';
  const account = await bench.account(address, {
    INBOX: Array.from({ length: 30 }, (_, n) => mail(`message ${n}`, { internalDateMs: 1_000_000_000_000 + n * 1_000 })),
    'Archive/2020': [mail('kept'), mail('kept'), mail('flagged later')],
    Gone: [mail('in a mailbox that is deleted')],
    Renamed: [mail('in a mailbox that gets another name')],
  });
  expect(await move(account, 'old', 'new')).toMatchObject({ state: 'moved' });
  const before = await uids('old', address, 'INBOX');

  const client = await bench.client('new', address);
  await client.select('INBOX');
  await client.store('1:3', '+FLAGS', ['\\Seen', 'Later']);
  const [, , , fourth] = await uids('new', address, 'INBOX');
  await client.store(String(fourth), '+FLAGS', ['\\Deleted']);
  await client.expunge(String(fourth));
  await client.create('Fresh');
  await client.run('RENAME "Renamed" "Other"');
  await client.delete('Gone');
  await client.logout();
  await bench.append('new', address, 'INBOX', ['came after the flip'], { flags: ['\\Flagged'] });
  await bench.append('new', address, 'Fresh', ['came after the flip']);

  expect(await move(account, 'new', 'old')).toMatchObject({ state: 'moved', messages: 35 });
  expect(await bench.contents('old', address)).toEqual(await bench.contents('new', address));
  expect(await bench.home(account)).toMatchObject({ home: 'old', phase: 'settled' });
  // Clients' UIDs still name the same messages; nothing had to be recognised by its bytes.
  const after = await uids('old', address, 'INBOX');
  expect(after.slice(0, 29)).toEqual(before.filter((_, at) => at !== 3));
  expect(events.filter(({ name }) => name === 'mover.orphans-settled')).toEqual([]);

  const there = await uids('new', address, 'INBOX');
  expect(await move(account, 'old', 'new')).toMatchObject({ state: 'moved', messages: 35 });
  expect(await bench.contents('new', address)).toEqual(await bench.contents('old', address));
  expect(await uids('new', address, 'INBOX')).toEqual(there);
  expect(events.filter(({ name }) => name === 'mover.orphans-settled')).toEqual([]);
  expect((await copied(account)).map(({ source }) => source)).toEqual(['new', 'old']);
});

test('copies that were not read back are recognised by their bytes, not believed', async () => {
  const address = 'unread@example.org';
  const account = await bench.account(address, { INBOX: [mail('one'), mail('two'), mail('two')] });
  expect(await move(account, 'old', 'new')).toMatchObject({ state: 'moved' });
  await sql`update ledger set read_back = false where account_id = ${account}`.execute(bench.store.db());
  const before = await uids('old', address, 'INBOX');
  expect(await move(account, 'new', 'old')).toMatchObject({ state: 'moved', messages: 3 });
  expect(events.find(({ name }) => name === 'mover.orphans-settled')?.fields).toMatchObject({ adopted: 3, surplus: 0 });
  expect(await uids('old', address, 'INBOX')).toEqual(before);
  expect(await bench.contents('old', address)).toEqual(await bench.contents('new', address));
});

test('a mailbox that began another life at either side is compared anew', async () => {
  const address = 'life@example.org';
  const account = await bench.account(address, { INBOX: [], Box: [mail('one'), mail('two')] });
  expect(await move(account, 'old', 'new')).toMatchObject({ state: 'moved' });
  const uidValidities = sql`source_uidvalidity = source_uidvalidity - 1`;
  await sql`update ledger set ${uidValidities} where account_id = ${account} and mailbox = 'Box'`.execute(bench.store.db());
  await sql`update mailbox_pair set ${uidValidities} where source_mailbox = 'Box'`.execute(bench.store.db());
  expect(await move(account, 'new', 'old')).toMatchObject({ state: 'moved', messages: 2 });
  expect(events.find(({ name }) => name === 'mover.orphans-settled')?.fields).toMatchObject({ mailbox: 'Box', adopted: 2, surplus: 0 });
  expect(await bench.contents('old', address)).toEqual(await bench.contents('new', address));
});
