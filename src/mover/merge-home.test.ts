/** What a merge leaves alone at a home where customers were at work meanwhile. */
import { sql } from 'kysely';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { MoverPlatform } from './access.ts';
import { losses } from './merge.ts';
import { requestRollback } from './rollback.ts';
import { mail, openBench } from './testing.ts';
import type { Bench } from './testing.ts';

let bench: Bench;
beforeAll(async () => {
  bench = await openBench();
});
afterAll(() => bench.close());

/** The platforms as they are seen while `new` is dead. */
function withoutNew(): Record<string, MoverPlatform> {
  const { old, ...others } = bench.platforms();
  return { old: old!, new: { ...others['new']!, imap: { ...others['new']!.imap, port: 1 } } };
}

async function append(address: string, side: 'old' | 'new', mailbox: string, ...texts: string[]): Promise<void> {
  const client = await bench.client(side, address);
  for (const text of texts) {
    const bytes = mail(text).bytes!;
    await client.append(mailbox, { flags: [], internalDate: '01-Jan-2020 00:00:00 +0000', size: bytes.length }, (async function* () { yield bytes; })());
  }
  await client.logout();
}

/** Moved, and carried back from a home that died before anything was followed. */
async function abandoned(address: string): Promise<number> {
  const account = await bench.account(address, {
    INBOX: [mail('one'), mail('two')],
    Box: Array.from({ length: 5 }, (_, n) => mail(`in the box ${n}`)),
    Quiet: [mail('three')],
  });
  expect(await bench.drive(await bench.request(account))).toMatchObject({ state: 'moved' });
  await append(address, 'new', 'Box', 'left behind');
  await append(address, 'new', 'INBOX', 'left behind');
  const id = await bench.store.transaction((tx) => requestRollback(tx, { accountId: account, actor: 'test', homeIsDead: true }));
  expect(await bench.drive(id, { platforms: withoutNew() })).toMatchObject({ state: 'moved' });
  return account;
}

async function merge(account: number): Promise<void> {
  const { rows } = await sql<{ id: number }>`select id from move where account_id = ${account} and back = 'merging'`.execute(bench.store.db());
  await bench.drive(rows[0]!.id);
}

test('a mailbox that got another name at the home does not come back with all its mail', async () => {
  const address = 'renamed@example.org';
  const account = await abandoned(address);
  const client = await bench.client('old', address);
  await client.run('RENAME "Box" "Chest"');
  await client.logout();
  await merge(account);
  const merged = await bench.contents('old', address);
  // RENAME leaves the subscription with the name (RFC 3501 6.3.9).
  const all = Object.values(merged).flat().map((line) => line.split(' ')[0]);
  expect(await losses(bench.store, [account])).toMatchObject([{ mergedAt: expect.any(Date), mergedMessages: 2 }]);
  // One text was left behind in two mailboxes.
  expect(all.length - new Set(all).size).toBe(1);
  expect(Object.entries(merged).map(([name, { length }]) => `${name} ${length}`).sort()).toEqual(['Box  subscribed 1', 'Chest  5', 'INBOX  subscribed 3', 'Quiet  subscribed 1']);
});

test('what is subscribed at the home stays as customers set it there', async () => {
  const address = 'subscribed@example.org';
  const account = await abandoned(address);
  const there = await bench.client('new', address);
  await there.unsubscribe('Box');
  await there.logout();
  const client = await bench.client('old', address);
  await client.unsubscribe('Quiet');
  await client.logout();
  await merge(account);
  expect(Object.keys(await bench.contents('old', address)).sort()).toEqual(['Box  subscribed', 'INBOX  subscribed', 'Quiet ']);
});

test('a copy that the ledger does not know keeps the flags that it has at the home', async () => {
  const address = 'flags@example.org';
  const account = await abandoned(address);
  // As after a SIGKILL between the copy's OK and the ledger's commit: it is at the home.
  await append(address, 'old', 'INBOX', 'left behind');
  const client = await bench.client('old', address);
  await client.select('INBOX');
  await client.store('3', '+FLAGS', ['\\Seen', 'Work']);
  await client.logout();
  await merge(account);
  const inbox = (await bench.contents('old', address))['INBOX  subscribed']!;
  expect(inbox).toHaveLength(3);
  expect(inbox[2]).toMatch(/Work \\Seen$|\\Seen Work$/);
});
