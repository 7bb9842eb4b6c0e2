/** Filters and the absence reply, as the portal writes them, at a real Pigeonhole, which then files mail by them, and at Cyrus. */
import { spawn } from 'node:child_process';
import { chmodSync, existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, expect, test } from 'vitest';
import { systemClock } from '../../src/events/clock.ts';
import { connect } from '../../src/sieve/connect.ts';
import { activate, changePart, listScripts, readPart, type RunSieve, withRules, writeText } from '../../src/webmail/filters/account-scripts.ts';
import { type Rule, ruleSchema } from '../../src/webmail/filters/api.ts';
import { mailboxNamesOf } from '../../src/webmail/filters/mailbox-names.ts';
import { LIMITS } from '../../src/webmail/jmap/limits.ts';
import { createMailContext } from '../../src/webmail/mail/context.ts';
import { type Harness, harnessAt, message, USER } from '../../src/webmail/mail/harness.testing.ts';
import { PASSWORD, startPopDovecot } from './dovecot.ts';
import { ask, call } from './lines.ts';

const cleanUps: (() => Promise<unknown> | unknown)[] = [];
afterEach(async () => {
  for (const each of cleanUps.splice(0).toReversed()) await each();
});

function folderOf(name: string): string {
  const folder = mkdtempSync(join(tmpdir(), name));
  chmodSync(folder, 0o755);
  cleanUps.push(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

const sieveAt = (port: number): RunSieve => async (work) => {
  const connection = await connect({ host: '127.0.0.1', port, tls: 'plain' }, { clock: systemClock, connectMs: 10_000, commandMs: 10_000 });
  try {
    await connection.login({ user: USER, password: PASSWORD });
    return await work(connection);
  } finally {
    connection.destroy();
  }
};

/** Each thing that a rule can ask for and do. */
const RULES: readonly Rule[] = [
  { name: 'Choir', match: 'any', conditions: [{ field: 'from', test: 'contains', value: 'choir' }, { field: 'list', test: 'contains', value: 'choir.example' }], actions: [{ kind: 'move', mailbox: ['Lists', 'Chœur "du nord"'] }, { kind: 'read' }, { kind: 'stop' }] },
  { name: 'Large', match: 'all', conditions: [{ field: 'size', test: 'over', bytes: 5_000 }, { field: 'subject', test: 'not-contains', value: 'urgent' }], actions: [{ kind: 'copy', mailbox: ['Large'] }, { kind: 'flag' }] },
  { name: 'From one', match: 'all', conditions: [{ field: 'from', test: 'is', value: 'bore@elsewhere.example' }], actions: [{ kind: 'discard' }] },
  { name: 'Forward', match: 'all', conditions: [{ field: 'to', test: 'contains', value: 'invoices' }], actions: [{ kind: 'forward', to: 'books@elsewhere.example', keepCopy: true }] },
  { name: 'Refused', match: 'all', conditions: [{ field: 'subject', test: 'is', value: 'Win "now"' }], actions: [{ kind: 'reject', message: 'No,\n.thank you.' }] },
].map((each) => ruleSchema.parse({ enabled: true, ...each }));

const vacation = { isEnabled: true, subject: 'Away', textBody: 'Until "May".\n.', htmlBody: '<p>Until May.</p>', fromDate: '2026-01-01T00:00:00Z', toDate: '2036-05-01T00:00:00Z' };

/** Writes rules, reply and another program's part, and reads them again. */
async function setAll(harness: Harness, run: RunSieve, rules: readonly Rule[]): Promise<void> {
  const theirs = 'require "fileinto";\r\nif header :is "Subject" "theirs" { fileinto "INBOX"; }\r\n';
  await writeText(run, 'roundcube', theirs);
  await activate(run, 'roundcube');
  const names = mailboxNamesOf(await createMailContext(harness.access, LIMITS, () => {}).mailboxes());
  const about = { own: [USER], mailboxName: names };
  const first = await readPart(run);
  await changePart(run, about, withRules(rules), first.revision);
  expect(await harness.call('VacationResponse/set', { update: { singleton: vacation } })).toMatchObject({ updated: { singleton: null }, notUpdated: null });
  expect(await harness.call('VacationResponse/get', {})).toMatchObject({ list: [vacation] });
  const found = await readPart(run);
  expect([found.part.rules, found.others, found.edited]).toEqual([rules, theirs, false]);
  expect(await listScripts(run)).toEqual([{ name: 'roundcube', active: true }]);
  await expect(changePart(run, about, withRules([]), first.revision)).rejects.toMatchObject({ code: 'conflict' });
  await expect(writeText(run, 'bad', 'require "fileinto"; keep')).rejects.toMatchObject({ code: 'input', customerText: expect.stringContaining('Your mail platform does not take this: ') });
  expect([harness.faults, harness.thrown]).toEqual([[], []]);
}

test('Pigeonhole takes what the portal writes, and files by it', async () => {
  const folder = folderOf('filters-dovecot-');
  const dovecot = await startPopDovecot(folder, '%08Xu%08Xv');
  const run = sieveAt(dovecot.sieve);
  const harness = await harnessAt(dovecot.imap, PASSWORD, dovecot.stop, undefined, run);
  cleanUps.push(() => harness.close());
  expect((await readPart(run)).able).toEqual({ move: true, flag: true, reject: true, vacation: true, dates: true });
  await setAll(harness, run, RULES);

  const deliver = async (fields: Record<string, string>, body = 'Hello\r\n'): Promise<void> => {
    const peer = await call(dovecot.lmtp);
    await peer.sees('220 ');
    for (const line of ['LHLO mx.example', 'MAIL FROM:<someone@elsewhere.example>', `RCPT TO:<${USER}>`]) await ask(peer, line, '\r\n250 ').catch(() => {});
    peer.send(`DATA\r\n${message({ To: USER, 'Message-ID': `<${Math.random()}@x>`, ...fields }, body).toString()}.\r\nQUIT\r\n`);
    await peer.sees('221 ');
    peer.socket.destroy();
  };
  await deliver({ From: 'Choir <choir@elsewhere.example>', Subject: 'one' });
  await deliver({ From: 'a@elsewhere.example', 'List-Id': '<all.choir.example>', Subject: 'two' });
  await deliver({ From: 'a@elsewhere.example', Subject: 'large' }, 'x'.repeat(70).concat('\r\n').repeat(100));
  await deliver({ From: 'Bore <bore@elsewhere.example>', Subject: 'away with it' });
  await deliver({ From: 'a@elsewhere.example', Subject: 'plain' });
  const { list } = await harness.call<{ list: { id: string; name: string; parentId: string | null }[] }>('Mailbox/get', { ids: null });
  const filed = async (name: string): Promise<unknown[]> => {
    const { ids } = await harness.call<{ ids: string[] }>('Email/query', { filter: { inMailbox: list.find((each) => each.name === name)?.id } });
    const { list: found } = await harness.call<{ list: { subject: string; keywords: object }[] }>('Email/get', { ids, properties: ['subject', 'keywords'] });
    return found.map(({ subject, keywords }) => [subject, ...Object.keys(keywords)]).toSorted();
  };
  expect(list.find(({ name }) => name === 'Chœur "du nord"')?.parentId).toBe(list.find(({ name }) => name === 'Lists')?.id);
  expect(await filed('Chœur "du nord"')).toEqual([['one', '$seen'], ['two', '$seen']]);
  expect(await filed('Large')).toEqual([['large', '$flagged']]);
  expect(await filed('Inbox')).toEqual([['large', '$flagged'], ['plain']]);
});

test.runIf(existsSync(join(import.meta.dirname, '../../var/cyrus')))('Cyrus takes it, too', async () => {
  const folder = folderOf('filters-cyrus-');
  const cyrus = spawn('/usr/bin/python3', ['-B', join(import.meta.dirname, 'cyrus_alone.py'), folder, USER, PASSWORD], { stdio: ['pipe', 'pipe', 'inherit'] });
  const ended = new Promise((resolve) => cyrus.once('exit', resolve));
  cleanUps.push(async () => {
    cyrus.stdin.end();
    await ended;
  });
  const ports = await new Promise<{ imap: number; sieve: number }>((resolve, reject) => {
    cyrus.stdout.once('data', (line: Buffer) => resolve(JSON.parse(line.toString())));
    cyrus.once('exit', () => reject(new Error('Cyrus did not start')));
  });
  const run = sieveAt(ports.sieve);
  const harness = await harnessAt(ports.imap, PASSWORD, async () => {}, undefined, run);
  cleanUps.push(() => harness.close());
  expect((await readPart(run)).able).toEqual({ move: true, flag: true, reject: true, vacation: true, dates: true });
  await setAll(harness, run, RULES);
});
