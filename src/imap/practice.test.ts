/** The client against a real server of the house, for what no script shows: that both agree. */
import { createHash, randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { systemClock } from '#events/clock.ts';
import { addMaster, addUsers, createPlatform, type Platform } from '#practice/index.ts';
import { connect, type ImapConnection } from './connect.ts';
import { responseCodeOf } from './refusal.ts';
import { bodyOf, failureOf } from './scripted-server.testing.ts';

let folder: string;
let platform: Platform;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'imap-practice-'));
  addUsers(folder, [
    { user: 'anna@example.net', secret: 'right' },
    { user: 'bert@example.net', secret: 'other' },
  ]);
  addMaster(folder, 'causeway', 'master secret');
  platform = await createPlatform({ name: 'practice', folder, master: { user: 'causeway' } });
});

afterAll(async () => {
  await platform.close();
  rmSync(folder, { recursive: true });
});

const open = (): Promise<ImapConnection> =>
  connect({ host: '127.0.0.1', port: platform.imapPort, tls: 'plain' }, { clock: systemClock, connectMs: 60_000, commandMs: 60_000 });

test('carries messages of all sizes from one account to another, streaming', async () => {
  const source = await open();
  const target = await open();
  await Promise.all([
    source.login({ user: 'anna@example.net', password: 'right' }),
    target.login({ user: 'causeway', password: 'master secret', authzid: 'bert@example.net' }),
  ]);
  await source.create('Ablage/Übriges');
  const texts = [Buffer.from(''), Buffer.from('a\rb\nc\r\n'), randomBytes(300_000), randomBytes(3_000_000)];
  const uids = await Promise.all(
    texts.map((text, n) =>
      source.append(
        'Ablage/Übriges',
        { flags: n % 2 === 0 ? ['\\Seen', '$Work'] : [], internalDate: '17-Jul-1996 02:44:25 -0700', size: text.length },
        bodyOf(text.subarray(0, 7), text.subarray(7)),
      ),
    ),
  );
  expect(uids.map((appended) => appended?.uid)).toEqual([1, 2, 3, 4]);

  await target.create('Ablage/Übriges');
  await target.subscribe('Ablage/Übriges');
  const listed = await target.lsub('', '*');
  expect(listed.map(({ name }) => name)).toEqual(['Ablage/Übriges']);
  const { exists, uidNext } = await source.examine('Ablage/Übriges');
  expect([exists, uidNext]).toEqual([4, 5]);
  const meta = new Map((await source.fetchMeta('1:*')).map((message) => [message.uid, message]));
  const ledger = new Map<number, number | undefined>();
  await source.fetchBodies('1:*', async ({ uid, size, body }) => {
    const { flags = [], internalDate = '' } = meta.get(uid) ?? {};
    ledger.set(uid, (await target.append('Ablage/Übriges', { flags, internalDate, size }, body))?.uid);
  });
  expect([...ledger]).toEqual([[1, 1], [2, 2], [3, 3], [4, 4]]);

  await target.select('Ablage/Übriges');
  expect(await target.fetchMeta('1:*')).toEqual([...meta.values()]);
  const digests: string[] = [];
  await target.fetchBodies('1:*', async ({ uid, body }) => {
    const hash = createHash('sha256');
    for await (const chunk of body) hash.update(chunk);
    digests[uid - 1] = hash.digest('hex');
  });
  expect(digests).toEqual(texts.map((text) => createHash('sha256').update(text).digest('hex')));

  await target.store('2', '+FLAGS', ['\\Deleted']);
  await target.expunge('1:3');
  expect(await target.status('Ablage/Übriges', ['MESSAGES', 'UIDNEXT'])).toEqual({ MESSAGES: 3, UIDNEXT: 5 });
  await Promise.all([source.logout(), target.logout()]);
});

test('refusals come as such, and IDLE hears of a new message', async () => {
  const connection = await open();
  const wrong = await failureOf(connection.login({ user: 'anna@example.net', password: 'wrong' }));
  expect(wrong).toMatchObject({ code: 'refused' });
  await connection.login({ user: 'anna@example.net', password: 'right' });
  const message = { flags: [], internalDate: '', size: 2 };
  const missing = await failureOf(connection.append('nowhere', message, bodyOf('hi')));
  expect(responseCodeOf(missing)).toBe('TRYCREATE');
  await connection.select('INBOX');
  const heard = new AbortController();
  const idling = connection.idle((response) => {
    if (response.kind === 'data' && response.name === 'EXISTS') heard.abort();
  }, heard.signal);
  const other = await open();
  await other.login({ user: 'anna@example.net', password: 'right' });
  await other.append('INBOX', message, bodyOf('hi'));
  await idling;
  await Promise.all([connection.logout(), other.logout()]);
});
