import { readdirSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { sql } from 'kysely';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { lastReceipt } from './read.ts';
import { receiptText, verifyReceipt } from './hold/receipt.ts';
import { requestMove } from './request.ts';
import { mail, openBench } from './testing.ts';
import type { Bench } from './testing.ts';

let bench: Bench;
beforeAll(async () => {
  bench = await openBench();
});
afterAll(() => bench.close());

const twice = mail('a true duplicate');

const FULL = {
  INBOX: [
    mail('first', { flags: ['\\Seen', '\\Answered'], keywords: ['$Forwarded', 'Work'] }),
    twice,
    twice,
    mail('large', { size: 3_000_000, flags: ['\\Flagged'] }),
    mail('deleted but not expunged', { flags: ['\\Deleted'] }),
    ...Array.from({ length: 250 }, (_, n) => mail(`number ${n}`, { internalDateMs: Date.UTC(2001, 1, 3) + n * 1_000 })),
  ],
  Gesendet: [mail('sent', { flags: ['\\Seen'] })],
  'Archiv/2024/Büro & Ämter': [mail('nested'), twice],
  '日本語': [mail('utf-8')],
  Empty: [],
};

test('an account is carried over whole: names, uses, subscriptions, bytes, order, flags, dates', async () => {
  const address = 'full@example.org';
  const account = await bench.account(address, FULL, { Gesendet: { specialUse: ['\\Sent'] }, Empty: { subscribe: false } });
  const move = await bench.drive(await bench.request(account));
  expect(move).toMatchObject({ state: 'moved', error: null, copiedMessages: 259, messages: 259, backedOut: 0 });
  expect(move.holdMs).toBeGreaterThan(0);
  expect(await bench.contents('new', address)).toEqual(await bench.contents('old', address));
  expect(await bench.home(account)).toEqual({ home: 'new', phase: 'settled', epoch: 1 });

  const receipt = (await lastReceipt(bench.store, account))!;
  const body = verifyReceipt(receiptText(receipt), bench.receiptKey.publicKeyPem);
  expect(body).toMatchObject({ account: { id: account, address }, source: 'old', target: 'new', epoch: 1, readBack: 'all', unfenced: true, refused: [] });
  expect(body.mailboxes.map(({ source, target }) => [source.mailbox, target.mailbox]).sort()).toEqual(
    Object.keys(FULL).map((name) => [name, name.replaceAll('/', '.')]).sort(),
  );
  for (const { source, target } of body.mailboxes) {
    expect(target).toMatchObject({ count: source.count, bytes: source.bytes, digest: source.digest });
    expect(target.uidValidity).not.toBe(source.uidValidity);
  }
});

test('what customers do while it is being followed is followed', async () => {
  const address = 'busy@example.org';
  const account = await bench.account(address, {
    INBOX: Array.from({ length: 20 }, (_, n) => mail(`message ${n}`, { internalDateMs: 1_000_000_000_000 + n * 1_000 })),
    Old: [mail('in a mailbox that goes')],
    Renamed: [mail('in a mailbox that gets a new name')],
  });
  const moveId = await bench.request(account);
  const { pause, resume, mayGoOn } = pausable();
  pause();
  const options = { mayGoOn };
  await bench.drive(moveId, { ...options, most: 1 });
  expect(await bench.home(account)).toMatchObject({ home: 'old', phase: 'following' });

  const client = await bench.client('old', address);
  await client.select('INBOX');
  await client.store('1:3', '+FLAGS', ['\\Seen', 'Later']);
  await client.store('5', '+FLAGS', ['\\Deleted']);
  await client.expunge('5');
  await client.create('Neu/Ordner');
  await client.subscribe('Neu/Ordner');
  await client.run('UID MOVE 7:8 "Neu/Ordner"');
  await client.run('RENAME "Renamed" "Neu/Name"');
  await client.delete('Old');
  await bench.drive(moveId, { ...options, most: 1 });
  await client.store('2', 'FLAGS', []);
  const text = mail('a draft').bytes!;
  await client.append('INBOX', { flags: ['\\Draft'], internalDate: '', size: text.length }, (async function* () { yield text; })());
  await client.logout();

  resume();
  expect(await bench.drive(moveId, options)).toMatchObject({ state: 'moved' });
  const [before, after] = [await bench.contents('old', address), await bench.contents('new', address)];
  expect(sorted(after)).toEqual(sorted(before));
  expect(Object.keys(after)).toContain('Neu/Ordner  subscribed');
});

test('a target that keeps something else is found out: the move fails and the account stays', async () => {
  const address = 'tampered@example.org';
  const account = await bench.account(address, { INBOX: [mail('one'), mail('two'), mail('three')] });
  const moveId = await bench.request(account);
  const { pause, resume, mayGoOn } = pausable();
  pause();
  const move = await bench.drive(moveId, {
    mayGoOn,
    async after({ state }) {
      if (state !== 'following') return;
      resume();
      // Same name, date and length, other bytes; and the mover is to read it again.
      const folder = join(bench.folders.new, address, 'Maildir', 'cur');
      const [file] = readdirSync(folder);
      const path = join(folder, file!);
      const { size, mtime } = statSync(path);
      writeFileSync(path, 'x'.repeat(size));
      utimesSync(path, mtime, mtime);
      await sql`update ledger set read_back = false where account_id = ${account}`.execute(bench.store.db());
      await bench.restart('new');
    },
  });
  expect(move).toMatchObject({ state: 'failed', failure: 'mismatch' });
  expect(move.error).toMatch(/of "INBOX".*is not what the source holds/);
  expect(await bench.home(account)).toMatchObject({ home: 'old', phase: 'settled' });
  // The copy is gone: nobody has to take it away before the next move.
  expect((await bench.contents('new', address))['INBOX  subscribed']).toHaveLength(2);
  expect(await bench.drive(await bench.request(account))).toMatchObject({ state: 'moved' });
  expect(sorted(await bench.contents('new', address))).toEqual(sorted(await bench.contents('old', address)));
});

test('mail that lay at the target already is not doubled, and what is not the account’s is removed', async () => {
  const address = 'again@example.org';
  const account = await bench.account(address, { INBOX: [mail('one'), twice, twice], Box: [mail('two')] });
  const client = await bench.client('new', address);
  const put = (mailbox: string, { bytes, internalDateMs }: ReturnType<typeof mail>) =>
    client.append(mailbox, { flags: [], internalDate: new Date(internalDateMs).toUTCString().replace(/^\w+, (\d+) (\w+) (\d+) ([\d:]+) GMT$/, '$1-$2-$3 $4 +0000'), size: bytes!.length }, (async function* () { yield bytes!; })());
  await put('INBOX', twice);
  await put('INBOX', twice);
  await put('INBOX', twice);
  await put('INBOX', mail('a welcome'));
  await client.create('Autumn');
  await put('Autumn', mail('two'));
  await client.logout();
  expect(await bench.drive(await bench.request(account))).toMatchObject({ state: 'moved' });
  const after = sorted(await bench.contents('new', address));
  expect(after['Autumn ']).toEqual([]);
  delete after['Autumn '];
  expect(after).toEqual(sorted(await bench.contents('old', address)));
});

// The smaller one follows its command at once, and the platform ends the session rather than read what it refuses.
test.each([[1_500_000, 4_000_000], [40_000, 80_000]])('a platform that takes %d bytes refuses a message of %d: the move fails with its name; a later move takes up what was copied', async (messageCap, size) => {
  const small = await openBench({ new: { messageCap } });
  try {
    const address = 'big@example.org';
    const account = await small.account(address, { INBOX: [mail('small'), mail('big', { size }), mail('after')] });
    const failed = await small.drive(await small.request(account));
    expect(failed).toMatchObject({ state: 'failed', failure: 'too-big' });
    expect(failed.error).toMatch(/message 2 of "INBOX"/);
    expect(await small.home(account)).toMatchObject({ home: 'old', phase: 'settled' });
    const client = await small.client('old', address);
    await client.select('INBOX');
    await client.store('2', '+FLAGS', ['\\Deleted']);
    await client.expunge('2');
    await client.logout();
    expect(await small.drive(await small.request(account))).toMatchObject({ state: 'moved' });
    expect(await small.contents('new', address)).toEqual(await small.contents('old', address));
  } finally {
    await small.close();
  }
});

test.each(['none', 'sample'] as const)('what was ordered to be read back (%s) stands in the receipt', async (readBack) => {
  const address = `${readBack}@example.org`;
  const account = await bench.account(address, { INBOX: Array.from({ length: 60 }, (_, n) => mail(`m${n}`)) });
  const id = await bench.store.transaction((tx) => requestMove(tx, { accountId: account, source: 'old', target: 'new', readBack }));
  expect(await bench.drive(id)).toMatchObject({ state: 'moved' });
  expect(await bench.contents('new', address)).toEqual(await bench.contents('old', address));
  const receipt = (await lastReceipt(bench.store, account))!;
  expect(verifyReceipt(receiptText(receipt), bench.receiptKey.publicKeyPem)).toMatchObject({ readBack });
});

test('a mailbox with the source’s UIDVALIDITY is made anew; INBOX cannot be', async () => {
  const same = await openBench({ new: { separator: '/' } });
  try {
    const account = await same.account('clash@example.org', { INBOX: [], Box: [mail('one')] });
    const client = await same.client('new', 'clash@example.org');
    await client.create('Box');
    const { uidValidity } = await client.examine('Box');
    const inbox = await client.examine('INBOX');
    await client.logout();
    await sql`insert into uidvalidity_seen values (${account}, 'old', 'Box', ${uidValidity})`.execute(same.store.db());
    expect(await same.drive(await same.request(account))).toMatchObject({ state: 'moved' });
    const later = await same.client('new', 'clash@example.org');
    expect((await later.examine('Box')).uidValidity).not.toBe(uidValidity);
    await later.logout();
    expect(await same.contents('new', 'clash@example.org')).toEqual(await same.contents('old', 'clash@example.org'));

    const second = await same.account('inbox@example.org', { INBOX: [] });
    const own = await same.client('new', 'inbox@example.org');
    await sql`insert into uidvalidity_seen values (${second}, 'old', 'INBOX', ${(await own.examine('INBOX')).uidValidity})`.execute(same.store.db());
    await own.logout();
    expect(inbox.uidValidity).toBeGreaterThan(0);
    expect(await same.drive(await same.request(second))).toMatchObject({ state: 'failed', failure: 'uidvalidity' });
  } finally {
    await same.close();
  }
});

/** A wave that pauses after its moves have begun: they follow, and may not hold. */
function pausable() {
  let paused = false;
  let asked = 0;
  return {
    pause: () => void (paused = true),
    resume: () => void (paused = false),
    mayGoOn: async () => (asked += 1) === 1 || !paused,
  };
}

function sorted(contents: Record<string, string[]>): Record<string, string[]> {
  return Object.fromEntries(Object.entries(contents).map(([name, messages]) => [name, [...messages].sort()]));
}
