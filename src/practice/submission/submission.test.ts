import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { createPlatform, type Platform } from '../platform.ts';
import { rawClient, type RawClient } from '../raw-client.ts';
import { addUser } from '../seed.ts';

const plain = (text: string): string => Buffer.from(text).toString('base64');
const BEN = plain('\0ben@x\0pw');

let folder: string;
const cleanUps: (() => unknown)[] = [];
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'practice-submission-'));
  for (const name of ['old', 'new']) for (const user of ['ada@x', 'ben@x']) addUser(join(folder, name), user, 'pw');
});
afterEach(async () => {
  for (const each of cleanUps.splice(0).toReversed()) await each();
  rmSync(folder, { recursive: true });
});

async function start(name: string, more: { nextHopFile?: string; xclient?: boolean } = {}): Promise<Platform> {
  const platform = await createPlatform({ name, folder: join(folder, name), ...more });
  cleanUps.push(() => platform.close());
  return platform;
}

async function client(port: number): Promise<RawClient> {
  const raw = await rawClient(port);
  cleanUps.push(() => raw.close());
  await raw.until(/220 .*\r\n/);
  return raw;
}

const inbox = (name: string, user: string): string[] => {
  const cur = join(folder, name, user, 'Maildir', 'cur');
  try {
    return readdirSync(cur).map((file) => readFileSync(join(cur, file), 'latin1'));
  } catch {
    return [];
  }
};

const says = async (raw: RawClient, text: string, pattern: RegExp): Promise<string> => (raw.send(text), raw.until(pattern));

test('nothing without signing in; a message to two, one of them unknown', async () => {
  const { submissionPort } = await start('old');
  const raw = await client(submissionPort);
  await says(raw, 'MAIL FROM:<ben@x>\r\n', /530 5\.7\.0 .*\r\n/);
  await says(raw, 'XCLIENT LOGIN=ben@x\r\n', /550 5\.7\.0 .*\r\n/);
  await says(raw, `AUTH PLAIN ${plain('\0ben@x\0no')}\r\n`, /535 5\.7\.8 .*\r\n/);
  await says(raw, `AUTH PLAIN ${BEN}\r\n`, /235 .*\r\n/);
  await says(raw, 'MAIL FROM:<ben@x> SIZE=5\r\nRCPT TO:<ada@x>\r\nRCPT TO:<eve@x>\r\nDATA\r\n', /250 .*\r\n250 .*\r\n550 5\.1\.1 .*\r\n354 .*\r\n/);
  await says(raw, 'Subject: a\r\n\r\n..b\r\n.\r\nQUIT\r\n', /250 2\.0\.0 .*\r\n221 .*\r\n/);
  expect(inbox('old', 'ada@x')).toEqual(['Return-Path: <ben@x>\r\nSubject: a\r\n\r\n.b\r\n']);
});

test('a message whose end does not come is nobody’s', async () => {
  const { submissionPort } = await start('old');
  const raw = await client(submissionPort);
  await says(raw, `AUTH PLAIN ${BEN}\r\nMAIL FROM:<ben@x>\r\nRCPT TO:<ada@x>\r\nDATA\r\n`, /354 .*\r\n/);
  raw.send('Subject: a\r\n');
  raw.end();
  await raw.closed;
  expect(inbox('old', 'ada@x')).toEqual([]);
});

test('with a next hop all goes there, as does the next hop’s answer; without it nothing is taken', async () => {
  const target = await start('new');
  const nextHopFile = join(folder, 'next-hop');
  const { submissionPort } = await start('old', { nextHopFile });
  writeFileSync(nextHopFile, `127.0.0.1:${target.lmtpPort}\n`);
  const raw = await client(submissionPort);
  await says(raw, `AUTH PLAIN ${BEN}\r\nMAIL FROM:<ben@x>\r\nRCPT TO:<ada@x>\r\nRCPT TO:<eve@x>\r\nRCPT TO:<ben@x>\r\nDATA\r\n`, /250 .*\r\n250 .*\r\n550 .*\r\n250 .*\r\n354 .*\r\n/);
  await says(raw, 'Subject: a\r\n\r\n..b\r\n.\r\n', /250 2\.0\.0 Handed on\r\n/);
  for (const user of ['ada@x', 'ben@x']) expect([inbox('old', user), inbox('new', user)]).toEqual([[], ['Return-Path: <ben@x>\r\nSubject: a\r\n\r\n.b\r\n']]);

  writeFileSync(nextHopFile, '127.0.0.1:1');
  await says(raw, 'MAIL FROM:<ben@x>\r\nRCPT TO:<ada@x>\r\n', /250 .*\r\n451 4\.3\.0 .*\r\n/);
  await says(raw, 'DATA\r\n', /503 .*\r\n/);
});

test('a next hop that takes a message for some only: the client comes again', async () => {
  const server = createServer((socket) => {
    socket.on('error', () => {});
    socket.write('220 hop\r\n');
    let message = false;
    socket.on('data', (chunk) => {
      for (const line of chunk.toString().split('\r\n').slice(0, -1)) {
        if (line === '.') socket.write('250 taken\r\n451 not now\r\n');
        else if (!message) socket.write(line === 'DATA' ? '354 go\r\n' : '250 ok\r\n');
        message = line === 'DATA' || (message && line !== '.');
      }
    });
  }).listen(0, '127.0.0.1');
  cleanUps.push(() => server.close());
  const nextHopFile = join(folder, 'next-hop');
  await new Promise((resolve) => server.once('listening', resolve));
  writeFileSync(nextHopFile, `127.0.0.1:${(server.address() as { port: number }).port}`);
  const raw = await client((await start('old', { nextHopFile })).submissionPort);
  await says(raw, `AUTH PLAIN ${BEN}\r\nMAIL FROM:<ben@x>\r\nRCPT TO:<a@x>\r\nRCPT TO:<b@x>\r\nDATA\r\n`, /354 .*\r\n/);
  await says(raw, 'x\r\n.\r\n', /451 4\.3\.0 It was taken for some/);
});
