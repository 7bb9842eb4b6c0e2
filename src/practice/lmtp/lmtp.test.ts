import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { addUsers, createPlatform, type Platform } from '../index.ts';
import { rawClient } from '../raw-client.ts';

let folder: string;
let platform: Platform;

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'practice-test-'));
  addUsers(folder, [{ user: 'alice@example.net' }, { user: 'bob@example.net' }]);
  platform = await createPlatform({ name: 'test', folder, messageCap: 100_000 });
});

afterEach(async () => {
  await platform.close();
  rmSync(folder, { recursive: true });
});

function inboxOf(user: string): string[] {
  const cur = join(folder, user, 'Maildir/cur');
  return readdirSync(cur).map((name) => readFileSync(join(cur, name), 'latin1'));
}

test('answers each recipient, keeps the bytes, adds one line', async () => {
  const client = await rawClient(platform.lmtpPort);
  client.send('LHLO mx\r\nMAIL FROM:<s@example.org> SIZE=20 BODY=8BITMIME\r\nRCPT TO:<Alice@example.net>\r\nRCPT TO:<nobody@example.net>\r\nRCPT TO:<bob+list@example.net>\r\nDATA\r\n');
  expect((await client.until(/354 .*\r\n/)).split('\r\n').map((line) => line.slice(0, 3))).toEqual([
    '220', '250', '250', '250', '250', '250', '250', '250', '250', '550', '250', '354', '',
  ]);
  const body = 'Return-Path: <old@x>\r\nSubject: x\r\n\r\nlone\rcr, lf\n.\n.dot\r\n..two\0\xff\r\n';
  client.send(`${body.replaceAll('\r\n.', '\r\n..')}.\r\nQUIT\r\n`);
  expect(await client.until(/221 .*\r\n/)).toMatch(/^250 .*\r\n250 .*\r\n221 /);
  await client.closed;
  for (const user of ['alice@example.net', 'bob@example.net']) expect(inboxOf(user)).toEqual([`Return-Path: <s@example.org>\r\n${body}`]);
  expect(readdirSync(join(folder, 'tmp'))).toEqual([]);
  const log = readFileSync(join(folder, 'access.log'), 'utf8').trim().split('\n').map((line) => JSON.parse(line) as { recipient: string; result: string });
  expect(log.map(({ recipient, result }) => `${recipient} ${result}`)).toEqual([
    'Alice@example.net 250', 'nobody@example.net 550', 'bob+list@example.net 250', 'Alice@example.net 250', 'bob+list@example.net 250',
  ]);
});

test('what is too large is refused, what is broken off is not delivered', async () => {
  const client = await rawClient(platform.lmtpPort);
  client.send('LHLO mx\r\nMAIL FROM:<> SIZE=100001\r\nMAIL FROM:<>\r\nDATA\r\nRCPT TO:<alice@example.net>\r\nDATA\r\n');
  expect(await client.until(/354 .*\r\n/)).toMatch(/\r\n552 .*\r\n250 .*\r\n503 .*\r\n250 .*\r\n354 /);
  client.send(`${'x'.repeat(100_000)}\r\n.\r\n`);
  expect(await client.until(/\n/)).toMatch(/^552 /);
  client.send('MAIL FROM:<>\r\nRCPT TO:<alice@example.net>\r\nDATA\r\n');
  await client.until(/354 .*\r\n/);
  client.send('Subject: half\r\n\r\nhalf');
  client.close();
  await client.closed;
  const next = await rawClient(platform.lmtpPort);
  await next.until(/220 .*\r\n/);
  next.send(`${'y'.repeat(20_000)}`);
  await next.closed;
  expect(inboxOf('alice@example.net')).toEqual([]);
});
