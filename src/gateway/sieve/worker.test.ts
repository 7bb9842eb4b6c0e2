import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createSecret } from '#config/index.ts';
import { addUser, createPlatform, type Platform } from '#practice/index.ts';
import { connect } from '#sieve/connect.ts';
import { encodePlain } from '#wire/sasl.ts';
import { type Listener, type Peer, settle } from '../peers.testing.ts';
import { goOnInTls, JOE, meet, scripted, startWorker, useWorkers } from '../worker.testing.ts';
import type { SignInAttempt } from '../workers.ts';

const folder = useWorkers();

const plain = (authcid: string, secret: string): string => encodePlain({ authcid, secret });
const SIGN_IN = `AUTHENTICATE "PLAIN" "${plain('joe', 'pw')}"\r\n`;
const GREETING = 'OK "scripted"\r\n';

let practice: Platform;
beforeAll(async () => {
  writeFileSync(join(folder, 'token'), 't0p');
  addUser(join(folder, 'old'), JOE, 'pw');
  practice = await createPlatform({ name: 'old', folder: join(folder, 'old'), trustedTokenFile: join(folder, 'token') });
});
afterAll(() => practice.close());

/** A worker before the practice platform, or a scripted one, whose trusted port is the only one that is asked. */
function setUp({ listener, ...parts }: { listener?: Listener; attempt?: SignInAttempt; connectionLimit?: number } = {}) {
  const platform = {
    sieve: { host: '127.0.0.1', port: listener === undefined ? practice.sievePort : 1, tls: 'plain', trustedNetwork: true },
    entrances: [{ kind: 'trusted', port: 1, sievePort: listener?.port ?? practice.sieveTrustedPort, secret: createSecret('t0p') }],
  };
  return startWorker({ protocol: 'sieve', platform, connect: { sieve: connect }, ...parts });
}

/** Plays the platform's side of a sign-in. */
async function letIn(listener: Listener, answer = 'OK "in"\r\n'): Promise<Peer> {
  const platform = await meet(listener);
  await platform.sees(`AUTHENTICATE "PLAIN" "${plain(JOE, 't0p')}"\r\n`);
  platform.send(answer);
  return platform;
}

test('through practice: signs in by the trusted entrance, all of it pipelined, and sees the platform’s capabilities', async () => {
  const { dial, attempts, workers } = await setUp();
  const client = dial();
  client.send(`${SIGN_IN}CAPABILITY\r\nPUTSCRIPT "a" {5+}\r\nkeep;\r\nLISTSCRIPTS\r\nLOGOUT\r\n`);
  await client.sees('OK "ManageSieve ready."\r\nOK "Signed in."\r\n"IMPLEMENTATION" "Practice old"\r\n');
  expect(await client.sees('OK "That is all."\r\n')).not.toContain('SASL');
  await client.sees('OK "Stored."\r\n"a"\r\nOK "That is all."\r\nOK "Goodbye."\r\n');
  await client.ended();
  expect(attempts).toMatchObject([{ protocol: 'sieve', login: 'joe', secret: 'pw' }]);
  await settle();
  expect(workers.sessions()).toBe(0);
  expect(readFileSync(join(folder, 'old', 'access.log'), 'utf8')).toContain('"port":"sieve-trusted"');
});

test('STARTTLS: what was sent in clear behind it is never looked at, and the capabilities are said again', async () => {
  const { dialClear, attempts } = await setUp();
  const client = dialClear();
  await client.sees('OK "ManageSieve ready."\r\n');
  client.socket.removeAllListeners('data');
  client.send(`STARTTLS\r\n${SIGN_IN}`);
  await new Promise((resolve) => client.socket.once('data', resolve));
  const inside = goOnInTls(client);
  expect(await inside.sees('OK "TLS is in use."\r\n')).toContain('"SASL" "PLAIN"\r\n');
  inside.send('NOOP "x"\r\n');
  expect(await inside.sees('\r\n')).toBe('OK (TAG "x") "Done."\r\n');
  expect(attempts).toEqual([]);
});

test('the replies: a plain NO only for a rejection, held back, on an open connection', async () => {
  const rejecting = await setUp({ attempt: async () => ({ verdict: 'rejected', reason: 'secret' }) });
  const client = rejecting.dial();
  client.send(SIGN_IN);
  await client.sees('ready."\r\n');
  await settle();
  expect(client.all()).not.toContain('NO ');
  rejecting.clock.advance(2_000);
  await client.sees('NO "Authentication failed: ');
  client.send('NOOP\r\n');
  await client.sees('OK "Done."\r\n');
  const down = await setUp({ attempt: async () => ({ verdict: 'unavailable', reason: 'verifier-down' }) });
  const other = down.dial();
  other.send(SIGN_IN);
  await other.sees('ready."\r\n');
  await settle();
  down.clock.advance(2_000);
  await other.sees('NO (TRYLATER) "Account is temporarily unavailable, service busy, please wait. Your password was not rejected."\r\n');
});

test('a platform that refuses, is busy, hangs up: unavailable, and no session stays', async () => {
  const listener = await scripted(GREETING);
  const { dial, clock, workers } = await setUp({ listener });
  for (const answer of ['NO "Authentication failed."\r\n', 'NO (TRYLATER)\r\n', 'BYE\r\n', 'HELLO\r\n']) {
    const client = dial();
    client.send(SIGN_IN);
    const platform = await letIn(listener, answer);
    await platform.ended();
    await settle();
    clock.advance(2_000);
    await client.sees('NO (TRYLATER) "Account is temporarily unavailable');
    client.socket.destroy();
  }
  await settle();
  expect(workers.sessions()).toBe(0);
});

test('a hold: frozen, cut with LOGOUT, the client told to come again; a script that waited is not stored at the source', async () => {
  const listener = await scripted(GREETING);
  const { dial, workers } = await setUp({ listener });
  const client = dial();
  client.send(SIGN_IN);
  const platform = await letIn(listener);
  await client.sees('OK "Signed in."\r\n');
  expect(await workers.participant.freeze(7, 1, 2_000)).toBe('quiet');
  client.send('PUTSCRIPT "a" {5+}\r\nkeep;\r\n');
  const cut = workers.participant.cut(7);
  await client.sees('BYE (TRYLATER) "This connection is over. Please connect again."\r\n');
  await platform.sees('LOGOUT\r\n');
  platform.socket.end();
  await cut;
  expect([platform.all().includes('PUTSCRIPT'), workers.sessions()]).toEqual([false, 0]);
});

test('over the cap there is a ManageSieve goodbye', async () => {
  const { dial } = await setUp({ connectionLimit: 1 });
  await dial().sees('ready."\r\n');
  const second = dial();
  await second.sees('BYE (TRYLATER) "Service is temporarily unavailable, please wait."\r\n');
  await second.ended();
});
