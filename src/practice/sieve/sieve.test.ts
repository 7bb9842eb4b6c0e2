import { mkdtempSync, readFileSync, readlinkSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, expect, test } from 'vitest';
import { encodePlain } from '#wire/sasl.ts';
import { addMaster, addUser, createPlatform, type Platform } from '../index.ts';
import { type RawClient, rawClient } from '../raw-client.ts';

const USER = 'alice@example.net';
/** A name that must not lead elsewhere, and is more than ASCII (as it looks to one who reads bytes). */
const ODD = Buffer.from('a/../ü').toString('latin1');
const SCRIPT = 'require "fileinto";\r\nif header :is "Subject" "x" { fileinto "Old"; }\r\n';

let platform: Platform;
let folder: string;
const clients: RawClient[] = [];
afterEach(async () => {
  for (const client of clients.splice(0)) client.close();
  await platform.close();
  rmSync(folder, { recursive: true });
});

async function setUp(): Promise<void> {
  folder = mkdtempSync(join(tmpdir(), 'practice-sieve-'));
  addUser(folder, USER, 'right secret');
  addMaster(folder, 'boss', 'master');
  writeFileSync(join(folder, 'token'), 't0ken\n');
  platform = await createPlatform({ name: 'test', folder, master: { user: 'boss' }, trustedTokenFile: join(folder, 'token') });
}

type Dialled = { client: RawClient; greeting: string; say: (text: string) => Promise<string> };

async function dial(port = platform.sievePort): Promise<Dialled> {
  const client = await rawClient(port);
  clients.push(client);
  const greeting = await client.until(/OK "test is ready\."\r\n/);
  const say = (text: string): Promise<string> => (client.send(`${text}\r\n`), client.until(/^(?:OK|NO|BYE)[^\n]*\r\n/m));
  return { client, greeting, say };
}

const plain = (authcid: string, secret: string, authzid = ''): string => encodePlain({ authzid, authcid, secret });

async function signedIn(): Promise<Dialled> {
  const dialled = await dial();
  expect(await dialled.say(`AUTHENTICATE "PLAIN" "${plain(USER, 'right secret')}"`)).toBe('OK "Signed in."\r\n');
  return dialled;
}

const put = (name: string, script: string): string => `PUTSCRIPT "${name}" {${script.length}+}\r\n${script}`;

test('scripts are stored, listed, activated, renamed and deleted', async () => {
  await setUp();
  const { say, greeting } = await signedIn();
  expect(greeting).toContain('"SASL" "PLAIN"\r\n');
  expect(await say('HAVESPACE "a" 100')).toMatch(/^OK/);
  expect(await say('HAVESPACE "a" 99999999')).toMatch(/^NO \(QUOTA\/MAXSIZE\) /);
  expect(await say(put(ODD, SCRIPT))).toBe('OK "Stored."\r\n');
  expect(await say(put('b', 'keep'))).toBe('NO "A semicolon is missing at the end."\r\n');
  expect(await say(put('b', 'keep;'))).toMatch(/^OK/);
  expect(await say('SETACTIVE {1+}\r\nb')).toMatch(/^OK/);
  expect(await say('LISTSCRIPTS')).toBe(`"${ODD}"\r\n"b" ACTIVE\r\nOK "That is all."\r\n`);
  expect(await say(`GETSCRIPT "${ODD}"`)).toBe(`{${SCRIPT.length}}\r\n${SCRIPT}\r\nOK "Here it is."\r\n`);
  expect(await say('DELETESCRIPT "b"')).toMatch(/^NO /);
  expect(await say('RENAMESCRIPT "b" "c"')).toMatch(/^OK/);
  expect(readlinkSync(join(folder, USER, 'sieve', 'active'))).toBe('c.sieve');
  expect(await say(`RENAMESCRIPT "c" "${ODD}"`)).toMatch(/^NO \(ALREADYEXISTS\) /);
  expect(await say('SETACTIVE ""')).toMatch(/^OK/);
  expect(await say('DELETESCRIPT "c"')).toMatch(/^OK/);
  expect(await say('LISTSCRIPTS')).toBe(`"${ODD}"\r\nOK "That is all."\r\n`);
  expect(await say('CHECKSCRIPT "keep; }"')).toBe('NO "line 1: } closes nothing."\r\n');
  for (const wrong of ['GETSCRIPT "c"', 'SETACTIVE "c"', 'PUTSCRIPT "a"', 'PUTSCRIPT "" "keep;"', 'XYZ', '', '"NOOP"', 'UNAUTHENTICATE']) {
    expect(await say(wrong), wrong).toMatch(/^NO /);
  }
  expect(await say('NOOP "tag"')).toBe('OK (TAG "tag") "Done."\r\n');
  expect(await say('CAPABILITY')).toContain(`"OWNER" "${USER}"\r\n`);
  expect(await say('LOGOUT')).toMatch(/^OK/);
});

test('the entrances, and no secret in the access log', async () => {
  await setUp();
  const tried = async (port: number, command: string): Promise<string> => {
    const { say, client } = await dial(port);
    const answer = await say(command);
    client.close();
    return answer.slice(0, 14);
  };
  const { sievePort, sieveTrustedPort } = platform;
  expect(await tried(sievePort, `AUTHENTICATE "PLAIN" "${plain(`${USER}*boss`, 'master')}"`)).toBe('OK "Signed in.');
  expect(await tried(sievePort, `AUTHENTICATE "PLAIN" "${plain('boss', 'master', USER)}"`)).toBe('OK "Signed in.');
  expect(await tried(sieveTrustedPort, `AUTHENTICATE "PLAIN" "${plain(USER, 't0ken')}"`)).toBe('OK "Signed in.');
  expect(await tried(sievePort, `AUTHENTICATE "PLAIN" "${plain(USER, 't0ken')}"`)).toBe('NO "Authentica');
  expect(await tried(sievePort, 'AUTHENTICATE "LOGIN"')).toBe('NO "Only PLAIN');
  expect(await tried(sievePort, 'LISTSCRIPTS')).toBe('NO "Sign in fi');
  const { client, say } = await dial();
  client.send('AUTHENTICATE "PLAIN"\r\n');
  await client.until(/""\r\n/);
  expect(await say(`"${plain(USER, 'right secret')}"`)).toMatch(/^OK/);
  const log = readFileSync(join(folder, 'access.log'), 'utf8');
  expect(log).toContain(`"port":"sieve-trusted","user":"${USER}","command":"AUTHENTICATE"`);
  expect(log).not.toMatch(/t0ken|master"|secret/);
});
