/** What is asked for ahead of its pass: by how many commands, and that it does no harm where it is of no use. */
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import type { SeedMessage, Vice } from '#practice/index.ts';
import { commands, listen } from '../listening.testing.ts';
import { refusedOf } from '../refused.ts';
import { requestMove } from '../request.ts';
import type { SideName } from '../testing.ts';
import { type Bench, mail, openBench } from '../testing.ts';

const vices = { old: new Set<Vice>(), new: new Set<Vice>() };
let bench: Bench;
beforeAll(async () => {
  bench = await openBench({ old: { vices: vices.old }, new: { vices: vices.new } });
});
beforeEach(() => {
  for (const each of Object.values(vices)) each.clear();
});
afterAll(() => bench.close());

const some = (name: string, count: number): SeedMessage[] => Array.from({ length: count }, (_, n) => mail(`${name} ${n}`));
/** Without read-back, so that nothing but APPENDs stands between two SELECTs. */
const ask = (accountId: number): Promise<number> => bench.store.transaction((tx) => requestMove(tx, { accountId, source: 'old', target: 'new', readBack: 'none' }));

test('small mailboxes are listed, fetched and selected behind what is on its way for the one before, each once', async () => {
  const id = await ask(await bench.account('ahead@example.org', { INBOX: some('in', 3), Sent: some('sent', 5), Trash: some('trash', 4) }));
  const [old, fresh] = [await listen(bench.platform('old').trustedPort), await listen(bench.platform('new').trustedPort)];
  const all = bench.platforms();
  const platforms = { old: { ...all['old']!, imap: { ...all['old']!.imap, port: old.port } }, new: { ...all['new']!, imap: { ...all['new']!.imap, port: fresh.port } } };
  let asked = 0;
  await bench.drive(id, { platforms, mayGoOn: async () => (asked += 1) === 1, most: 1 });
  await Promise.all([old.left(), fresh.left()]);

  // One round trip for each mailbox, and one for the first list: what is sent without an answer between.
  const list = 'UID FETCH 1:* (UID FLAGS INTERNALDATE RFC822.SIZE)';
  const turns = old.turns.map((lines) => commands([...lines]).map((line) => line.replace(' (CONDSTORE)', '')));
  expect(turns.slice(turns.findIndex((lines) => lines.some((line) => line.startsWith('STATUS'))))).toEqual([
    [...['INBOX', 'Sent', 'Trash'].map((name) => expect.stringMatching(`STATUS "${name}"`)), 'EXAMINE "INBOX"', list],
    ['UID FETCH 1:3 (UID BODY.PEEK[])', 'EXAMINE "Sent"', list],
    ['UID FETCH 1:5 (UID BODY.PEEK[])', 'EXAMINE "Trash"', list],
    ['UID FETCH 1:4 (UID BODY.PEEK[])'],
    ['LOGOUT'],
  ]);
  const given = commands(fresh.said).map((line) => line.split(' ').slice(0, 2).join(' '));
  expect(given.slice(given.indexOf('SELECT "INBOX"'))).toEqual(['SELECT "INBOX"', 'CREATE "Sent"', 'CREATE "Trash"', 'SUBSCRIBE "INBOX"', 'SUBSCRIBE "Sent"', 'SUBSCRIBE "Trash"', 'APPEND "INBOX"', 'SELECT "Sent"', 'APPEND "Sent"', 'SELECT "Trash"', 'APPEND "Trash"', 'LOGOUT']);
  expect(await bench.contents('new', 'ahead@example.org')).toEqual(await bench.contents('old', 'ahead@example.org'));
  for (const each of [old, fresh]) each.close();
});

test('a batch that is refused when the next mailbox is selected is settled in its own', async () => {
  vices.new.add('refuses-nul');
  const address = 'refused@example.org';
  const inbox = some('in', 650);
  inbox[3] = { ...mail('nul'), bytes: Buffer.from('Subject: nul\r\n\r\na\0b\r\n') };
  const account = await bench.account(address, { INBOX: inbox, Sent: some('sent', 120), Trash: some('trash', 5) });
  const failed = await bench.drive(await ask(account));
  expect(failed).toMatchObject({ state: 'failed', failure: 'content' });
  expect((await refusedOf(bench.store, account)).map(({ mailbox, uid }) => [mailbox, uid])).toEqual([['INBOX', 4]]);
  // In the source's order, also what was on its way behind the refused batch.
  const at = await bench.contents('old', address);
  expect(await bench.contents('new', address)).toEqual(Object.fromEntries(Object.entries(at).map(([name, lines]) => [name, name.startsWith('INBOX') ? lines.toSpliced(3, 1) : lines])));
});

test('a message that the source cannot give is found in its own mailbox, and all others are carried', async () => {
  vices.old.add('cannot-read-one');
  const address = 'unreadable@example.org';
  const account = await bench.account(address, { INBOX: some('in', 1), Sent: some('sent', 3), Trash: some('trash', 1) });
  expect(await bench.drive(await ask(account))).toMatchObject({ state: 'failed', failure: 'source-read' });
  expect((await refusedOf(bench.store, account)).map(({ mailbox, uid }) => [mailbox, uid])).toEqual([['Sent', 2]]);
  vices.old.clear();
  const at = await bench.contents('old', address);
  expect(await bench.contents('new', address)).toEqual(Object.fromEntries(Object.entries(at).map(([name, lines]) => [name, name.startsWith('Sent') ? lines.toSpliced(1, 1) : lines])));
});

test('what an earlier life left at the target is recognised, whatever was asked for ahead', async () => {
  const address = 'left@example.org';
  const account = await bench.account(address, { INBOX: some('in', 3), Sent: some('sent', 4), Trash: some('trash', 3) });
  const client = await bench.client('new', address);
  await client.create('Sent');
  await client.logout();
  const sent = some('sent', 4);
  for (const { bytes, internalDateMs } of [sent[1]!, mail('of nobody')]) {
    const internalDate = `${new Date(internalDateMs!).toUTCString().slice(5, 16).replaceAll(' ', '-')} 00:00:00 +0000`;
    await bench.append('new', address, 'Sent', [/Subject: (.*)\r/.exec(bytes!.toString())![1]!], { internalDate });
  }
  expect(await bench.drive(await ask(account))).toMatchObject({ state: 'moved' });
  // What was there keeps its place, before what was copied.
  const held = async (side: SideName): Promise<[string, string[]][]> => Object.entries(await bench.contents(side, address)).map(([name, lines]) => [name, lines.toSorted()]);
  expect(await held('new')).toEqual(await held('old'));
});
