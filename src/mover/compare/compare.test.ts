import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, expect, test } from 'vitest';
import { systemClock } from '#events/clock.ts';
import { connect } from '#imap/connect.ts';
import type { ImapConnection } from '#imap/connection.ts';
import { addUser, createPlatform, seedMailbox, type SeedMessage } from '#practice/index.ts';
import { mail } from '../testing.ts';
import { compareAccounts, type CompareProgress } from './compare.ts';

const cleanUps: (() => Promise<unknown> | unknown)[] = [];
afterEach(async () => {
  for (const each of cleanUps.splice(0).toReversed()) await each();
});

type Mailboxes = Readonly<Record<string, readonly SeedMessage[]>>;

/** An account on a platform of its own, and a session of it. */
async function open(mailboxes: Mailboxes, separator: '/' | '.' = '/'): Promise<ImapConnection> {
  const folder = mkdtempSync(join(tmpdir(), 'compare-'));
  cleanUps.push(() => rmSync(folder, { recursive: true, force: true }));
  addUser(folder, 'ada', undefined);
  for (const [name, messages] of Object.entries(mailboxes)) seedMailbox(folder, 'ada', name, messages, { separator });
  writeFileSync(join(folder, 'token'), 'let-me-in');
  const platform = await createPlatform({ name: 'one', folder, separator, trustedTokenFile: join(folder, 'token') });
  cleanUps.push(() => platform.close());
  const connection = await connect({ host: '127.0.0.1', port: platform.trustedPort, tls: 'plain' }, { clock: systemClock, connectMs: 20_000, commandMs: 20_000 });
  cleanUps.push(() => connection.destroy());
  await connection.login({ user: 'ada', password: 'let-me-in' });
  return connection;
}

const twice = mail('twice');
const MAIL: Mailboxes = {
  INBOX: [...Array.from({ length: 1_100 }, (_, n) => mail(`number ${n}`, { internalDateMs: 1e12 + n * 1_000 })), twice, twice, mail('flagged', { flags: ['\\Seen'], keywords: ['Work'] })],
  'Archiv/2024/Büro': [mail('old'), mail('large', { size: 9_000_000 })],
  Empty: [],
};

test('the same mail in another order and under another separator is equal, and nothing was changed by looking', async () => {
  const shuffled = { ...MAIL, INBOX: MAIL['INBOX']!.toReversed() };
  const [source, target] = [await open(MAIL), await open(Object.fromEntries(Object.entries(shuffled).map(([name, messages]) => [name.replaceAll('/', '.'), messages])), '.')];
  const seen: CompareProgress[] = [];
  const result = await compareAccounts(source, target, { name: 5, onProgress: (progress) => seen.push({ ...progress }) });
  expect(result).toMatchObject({ equal: true, differences: { missing: 0, surplus: 0, flags: 0, dates: 0, unread: 0 }, absent: [], named: [] });
  expect(result.mailboxes.map((each) => [each.source?.mailbox, each.target?.mailbox, each.source?.count])).toContainEqual(['Archiv/2024/Büro', 'Archiv.2024.Büro', 2]);
  for (const { source: a, target: b } of result.mailboxes) expect([b?.count, b?.bytes, b?.digest]).toEqual([a?.count, a?.bytes, a?.digest]);
  expect(seen.at(-1)).toMatchObject({ messages: 2 * 1_105, ofMessages: 2 * 1_105 });
  await target.examine('INBOX');
  expect((await target.fetchMeta('1:*')).filter(({ flags }) => flags.includes('\\Seen'))).toHaveLength(1);
});

test('what differs is counted, told apart and named', async () => {
  const source = await open({
    INBOX: [mail('lost'), twice, twice, mail('altered', { flags: ['\\Seen', '\\Flagged'] }), mail('moved in time', { internalDateMs: 1e12 }), mail('kept')],
    Gone: [],
    Sent: [mail('\u001b[31msent')],
  });
  const target = await open({ INBOX: [mail('kept'), twice, mail('altered', { flags: ['\\Seen'] }), mail('moved in time', { internalDateMs: 1.5e12 }), mail('spam')], Extra: [mail('more')], Drafts: [], Sent: [] });
  const result = await compareAccounts(source, target, { name: 10 });
  expect(result).toMatchObject({ equal: false, differences: { missing: 3, surplus: 2, flags: 1, dates: 1, unread: 0 }, absent: ['Gone'] });
  expect(result.named.map(({ kind, side, mailbox, label, detail }) => [kind, side, mailbox, label?.messageId, label?.subject, detail])).toEqual([
    ['missing', 'source', 'INBOX', '<lost@example.org>', 'lost', undefined],
    ['missing', 'source', 'INBOX', '<twice@example.org>', 'twice', undefined],
    ['surplus', 'target', 'INBOX', '<spam@example.org>', 'spam', undefined],
    ['flags', 'source', 'INBOX', '<altered@example.org>', 'altered', ['\\flagged \\seen', '\\seen']],
    ['dates', 'source', 'INBOX', '<moved in time@example.org>', 'moved in time', [new Date(1e12).toISOString(), new Date(1.5e12).toISOString()]],
    ['missing', 'source', 'Sent', '< [31msent@example.org>', '[31msent', undefined],
    ['surplus', 'target', 'Extra', '<more@example.org>', 'more', undefined],
  ]);
  const few = await compareAccounts(source, target, { name: 1 });
  expect(few.differences).toEqual(result.differences);
  expect(few.named.map(({ kind }) => kind)).toEqual(['missing', 'surplus', 'flags', 'dates']);
});

test('a message that is listed and not given is never taken for equal', async () => {
  const source = await open({ INBOX: [mail('one'), mail('two'), mail('three')] });
  const target = await open({ INBOX: [mail('one'), mail('three')] });
  // The platform answers NO to every FETCH of bodies that has the second message in it, as a real one with a broken file does.
  const broken: ImapConnection = {
    ...source,
    capabilities: source.capabilities,
    fetchBodies: (uids, onBody, options) => (['1:3', '2'].includes(uids) ? source.run('STATUS nowhere (MESSAGES)').then(() => {}) : source.fetchBodies(uids, onBody, options)),
  };
  const result = await compareAccounts(broken, target, { name: 5 });
  expect(result).toMatchObject({ equal: false, differences: { missing: 0, surplus: 0, flags: 0, dates: 0, unread: 1 } });
  expect(result.named).toMatchObject([{ kind: 'unread', side: 'source', uid: 2, label: { subject: 'two' } }]);
});
