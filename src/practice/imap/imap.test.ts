import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as fc from 'fast-check';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { Emit } from '#events/index.ts';
import { addMaster, addUsers, createPlatform, type Platform, seedMailbox } from '../index.ts';
import { type RawClient, rawClient } from '../raw-client.ts';

let folder: string;
let platform: Platform;
let clients: RawClient[];
/** Errors that are the server's own. */
let failures: unknown[];

const message = (text: string): Buffer => Buffer.from(`From: a@example.net\r\nSubject: ${text}\r\n\r\n${text}\r\n`);

async function start(options: { separator?: '/' | '.'; messageCap?: number; quota?: number } = {}): Promise<void> {
  const trustedTokenFile = join(folder, 'token');
  writeFileSync(trustedTokenFile, 'the token\n');
  failures = [];
  const emit: Emit = (_, fields) => void failures.push(fields);
  platform = await createPlatform({ name: 'test', folder, trustedTokenFile, master: { user: 'boss' }, ...options }, { emit });
}

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'practice-test-'));
  clients = [];
  addUsers(folder, [
    { user: 'alice@example.net', secret: 'right' },
    { user: 'bob@example.net', secret: 'other' },
  ]);
  addMaster(folder, 'boss', 'master secret');
});

afterEach(async () => {
  for (const client of clients) client.close();
  await platform.close();
  rmSync(folder, { recursive: true });
});

async function anonymous(port = platform.imapPort): Promise<RawClient> {
  const client = await rawClient(port);
  clients.push(client);
  await client.until(/\r\n/);
  return client;
}

async function signedIn(): Promise<RawClient> {
  const client = await anonymous();
  expect((await client.run('LOGIN alice@example.net right')).at(-1)).toMatch(/^OK /);
  return client;
}

const replyOf = async (client: RawClient, command: string): Promise<string> => (await client.run(command)).at(-1) ?? '';

/** APPEND by a literal that needs no permission. */
async function append(client: RawClient, mailbox: string, bytes: Buffer, options = ''): Promise<string> {
  return replyOf(client, `APPEND ${mailbox} ${options}{${bytes.length}+}\r\n${bytes.toString('latin1')}`);
}

test('entrances: own secret, master, trusted token', async () => {
  await start();
  const wrong = 'NO [AUTHENTICATIONFAILED] Authentication failed.';
  const plain = (...fields: string[]): string => Buffer.from(fields.join('\0')).toString('base64');
  const imap: [string, string | RegExp][] = [
    ['LOGIN alice@example.net wrong', wrong],
    ['LOGIN alice@example.net other', wrong],
    ['LOGIN nobody@example.net right', wrong],
    ['LOGIN ../alice right', wrong],
    ['LOGIN alice@example.net "the token"', wrong],
    ['LOGIN alice@example.net*boss right', wrong],
    ['LOGIN nobody@example.net*boss "master secret"', wrong],
    ['LOGIN boss "master secret"', wrong],
    ['LOGIN Alice@example.net {5}', /^\+/],
    [`AUTHENTICATE PLAIN ${plain('', 'alice@example.net', 'wrong')}`, wrong],
    [`AUTHENTICATE PLAIN ${plain('bob@example.net', 'alice@example.net', 'right')}`, wrong],
    ['AUTHENTICATE PLAIN garbage', /^BAD/],
    ['AUTHENTICATE CRAM-MD5', /^NO \[CANNOT\]/],
    ['LIST "" *', /^BAD/],
  ];
  for (const [command, reply] of imap) {
    const client = await anonymous();
    if (command.endsWith('{5}')) {
      client.send(`x ${command}\r\n`);
      await client.until(/^\+ .*\r\n/);
      client.send('right\r\n');
      await client.until(/x OK /);
    } else if (typeof reply === 'string') expect(await replyOf(client, command)).toBe(reply);
    else expect(await replyOf(client, command)).toMatch(reply);
  }
  for (const command of [
    'LOGIN "alice@example.net*boss" "master secret"',
    `AUTHENTICATE PLAIN ${plain('', 'alice@example.net', 'right')}`,
    `AUTHENTICATE PLAIN ${plain('alice@example.net', 'boss', 'master secret')}`,
  ]) {
    expect(await replyOf(await anonymous(), command)).toMatch(/^OK \[CAPABILITY IMAP4rev1 /);
  }
  expect(await replyOf(await anonymous(platform.trustedPort), 'LOGIN bob@example.net "the token"')).toMatch(/^OK /);
  expect(await replyOf(await anonymous(platform.trustedPort), 'LOGIN bob@example.net other')).toBe(wrong);
  const late = await anonymous();
  late.send('a AUTHENTICATE PLAIN\r\n');
  await late.until(/^\+ \r\n/);
  late.send(`${plain('', 'bob@example.net', 'other')}\r\n`);
  await late.until(/a OK /);
});

test('append, fetch and what survives a restart', async () => {
  await start();
  let client = await signedIn();
  expect(await client.run('CREATE Sent (USE (\\Sent))')).toEqual(['OK Created.']);
  expect(await client.run('SUBSCRIBE Sent')).toEqual(['OK Subscribed.']);
  const bytes = Buffer.from([...Buffer.from('Subject: x\r\n\r\nlone\rcr, lf\nnul'), 0, 255, 13, 10]);
  const reply = await append(client, 'Sent', bytes, '(\\Seen $Forwarded) "17-Jul-1996 02:44:25 -0700" ');
  const [, validity, uid] = /^OK \[APPENDUID (\d+) (\d+)\]/.exec(reply) ?? [];
  expect(uid).toBe('1');
  expect(await append(client, 'Nowhere', bytes)).toMatch(/^NO \[TRYCREATE\]/);
  client.send(`s APPEND Nowhere {10}\r\ns2 APPEND Sent {${bytes.length}}\r\n`);
  expect(await client.until(/\+ /)).toMatch(/^s NO \[TRYCREATE\].*\r\n\+ /);
  client.send(`${bytes.toString('latin1')}\r\n`);
  expect(await client.until(/s2 .*\r\n/)).toContain(`s2 OK [APPENDUID ${validity} 2]`);

  for (let round = 0; round < 2; round += 1) {
    const select = await client.run('SELECT Sent');
    expect(select).toContain(`* OK [UIDVALIDITY ${validity}] UIDs are valid.`);
    expect(select).toContain('* OK [UIDNEXT 3] Predicted next UID.');
    expect(select).toContain('* 2 EXISTS');
    const fetched = (await client.run('UID FETCH 1 (FLAGS INTERNALDATE RFC822.SIZE BODY.PEEK[])')).join('\r\n');
    expect(fetched).toContain(`* 1 FETCH (UID 1 FLAGS (\\Seen $Forwarded) INTERNALDATE "17-Jul-1996 09:44:25 +0000" RFC822.SIZE ${bytes.length} BODY[] {${bytes.length}}\r\n${bytes.toString('latin1')})`);
    expect(await client.run('LIST (SPECIAL-USE) "" *')).toEqual(['* LIST (\\HasNoChildren \\Sent) "/" "Sent"', 'OK Done.']);
    expect(await client.run('LSUB "" *')).toEqual(['* LSUB () "/" "Sent"', 'OK Done.']);
    if (round === 1) break;
    await platform.close();
    await start();
    client = await signedIn();
  }
});

test('UIDs: a torn line is ignored, files without one get the next', async () => {
  seedMailbox(folder, 'alice@example.net', 'INBOX', [1, 2].map((n) => ({ bytes: message(`m${n}`), internalDateMs: n * 1_000 })));
  const inbox = join(folder, 'alice@example.net/Maildir');
  writeFileSync(join(inbox, 'uidlist'), '3 torn-and-no-line-e', { flag: 'a' });
  writeFileSync(join(inbox, 'new/1000.foreign'), message('foreign'));
  await start();
  const client = await signedIn();
  await client.run('SELECT INBOX');
  expect(await client.run('FETCH 1:* (UID BODY.PEEK[HEADER.FIELDS (Subject)])')).toEqual([
    '* 1 FETCH (UID 1 BODY[HEADER.FIELDS (SUBJECT)] {15}', 'Subject: m1', '', ')',
    '* 2 FETCH (UID 2 BODY[HEADER.FIELDS (SUBJECT)] {15}', 'Subject: m2', '', ')',
    '* 3 FETCH (UID 3 BODY[HEADER.FIELDS (SUBJECT)] {20}', 'Subject: foreign', '', ')',
    'OK Fetched.',
  ]);
  expect(readFileSync(join(inbox, 'uidlist'), 'utf8')).toMatch(/^V\d+ N1\n1 \S+\n2 \S+\n3 1000\.foreign\n$/);
  await client.run('STORE 3 +FLAGS (\\Deleted)');
  await client.run('EXPUNGE');
  await platform.close();
  await start();
  expect(await (await signedIn()).run('STATUS INBOX (UIDNEXT MESSAGES)')).toEqual(['* STATUS "INBOX" (UIDNEXT 4 MESSAGES 2)', 'OK Done.']);
});

test('two sessions: expunges are told only where numbers may change', async () => {
  seedMailbox(folder, 'alice@example.net', 'INBOX', [1, 2, 3].map((n) => ({ bytes: message(`m${n}`), internalDateMs: 0 })));
  await start();
  const one = await signedIn();
  const two = await signedIn();
  await one.run('SELECT INBOX');
  await two.run('SELECT INBOX');
  expect(await one.run('STORE 1 +FLAGS (\\Deleted $Work)')).toEqual([
    '* FLAGS (\\Draft \\Flagged \\Answered \\Seen \\Deleted $Work)',
    '* OK [PERMANENTFLAGS (\\Draft \\Flagged \\Answered \\Seen \\Deleted $Work \\*)] Flags that stay.',
    '* 1 FETCH (UID 1 FLAGS (\\Deleted $Work))',
    'OK Stored.',
  ]);
  expect(await one.run('STORE 2 +FLAGS.SILENT (\\Seen)')).toEqual(['OK Stored.']);
  expect(await one.run('EXPUNGE')).toEqual(['* 1 EXPUNGE', 'OK Expunged.']);
  // Two still counts three: its FETCH, STORE and SEARCH keep the numbers, and the dead one is gone for all but them.
  expect(await two.run('FETCH 1 (BODY.PEEK[])')).toContain('NO [EXPUNGEISSUED] Some of the messages are gone.');
  expect(await two.run('FETCH 3 (UID)')).toEqual(['* 3 FETCH (UID 3)', 'OK Fetched.']);
  expect(await two.run('SEARCH ALL')).toEqual(['* SEARCH 2 3', 'OK Searched.']);
  expect(await append(one, 'INBOX', message('m4'))).toContain('APPENDUID');
  expect(await two.run('STORE 3 FLAGS (\\Flagged)')).toEqual(['* 3 FETCH (UID 3 FLAGS (\\Flagged))', '* 4 EXISTS', '* 0 RECENT', 'OK Stored.']);
  expect(await two.run('NOOP')).toEqual(['* 1 EXPUNGE', 'OK Done.']);
  expect(await two.run('UID SEARCH UID 1:*')).toEqual(['* SEARCH 2 3 4', 'OK Searched.']);
  expect(await one.run('NOOP')).toEqual(['* 2 FETCH (UID 3 FLAGS (\\Flagged))', 'OK Done.']);
  expect(await one.run('DELETE INBOX')).toEqual(['NO [CANNOT] INBOX cannot be deleted.']);
});

test('IDLE tells at once', async () => {
  await start();
  const idle = await signedIn();
  const other = await signedIn();
  await idle.run('SELECT INBOX');
  idle.send('i IDLE\r\n');
  await idle.until(/\+ Idling\.\r\n/);
  await append(other, 'INBOX', message('m1'));
  expect(await idle.until(/RECENT\r\n/)).toBe('* 1 EXISTS\r\n* 0 RECENT\r\n');
  await other.run('SELECT INBOX');
  await other.run('STORE 1 FLAGS (\\Deleted)');
  expect(await idle.until(/FETCH.*\r\n/)).toBe('* 1 FETCH (UID 1 FLAGS (\\Deleted))\r\n');
  await other.run('UID EXPUNGE 1:*');
  expect(await idle.until(/EXPUNGE\r\n/)).toBe('* 1 EXPUNGE\r\n');
  idle.send('DONE\r\n');
  expect(await idle.until(/i .*\r\n/)).toBe('i OK Done.\r\n');
});

test('COPY, MOVE and their UID codes', async () => {
  seedMailbox(folder, 'alice@example.net', 'INBOX', [1, 2, 3].map((n) => ({ bytes: message(`m${n}`), flags: ['\\Seen'], keywords: ['$A'], internalDateMs: 1e12 })));
  await start();
  const client = await signedIn();
  await client.run('SELECT INBOX');
  expect(await client.run('COPY 1 Box')).toEqual(['NO [TRYCREATE] Mailbox does not exist.']);
  await client.run('CREATE Box');
  const [status] = await client.run('STATUS Box (UIDVALIDITY)');
  const validity = /UIDVALIDITY (\d+)/.exec(status ?? '')?.[1];
  expect(await client.run('UID COPY 1,3 Box')).toEqual([`OK [COPYUID ${validity} 1,3 1:2] Copied.`]);
  expect(await client.run('UID COPY 77 Box')).toEqual(['OK There are no such messages.']);
  expect(await client.run('MOVE 1:2 Box')).toEqual([`* OK [COPYUID ${validity} 1:2 3:4] Moved.`, '* 2 EXPUNGE', '* 1 EXPUNGE', 'OK Moved.']);
  await client.run('EXAMINE Box');
  expect(await client.run('FETCH 4 (UID FLAGS INTERNALDATE)')).toEqual(['* 4 FETCH (UID 4 FLAGS (\\Seen $A) INTERNALDATE " 9-Sep-2001 01:46:40 +0000")', 'OK Fetched.']);
  expect(await client.run('STORE 1 FLAGS ()')).toEqual(['NO [READ-ONLY] The mailbox is read-only.']);
});

test('names: levels, separators, UTF-7, rename and delete under a session', async () => {
  await start({ separator: '.' });
  const client = await signedIn();
  expect(await client.run('NAMESPACE')).toEqual(['* NAMESPACE (("" ".")) NIL NIL', 'OK Done.']);
  await client.run('CREATE Entw&APw-rfe.2024');
  await client.run('CREATE Ops/foo.');
  expect(await client.run('CREATE Ops/foo')).toEqual(['NO [ALREADYEXISTS] Mailbox already exists.']);
  for (const bad of ['a..b', '.a', 'a%b', `"${'x'.repeat(300)}"`, '""', '{3+}\r\na\x00b', '../../x']) {
    expect(await replyOf(client, `CREATE ${bad}`)).toMatch(/^(NO \[CANNOT\]|BAD)/);
  }
  expect(await client.run('LIST "" %')).toEqual([
    '* LIST (\\HasNoChildren) "." "INBOX"',
    '* LIST (\\Noselect \\HasChildren) "." "Entw&APw-rfe"',
    '* LIST (\\HasNoChildren) "." "Ops/foo"',
    'OK Done.',
  ]);
  await append(client, 'Entw&APw-rfe.2024', message('m'));
  await client.run('SELECT Entw&APw-rfe.2024');
  expect(await client.run('RENAME Entw&APw-rfe.2024 Alt.2024')).toEqual(['OK Renamed.']);
  expect(await client.run('UID FETCH 1 (BODY.PEEK[TEXT])')).toEqual(['* 1 FETCH (UID 1 BODY[TEXT] {3}', 'm', ')', 'OK Fetched.']);
  // New messages and new keywords go where it is now, under the next UID.
  await append(client, 'Alt.2024', message('n'));
  expect((await client.run('UID STORE 2 +FLAGS ($Later)')).at(-1)).toMatch(/^OK/);
  expect(await client.run('LIST "" "Alt*"')).toContain('* LIST (\\HasNoChildren) "." "Alt.2024"');
  // A level that is no mailbox itself goes with what is below it.
  expect(await client.run('RENAME Alt Ur')).toEqual(['OK Renamed.']);
  expect(await client.run('RENAME Ur Alt')).toEqual(['OK Renamed.']);
  expect(await client.run('RENAME Nowhere Alt2')).toEqual(['NO [NONEXISTENT] Mailbox does not exist.']);
  await append(client, 'INBOX', message('in'));
  expect(await client.run('RENAME INBOX Saved')).toEqual(['OK Renamed.']);
  expect(await client.run('STATUS Saved (MESSAGES)')).toContain('* STATUS "Saved" (MESSAGES 1)');
  expect(await client.run('STATUS INBOX (MESSAGES)')).toContain('* STATUS "INBOX" (MESSAGES 0)');
  const other = await signedIn();
  await other.run('DELETE Alt.2024');
  expect(await client.run('NOOP')).toEqual(['* BYE The selected mailbox was deleted.', 'OK Done.']);
  await client.closed;
});

test('the 27th keyword is refused, whole', async () => {
  await start();
  const client = await signedIn();
  const keywords = Array.from({ length: 26 }, (_, index) => `k${index}`);
  await append(client, 'INBOX', message('m'), `(${keywords.slice(0, 25).join(' ')}) `);
  await client.run('SELECT INBOX');
  expect((await client.run('STORE 1 +FLAGS (k25 k26)')).at(-1)).toMatch(/^NO \[LIMIT\]/);
  expect((await client.run('STORE 1 FLAGS (k25)')).join()).not.toContain('\\*');
  expect(await append(client, 'INBOX', message('m'), '(k99) ')).toMatch(/^NO \[LIMIT\]/);
  expect(await client.run('FETCH 1 FLAGS')).toContain('* 1 FETCH (FLAGS (k25))');
});

test('SEARCH', async () => {
  const day = 86_400_000;
  seedMailbox(folder, 'alice@example.net', 'INBOX', [
    { bytes: message('first'), flags: ['\\Seen'], internalDateMs: 10_000 * day },
    { bytes: message('second'), keywords: ['$Work'], internalDateMs: 10_001 * day },
    { bytes: Buffer.from('From: x\r\nDate: Tue, 5 Mar 2002 23:59:00 -0800\r\nX-Y: Zed\r\n\r\nlong body'.padEnd(500, '.')), internalDateMs: 10_002 * day },
  ]);
  await start();
  const client = await signedIn();
  await client.run('SELECT INBOX');
  const searches: [string, string][] = [
    ['ALL', ' 1 2 3'],
    ['UNSEEN', ' 2 3'],
    ['KEYWORD $work', ' 2'],
    ['UNKEYWORD nowhere', ' 1 2 3'],
    ['NOT 2:* ', ' 1'],
    ['OR SUBJECT FIRST SUBJECT second', ' 1 2'],
    ['SINCE 20-May-1997 BEFORE 21-May-1997', ' 2'],
    ['SENTON 5-Mar-2002', ' 3'],
    ['LARGER 400', ' 3'],
    ['HEADER X-Y "zed"', ' 3'],
    ['CHARSET UTF-8 BODY {9+}\r\nlong body', ' 3'],
    ['(SEEN FROM "a@example") 1:2', ' 1'],
    ['UID 2:3 UNSEEN', ' 2 3'],
  ];
  for (const [search, found] of searches) expect(await client.run(`SEARCH ${search}`), search).toEqual([`* SEARCH${found}`, 'OK Searched.']);
  expect((await client.run('SEARCH')).at(-1)).toMatch(/^BAD/);
  expect((await client.run('SEARCH BEFORE yesterday')).at(-1)).toMatch(/^BAD/);
  expect((await client.run('SEARCH CHARSET KOI8-R ALL')).at(-1)).toMatch(/^NO \[BADCHARSET/);
});

test('what is too large is refused', async () => {
  await start({ messageCap: 200_000 });
  const client = await signedIn();
  client.send('a APPEND INBOX {200001}\r\n');
  expect(await client.until(/\r\n/)).toMatch(/^a NO \[TOOBIG\]/);
  client.send(`b CREATE {70000+}\r\n${'x'.repeat(70_000)}\r\nc NOOP\r\n`);
  expect(await client.until(/c OK.*\r\n/)).toMatch(/^b BAD/);
  client.send('d APPEND INBOX {200001+}\r\n');
  expect(await client.until(/\r\n/)).toMatch(/^\* BYE/);
  await client.closed;
  const long = await signedIn();
  long.send(`e ${'x'.repeat(70_000)}`);
  expect(await long.until(/\r\n/)).toMatch(/^\* BYE/);
});

test('the access log has every command before it is answered, and no secret', async () => {
  await start();
  const client = await signedIn();
  await client.run('SELECT INBOX');
  await replyOf(client, 'NONSENSE');
  const text = readFileSync(join(folder, 'access.log'), 'utf8');
  const entries = text.trim().split('\n').map((line) => JSON.parse(line) as Record<string, string>);
  const session = entries[0]?.['session'];
  expect(entries.every(({ time }) => time !== undefined)).toBe(true);
  expect(entries.map((entry) => ({ ...entry, time: undefined }))).toEqual([
    { session, port: 'imap', user: 'alice@example.net', command: 'LOGIN' },
    { session, port: 'imap', user: 'alice@example.net', result: 'yes' },
    { session, port: 'imap', user: 'alice@example.net', command: 'SELECT' },
    { session, port: 'imap', user: 'alice@example.net', command: 'unknown' },
  ]);
  expect(text).not.toContain('right');
});

test('no bytes end the server', async () => {
  seedMailbox(folder, 'alice@example.net', 'INBOX', [{ bytes: message('m'), internalDateMs: 0 }]);
  await start({ messageCap: 10_000 });
  const words = ['FETCH', 'UID', 'STORE', '1:*', '*', '(', ')', 'BODY[', 'BODY[HEADER.FIELDS (', '])', '<0.5>', '"', '\\Seen', '{3}', '{5+}', '{99999999999+}', 'LIST', '"" %', 'APPEND', 'INBOX', 'SEARCH', 'NOT', 'OR', 'COPY', 'IDLE', 'DONE', 'AUTHENTICATE PLAIN', 'CREATE', 'RENAME', '\0', '\r', 'SELECT', 'EXPUNGE', 'STATUS', '~{2+}', 'ENVELOPE', 'BODYSTRUCTURE'];
  const line = fc.array(fc.oneof({ weight: 4, arbitrary: fc.constantFrom(...words) }, { weight: 1, arbitrary: fc.string({ maxLength: 8, unit: 'binary' }) }), { maxLength: 8 }).map((parts) => `a ${parts.join(' ')}\r\n`);
  await fc.assert(
    fc.asyncProperty(fc.array(line, { minLength: 1, maxLength: 12 }), fc.boolean(), async (lines, first) => {
      const client = await anonymous();
      client.send(`l LOGIN alice@example.net right\r\n${first ? 's SELECT INBOX\r\n' : ''}${lines.join('')}`);
      // All is read and answered before the connection ends.
      client.end();
      await client.closed;
    }),
    { numRuns: 150 },
  );
  expect(failures).toEqual([]);
  const alive = await signedIn();
  expect((await alive.run('NOOP')).at(-1)).toBe('OK Done.');
});

test('several messages by one APPEND: all of them in their order, or none', async () => {
  await start();
  const client = await signedIn();
  const [one, two] = [message('one').toString('latin1'), message('a longer one').toString('latin1')];
  const both = await replyOf(client, `APPEND INBOX (\\Seen) {${one.length}+}\r\n${one} "17-Jul-1996 02:44:25 -0700" {${two.length}+}\r\n${two}`);
  expect(both).toMatch(/^OK \[APPENDUID \d+ 1:2\]/);
  expect(await replyOf(client, `APPEND INBOX {${one.length}+}\r\n${one} (\\Seen) "no date" {${two.length}+}\r\n${two}`)).toMatch(/^(BAD|NO) /);
  await client.run('SELECT INBOX');
  const listed = await client.run('UID FETCH 1:* (FLAGS RFC822.SIZE)');
  expect(listed.join('\n')).toMatch(new RegExp(`UID 1[^\\n]*\\\\Seen[^\\n]*RFC822.SIZE ${one.length}[^]*UID 2[^\\n]*RFC822.SIZE ${two.length}`));
  expect(listed).toHaveLength(3);
  expect(failures).toEqual([]);
});

test('a quota is told, counts all mailboxes, and refuses what goes over it but no move within', async () => {
  await start({ quota: 2_500 });
  const client = await signedIn();
  expect((await client.run('CAPABILITY'))[0]).toMatch(/ QUOTA QUOTA=RES-STORAGE$/);
  const bytes = message('x'.repeat(450));
  expect(await append(client, 'INBOX', bytes)).toMatch(/^OK/);
  expect(await replyOf(client, 'CREATE Other')).toMatch(/^OK/);
  expect(await append(client, 'Other', bytes)).toMatch(/^OK/);
  const told = `* QUOTA account (STORAGE ${Math.ceil((2 * bytes.length) / 1_024)} 2)`;
  expect(await client.run('GETQUOTAROOT Other')).toEqual(['* QUOTAROOT "Other" account', told, 'OK Done.']);
  expect(await client.run('GETQUOTA account')).toEqual([told, 'OK Done.']);
  expect(await replyOf(client, 'GETQUOTAROOT Nowhere')).toMatch(/^NO \[NONEXISTENT\]/);
  expect(await replyOf(client, 'GETQUOTA "other"')).toMatch(/^NO \[NONEXISTENT\]/);
  await client.run('SELECT INBOX');
  expect(await append(client, 'INBOX', bytes)).toMatch(/^NO \[OVERQUOTA\]/);
  expect(await replyOf(client, 'COPY 1 Other')).toMatch(/^NO \[OVERQUOTA\]/);
  expect(await replyOf(client, 'MOVE 1 Other')).toMatch(/^OK/);
  const mx = await rawClient(platform.lmtpPort);
  mx.send(`LHLO mx\r\nMAIL FROM:<>\r\nRCPT TO:<alice@example.net>\r\nRCPT TO:<bob@example.net>\r\nDATA\r\n`);
  await mx.until(/354 .*\r\n/);
  mx.send(`${bytes.toString('latin1')}.\r\nQUIT\r\n`);
  expect(await mx.until(/221 .*\r\n/)).toMatch(/^552 5\.2\.2 .*\r\n250 /);
  mx.close();
});

test('without a quota there is none', async () => {
  await start();
  const client = await signedIn();
  expect((await client.run('CAPABILITY'))[0]).not.toContain('QUOTA');
  expect(await replyOf(client, 'GETQUOTAROOT INBOX')).toMatch(/^BAD/);
});
