import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, expect, test } from 'vitest';
import { encodePlain } from '#wire/sasl.ts';
import { addMaster, addUser, createPlatform, type Platform, seedMailbox } from '../index.ts';
import { type RawClient, rawClient } from '../raw-client.ts';

const USER = 'alice@example.net';
const MAIL = ['Subject: one\r\n\r\n.dot\r\nsecond\r\nthird\r\n', 'Subject: two\r\n\r\nbare\nlf\n.\r\n..\r\nno end', 'Subject: three\r\n\r\n'];

let platform: Platform;
let folder: string;
const clients: RawClient[] = [];
afterEach(async () => {
  for (const client of clients.splice(0)) client.close();
  await platform.close();
  rmSync(folder, { recursive: true });
});

async function setUp(): Promise<void> {
  folder = mkdtempSync(join(tmpdir(), 'practice-pop3-'));
  addUser(folder, USER, 'a right  secret');
  addMaster(folder, 'boss', 'master');
  writeFileSync(join(folder, 'token'), 't0ken\n');
  seedMailbox(folder, USER, 'INBOX', MAIL.map((text) => ({ bytes: Buffer.from(text), internalDateMs: 1_000 })));
  platform = await createPlatform({ name: 'test', folder, master: { user: 'boss' }, trustedTokenFile: join(folder, 'token') });
}

async function dial(port = platform.pop3Port): Promise<{ client: RawClient; say: (text: string) => Promise<string>; lines: (text: string) => Promise<string> }> {
  const client = await rawClient(port);
  clients.push(client);
  await client.until(/\+OK test is ready\.\r\n/);
  const say = (text: string): Promise<string> => (client.send(`${text}\r\n`), client.until(/(?:\+OK|-ERR)[^\r]*\r\n/));
  const lines = (text: string): Promise<string> => (client.send(`${text}\r\n`), client.until(/\r\n\.\r\n/));
  return { client, say, lines };
}

async function signedIn(): Promise<Awaited<ReturnType<typeof dial>>> {
  const dialled = await dial();
  await dialled.say(`USER ${USER}`);
  expect(await dialled.say('PASS a right  secret')).toBe('+OK 3 messages.\r\n');
  return dialled;
}

test('lists and gives messages as they are stored, with their dots doubled', async () => {
  await setUp();
  const { say, lines } = await signedIn();
  const [one, two, three] = MAIL.map((text) => text.length);
  expect(await say('STAT')).toBe(`+OK 3 ${one! + two! + three!}\r\n`);
  expect(await lines('LIST')).toBe(`+OK\r\n1 ${one}\r\n2 ${two}\r\n3 ${three}\r\n.\r\n`);
  expect(await say('LIST 2')).toBe(`+OK 2 ${two}\r\n`);
  const ids = [...(await lines('UIDL')).matchAll(/^\d (\d+\.\d)\r$/gm)].map(([, id]) => id);
  expect(new Set(ids).size).toBe(3);
  expect(await say('UIDL 3')).toBe(`+OK 3 ${ids[2]}\r\n`);
  expect(await lines('RETR 1')).toBe('+OK Here it is.\r\nSubject: one\r\n\r\n..dot\r\nsecond\r\nthird\r\n.\r\n');
  expect(await lines('RETR 2')).toBe('+OK Here it is.\r\nSubject: two\r\n\r\nbare\nlf\n.\r\n...\r\nno end\r\n.\r\n');
  expect(await lines('TOP 1 0')).toBe('+OK Here it is.\r\nSubject: one\r\n\r\n.\r\n');
  expect(await lines('TOP 1 2')).toBe('+OK Here it is.\r\nSubject: one\r\n\r\n..dot\r\nsecond\r\n.\r\n');
  expect(await lines('TOP 3 9')).toBe('+OK Here it is.\r\nSubject: three\r\n\r\n.\r\n');
  for (const wrong of ['RETR 4', 'RETR 0', 'RETR x', 'RETR', 'TOP 1', 'TOP 1 x', 'LIST 9', 'UIDL 9', 'DELE', 'XTND', '', 'USER x']) {
    expect(await say(wrong)).toMatch(/^-ERR /);
  }
  expect(await lines('CAPA')).toContain('\r\nPIPELINING\r\n');
});

test('deletes at QUIT and only there; the maildrop is one session’s', async () => {
  await setUp();
  const first = await signedIn();
  const second = await dial();
  await second.say(`USER ${USER}`);
  expect(await second.say('PASS a right  secret')).toMatch(/^-ERR \[IN-USE\]/);
  await first.say('DELE 1');
  expect(await first.say('RETR 1')).toMatch(/^-ERR/);
  first.client.close();
  await first.client.closed;
  const third = await signedIn();
  await third.say('DELE 1');
  await third.say('DELE 2');
  await third.say('RSET');
  await third.say('DELE 3');
  expect(await third.say('STAT')).toMatch(/^\+OK 2 /);
  await third.say('QUIT');
  await third.client.closed;
  const last = await dial();
  await last.say(`USER ${USER}`);
  expect(await last.say('PASS a right  secret')).toBe('+OK 2 messages.\r\n');
});

test('the entrances, and no secret in the access log', async () => {
  await setUp();
  const tried = async (port: number, ...commands: string[]): Promise<string> => {
    const { client, say } = await dial(port);
    let answer = '';
    for (const command of commands) answer = await say(command);
    client.send('QUIT\r\n');
    await client.closed;
    return answer.slice(0, 9);
  };
  const { pop3Port, pop3TrustedPort } = platform;
  expect(await tried(pop3Port, `USER ${USER}*boss`, 'PASS master')).toBe('+OK 3 mes');
  expect(await tried(pop3Port, `AUTH PLAIN ${encodePlain({ authzid: USER, authcid: 'boss', secret: 'master' })}`)).toBe('+OK 3 mes');
  expect(await tried(pop3TrustedPort, `USER ${USER}`, 'PASS t0ken')).toBe('+OK 3 mes');
  expect(await tried(pop3Port, `USER ${USER}`, 'PASS t0ken')).toBe('-ERR [AUT');
  expect(await tried(pop3Port, 'PASS t0ken')).toBe('-ERR USER');
  expect(await tried(pop3Port, 'STAT')).toBe('-ERR Sign');
  const log = readFileSync(join(folder, 'access.log'), 'utf8');
  expect(log).toContain(`"port":"pop3-trusted","user":"${USER}","command":"PASS"`);
  expect(log).not.toMatch(/t0ken|master"|secret/);
});
