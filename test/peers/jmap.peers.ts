/** JMAP over a real Dovecot: what it offers and the practice platform does not, SORT, CONDSTORE, QRESYNC, MOVE, LIST-STATUS. */
import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Harness, harnessAt, message, USER } from '../../src/webmail/mail/harness.testing.ts';
import { PASSWORD, startPopDovecot } from './dovecot.ts';

type WasSet = { created: Record<string, { id: string; threadId: string }>; newState: string; updated: object | null; notUpdated: object | null; destroyed: string[] | null };
type Changed = { created: string[]; updated: string[]; destroyed: string[]; newState: string };
type Found = { ids: string[]; total: number; queryState: string };

let mail: Harness;
let boxes: Record<string, string>;

beforeAll(async () => {
  const folder = mkdtempSync(join(tmpdir(), 'jmap-dovecot-'));
  chmodSync(folder, 0o755);
  const dovecot = await startPopDovecot(folder, '%08Xu%08Xv');
  mail = await harnessAt(dovecot.imap, PASSWORD, async () => {
    await dovecot.stop();
    rmSync(folder, { recursive: true, force: true });
  });
  const other = await mail.imap();
  for (const name of ['Trash', 'Archiv']) await other.create(name);
  const seed = (n: number): { flags: string[]; internalDate: string; bytes: Buffer } => ({
    flags: n % 2 === 0 ? ['\\Seen'] : [],
    internalDate: `0${9 - n}-Jan-2026 00:00:00 +0000`,
    bytes: message({ From: `Person ${n} <p${n}@example.net>`, To: USER, Subject: `Nachricht ${n}`, 'Message-ID': `<${n}@x>`, ...(n > 2 ? { References: '<1@x>' } : {}) }, `Wörter ${n}\r\n`),
  });
  for (let n = 1; n <= 5; n += 1) await other.appendMany('INBOX', [seed(n)]);
  const { list } = await mail.call<{ list: { id: string; name: string }[] }>('Mailbox/get', { ids: null });
  boxes = Object.fromEntries(list.map(({ id, name }) => [name, id]));
});
afterAll(() => mail.close());

const subjects = async (args: Record<string, unknown>): Promise<string> => {
  const { ids } = await mail.call<Found>('Email/query', args);
  const { list } = await mail.call<{ list: { subject: string }[] }>('Email/get', { ids, properties: ['subject'] });
  return list.map(({ subject }) => subject.at(-1)).join('');
};

test('sorts and searches at the server', async () => {
  const filter = { inMailbox: boxes['Inbox'] };
  expect(await subjects({ filter })).toBe('12345');
  expect(await subjects({ filter, sort: [{ property: 'receivedAt' }] })).toBe('54321');
  expect(await subjects({ filter, sort: [{ property: 'from', isAscending: false }] })).toBe('54321');
  expect(await subjects({ filter, sort: [{ property: 'hasKeyword', keyword: '$seen', isAscending: false }, { property: 'subject' }] })).toBe('24135');
  expect(await subjects({ filter: { text: 'wörter' } })).toBe('12345');
  expect(await subjects({ filter: { body: 'Wörter 3' } })).toBe('3');
  expect(await subjects({ filter: { after: '2026-01-06T00:00:00Z', notKeyword: '$seen' } })).toBe('13');
  expect(await subjects({ filter, collapseThreads: true })).toBe('12');
  expect(await subjects({ filter: { text: 'x" OR ALL "\r\nA1 LOGOUT' } })).toBe('');
});

test('tells what changed, through us and through others', async () => {
  const { state } = await mail.call<{ state: string }>('Email/get', { ids: [] });
  const { ids } = await mail.call<Found>('Email/query', { filter: { inMailbox: boxes['Inbox'] }, sort: [{ property: 'receivedAt' }] });
  const [five, four, three] = ids as [string, string, string];
  const made = await mail.call<WasSet>('Email/set', { create: { k: { mailboxIds: { [boxes['Archiv'] as string]: true }, subject: 'neu 6' } } });
  const moved = await mail.call<WasSet>('Email/set', { update: { [four]: { mailboxIds: { [boxes['Archiv'] as string]: true } } } });
  expect(moved.notUpdated).toBeNull();
  const other = await mail.imap();
  await other.select('INBOX');
  await other.store('5', '+FLAGS', ['\\Flagged', '$Label']);
  await other.store('3', '+FLAGS', ['\\Deleted']);
  await other.expunge('3');
  const changes = await mail.call<Changed>('Email/changes', { sinceState: state });
  expect(changes.created).toEqual([made.created['k']?.id]);
  expect(changes.updated.sort()).toEqual([five, four].sort());
  expect(changes.destroyed).toEqual([three]);
  expect((await mail.call<{ list: object[] }>('Email/get', { ids: [five, four, three], properties: ['keywords', 'mailboxIds'] })).list).toEqual([
    { id: five, keywords: { $flagged: true, $label: true }, mailboxIds: { [boxes['Inbox'] as string]: true } },
    { id: four, keywords: { $seen: true }, mailboxIds: { [boxes['Archiv'] as string]: true } },
  ]);
  await mail.call<WasSet>('Email/set', { destroy: [four] });
  await expect(mail.call('Email/changes', { sinceState: changes.newState })).resolves.toMatchObject({ created: [], updated: [], destroyed: [four] });
});

test('a renamed mailbox keeps its id, and its mail', async () => {
  const made = await mail.call<WasSet>('Mailbox/set', { create: { p: { name: 'Häuser' }, c: { name: 'Kind', parentId: '#p' } } });
  const parent = made.created['p']?.id as string;
  const child = made.created['c']?.id as string;
  const email = await mail.call<WasSet>('Email/set', { create: { k: { mailboxIds: { [child]: true }, subject: 'bleibt' } } });
  await mail.call('Mailbox/set', { update: { [parent]: { name: 'Gärten' } } });
  await expect(mail.call('Mailbox/get', { ids: [parent, child], properties: ['name', 'totalEmails'] })).resolves.toMatchObject({ list: [{ id: parent, name: 'Gärten' }, { id: child, name: 'Kind', totalEmails: 1 }] });
  await expect(mail.call('Email/get', { ids: [email.created['k']?.id], properties: ['subject', 'mailboxIds'] })).resolves.toMatchObject({ list: [{ subject: 'bleibt', mailboxIds: { [child]: true } }] });
  await expect(mail.call('Mailbox/set', { destroy: [child, parent], onDestroyRemoveEmails: true })).resolves.toMatchObject({ destroyed: [child, parent] });
  expect([mail.faults, mail.thrown]).toEqual([[], []]);
});
