/**
 * Platforms with the bad habits of real ones (`docs/quirks.md`): what can be copied is copied faithfully; what cannot is
 * told with its class and its message, and the account stays where it is. Never is anything lost, altered or doubled.
 */
import { sql } from 'kysely';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { SeedMessage, Vice } from '#practice/index.ts';
import { type Bench, mail, openBench } from './testing.ts';
import { lastReceipt } from './read.ts';
import { receiptText, verifyReceipt } from './hold/receipt.ts';
import type { FailureClass } from './tables.ts';

const vices = { old: new Set<Vice>(), new: new Set<Vice>() };
let bench: Bench;
beforeAll(async () => {
  bench = await openBench({ old: { vices: vices.old }, new: { vices: vices.new } });
});
afterAll(() => bench.close());

type Mailboxes = Readonly<Record<string, readonly SeedMessage[]>>;

const some = Array.from({ length: 12 }, (_, n) => mail(`number ${n}`, { internalDateMs: Date.UTC(2004, 2, 1) + n * 1_000, flags: n % 2 === 0 ? ['\\Flagged', '\\Seen'] : ['\\Seen'] }));
const PLAIN: Mailboxes = { INBOX: [...some, some[0]!], Sent: [mail('sent')] };
const withBytes = (text: string, body: string, head = ''): SeedMessage => ({ ...mail(text), bytes: Buffer.from(`${head}Subject: ${text}\r\n\r\n${body}\r\n`) });

/** Without the order of messages: what is refused for the moment comes after what was on its way behind it. */
const held = async (side: 'old' | 'new', address: string): Promise<Record<string, string[]>> =>
  Object.fromEntries(Object.entries(await bench.contents(side, address)).map(([name, messages]) => [name, messages.toSorted()]));

async function empty(address: string): Promise<void> {
  const client = await bench.client('new', address);
  for (const { name } of await client.list('', '*')) {
    if ((await client.select(name)).exists === 0) continue;
    await client.store('1:*', '+FLAGS', ['\\Deleted']);
    await client.expunge('1:*');
  }
  await client.logout();
}

let accounts = 0;

async function move(side: 'old' | 'new', vice: Vice, mailboxes: Mailboxes) {
  const address = `${vice}-${(accounts += 1)}@example.org`;
  const account = await bench.account(address, mailboxes);
  const before = await held('old', address);
  vices[side].add(vice);
  try {
    const ended = await bench.drive(await bench.request(account));
    return { ended, before, address, account };
  } finally {
    vices[side].clear();
  }
}

/** Headers at which servers stop, that they drop, or that they show by one protocol only; and such as recognition goes wrong by. */
const ODD_HEADERS: Mailboxes = {
  INBOX: [
    { ...mail('bare'), bytes: Buffer.from('Subject: a\nX-Bare: b\r\nX-More: c\r\n\r\nbody\r\n') },
    { ...mail('crcrlf'), bytes: Buffer.from('Subject: a\r\r\nX-More: c\r\n\r\nbody\r\n') },
    { ...mail('no colon'), bytes: Buffer.from('Subject: a\r\na line without\r\nX-More: c\r\n\r\nbody\r\n') },
    { ...mail('8 bit'), bytes: Buffer.from('Subject: gr\xfc\xdfe\r\nX-\xe4: c\r\n\r\nbody \xff\x01\r\n', 'latin1') },
    { ...mail('no end'), bytes: Buffer.from('Subject: a\r\n\r\nno line end') },
    { ...mail('invalid date'), bytes: Buffer.from('Date: (Invalid)\r\nDisposition-Notification-To: a@example.org\r\n\r\nread me\r\n'), keywords: ['$MDNSent'] },
    ...['one', 'two'].map((id) => ({ ...mail('redirected'), bytes: Buffer.from(`Message-ID: <${id}@example.org>\r\nX-MS-Exchange-Parent-Message-Id: <zero@example.org>\r\n\r\nthe same\r\n`) })),
    ...['one', 'two'].map((body) => ({ ...mail('alike'), bytes: Buffer.from(`Message-ID: <same@example.org>\r\nSubject: same\r\n\r\n${body}\r\n`) })),
    { ...mail('none'), bytes: Buffer.from('\r\nneither Message-ID nor Received\r\n') },
  ],
};

test.each<['old' | 'new', Vice, Mailboxes]>([
  ['new', 'throttles', PLAIN],
  ['new', 'asks-to-back-off', PLAIN],
  ['new', 'forgets-flagged', PLAIN],
  ['new', 'tells-no-exists', PLAIN],
  ['old', 'parts-disagree', ODD_HEADERS],
  ['new', 'parts-disagree', ODD_HEADERS],
  ['old', 'denies-children', { INBOX: [mail('one')], 'A/b/c': [mail('two')], A: [] }],
  ['old', 'misnumbers', PLAIN],
  ['new', 'misnumbers', PLAIN],
])('at %s, one that %s: all is carried', async (side, vice, mailboxes) => {
  const { ended, before, address, account } = await move(side, vice, mailboxes);
  expect(ended).toMatchObject({ state: 'moved', error: null });
  expect(await held('new', address)).toEqual(before);
  expect(await held('old', address)).toEqual(before);
  expect((await bench.home(account)).home).toBe('new');
});

test.each<['old' | 'new', Vice]>([
  ['old', 'throttles-reading'],
  ['new', 'throttles-reading'],
  ['old', 'is-in-use'],
  ['new', 'is-in-use'],
])('at %s, one that %s is waited for, whatever went wrong before', async (side, vice) => {
  const address = `${vice}-${(accounts += 1)}@example.org`;
  const account = await bench.account(address, PLAIN);
  const before = await held('old', address);
  const id = await bench.request(account);
  // More than a refusal of the account's own would be given.
  await sql`update move set attempt = 5 where id = ${id}`.execute(bench.store.db());
  vices[side].add(vice);
  let met = 0;
  const ended = await bench
    .drive(id, {
      after: ({ error }) => {
        if (/THROTTLED|INUSE/.test(error ?? '')) met += 1;
        // It passes in the end; until then no attempt got anywhere.
        if (met === 5) vices[side].clear();
      },
    })
    .finally(() => vices[side].clear());
  expect(met).toBeGreaterThan(0);
  expect(ended).toMatchObject({ state: 'moved', error: null });
  expect(await held('new', address)).toEqual(before);
});

test('at a target that refuses odd names, `_` stands for what it does not take, and the choice stays', async () => {
  const named: Mailboxes = { INBOX: [mail('one')], 'Das "gute" Fach': [mail('two')], 'Das \'gute" Fach': [], 'Das _gute_ Fach': [mail('three')] };
  const { ended, before, address, account } = await move('new', 'refuses-odd-names', named);
  expect(ended).toMatchObject({ state: 'moved', error: null });
  const RENAMED = { 'Das "gute" Fach': 'Das _gute_ Fach-2', 'Das \'gute" Fach': "Das 'gute_ Fach" };
  const renamed = (line: string): string => Object.entries(RENAMED).reduce((name, [from, to]) => name.replace(from, to), line);
  expect(await held('new', address)).toEqual(Object.fromEntries(Object.entries(before).map(([name, messages]) => [renamed(name), messages])));
  expect((await bench.home(account)).home).toBe('new');
});

test('the header of an odd message is not its header at a platform whose parts disagree', async () => {
  const address = 'parts@example.org';
  await bench.account(address, ODD_HEADERS);
  const ask = async (): Promise<string> => {
    const client = await bench.client('old', address);
    await client.examine('INBOX');
    const lines: string[] = [];
    await client.run('UID FETCH 3 (BODY.PEEK[HEADER])', (response) => void (response.kind === 'data' && lines.push(JSON.stringify(response.tokens))));
    await client.logout();
    return lines.join();
  };
  const whole = await ask();
  vices.old.add('parts-disagree');
  const cut = await ask().finally(() => vices.old.clear());
  expect(cut.length).toBeLessThan(whole.length);
});

test.each<[Vice, Mailboxes, Readonly<Record<string, string>>]>([
  ['reserves-names', { INBOX: [mail('one')], Files: [mail('two')], 'Files-2': [mail('three')] }, { Files: 'Files-3' }],
  ['folds-case', { INBOX: [], Trash: [mail('one')], trash: [mail('two')], TRASH: [] }, { Trash: 'Trash-2', trash: 'trash-3' }],
])('at a target that %s, a mailbox gets a number, keeps it, and the receipt tells it', async (vice, mailboxes, names) => {
  const { ended, before, address, account } = await move('new', vice, mailboxes);
  expect(ended).toMatchObject({ state: 'moved', error: null });
  const after = await held('new', address);
  const renamed = Object.fromEntries(Object.entries(before).map(([key, messages]) => [key.replace(/^\S+/, (name) => names[name] ?? name), messages]));
  expect(after).toEqual(renamed);
  const { mapped } = verifyReceipt(receiptText((await lastReceipt(bench.store, account))!), bench.receiptKey.publicKeyPem);
  expect(Object.fromEntries((mapped ?? []).map(({ mailbox, as }) => [mailbox, as]))).toEqual(names);
});

test('a target that does not tell upper from lower case takes a name for its own', async () => {
  const address = 'folded@example.org';
  const account = await bench.account(address, { INBOX: [], archive: [mail('one')] });
  const client = await bench.client('new', address);
  await client.create('Archive');
  await client.logout();
  vices.new.add('folds-case');
  expect(await bench.drive(await bench.request(account)).finally(() => vices.new.clear())).toMatchObject({ state: 'moved' });
  expect(Object.keys(await held('new', address)).map((key) => key.split(' ')[0]).sort()).toEqual(['Archive', 'INBOX']);
});

test('a mailbox with which the whole session goes is named, and the attempts end', async () => {
  const { ended, account, address, before } = await move('old', 'dies-at-one', { INBOX: [mail('one')], Locked: [mail('two')], After: [mail('three')] });
  expect(ended).toMatchObject({ state: 'failed', failure: 'unavailable', error: expect.stringContaining('"Locked"') });
  expect(await bench.home(account)).toMatchObject({ home: 'old', phase: 'settled' });
  expect(await held('old', address)).toEqual(before);
});

test('a source that lets us in and is not there: the attempts end, nothing is taken for deleted', async () => {
  const { ended, account, address, before } = await move('old', 'is-not-connected', PLAIN);
  expect(ended).toMatchObject({ state: 'failed', error: expect.stringContaining('not connected') });
  expect(await bench.home(account)).toMatchObject({ home: 'old', phase: 'settled' });
  expect(await held('old', address)).toEqual(before);
  expect(await bench.drive(await bench.request(account))).toMatchObject({ state: 'moved' });
});

const UMLAUTS = ['two', 'three'].map((name) => withBytes(name, 'x', 'From: \xe4@elsewhere.example\r\n'));
const twiceThree = mail('label', { size: 9_000 });
const KEYWORDS = Array.from({ length: 30 }, (_, n) => `k${n}`);

test.each<['old' | 'new', Vice, Mailboxes, FailureClass, RegExp]>([
  // Gmail counts a message with three labels once.
  ['new', 'has-a-quota', { INBOX: [twiceThree], Work: [twiceThree], Home: [twiceThree] }, 'quota', /OVERQUOTA/],
  ['new', 'refuses-invalid-headers', { INBOX: [mail('one'), ODD_HEADERS.INBOX![2]!, ODD_HEADERS.INBOX![3]!, mail('four')] }, 'content', /message 2 of "INBOX".*invalid header.*1 more/],
  ['new', 'wants-final-crlf', { INBOX: [mail('one'), ODD_HEADERS.INBOX![4]!, mail('three')] }, 'append', /message 2 of "INBOX".*Additional arguments/],
  ['new', 'chokes-on-annotations', { INBOX: [mail('one'), mail('two', { keywords: ['$X-ME-Annot-2'] }), mail('three')] }, 'append', /message 2 of "INBOX".*Parse Error/],
  ['new', 'munges-headers', { INBOX: [mail('one'), ...UMLAUTS, mail('four')] }, 'mismatch', /message 2 of "INBOX".*is not what the source holds; nor are 1 more/],
  ['new', 'loses-keywords', { INBOX: KEYWORDS.map((keyword) => mail(keyword, { keywords: [keyword] })).slice(0, 26), Work: [mail('late', { keywords: ['k29'] })] }, 'mismatch', /message 1 of "?Work|"Work" and its copy.*flags/],
  ['new', 'has-no-mixed-mailboxes', { INBOX: [], A: [mail('one')], 'A/b': [mail('two')] }, 'mailbox', /"A\.b".*no children/],
  ['old', 'tells-no-date', { INBOX: [mail('one'), mail('two'), mail('three')] }, 'date', /message 2 of "INBOX" has no valid internal date/],
  ['new', 'dates-by-itself', PLAIN, 'date', /message 1 of "INBOX"/],
  ['new', 'has-no-levels', { INBOX: [], 'A/b': [mail('one')] }, 'mailbox', /"A\.b".*no levels/],
  ['new', 'refuses-nul', { INBOX: [mail('one'), withBytes('nul', 'a\0b'), mail('three')] }, 'content', /message 2 of "INBOX".*NUL/],
  ['new', 'refuses-long-lines', { INBOX: [mail('one'), withBytes('long', 'x'.repeat(10_500)), mail('three')] }, 'content', /message 2 of "INBOX".*too long/],
  ['new', 'scans', { INBOX: [mail('one'), mail('two'), withBytes('ill', 'EICAR')] }, 'content', /message 3 of "INBOX".*Virus/],
  ['new', 'is-full-in-other-words', PLAIN, 'append', /message \d+ of "INBOX".*Server Unavailable\. 15/],
  ['new', 'swallows-deleted', { INBOX: [mail('one'), mail('deleted', { flags: ['\\Deleted'] })] }, 'mailbox', /does not keep/],
  ['old', 'cannot-read-one', { INBOX: [mail('one'), mail('two'), mail('three')] }, 'source-read', /message 2 of "INBOX".*cannot be read/],
])('at %s, one that %s: the account stays, and the reason is told', async (side, vice, mailboxes, failure, reason) => {
  const { ended, before, address, account } = await move(side, vice, mailboxes);
  expect(ended).toMatchObject({ state: 'failed', failure });
  expect(ended.error).toMatch(reason);
  expect(await bench.home(account)).toMatchObject({ home: 'old', phase: 'settled' });
  expect(await held('old', address)).toEqual(before);
  // When a person has seen to it, what was copied is taken up and nothing is doubled; what was altered is copied anew.
  // Copies with wrong dates have to go.
  if (vice === 'dates-by-itself') await empty(address);
  expect(await bench.drive(await bench.request(account))).toMatchObject({ state: 'moved' });
  expect(await held('new', address)).toEqual(before);
});
