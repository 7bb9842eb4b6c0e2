import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createSecret } from '#config/index.ts';
import { connect } from '#pop3/connect.ts';
import { addUser, createPlatform, type Platform, seedMailbox } from '#practice/index.ts';
import { type Listener, type Peer, settle } from '../peers.testing.ts';
import { goOnInTls, JOE, meet, scripted, startWorker, useWorkers } from '../worker.testing.ts';
import type { FindUidls, SignInAttempt } from '../workers.ts';

const folder = useWorkers();

const MAIL = ['Subject: a\r\n\r\n.a\r\n', 'Subject: b\r\n\r\nb\r\n'];
const GREETING = '+OK scripted\r\n';

let practice: Platform;
beforeAll(async () => {
  writeFileSync(join(folder, 'token'), 't0p');
  addUser(join(folder, 'old'), JOE, 'pw');
  seedMailbox(join(folder, 'old'), JOE, 'INBOX', MAIL.map((text) => ({ bytes: Buffer.from(text), internalDateMs: 1_000 })));
  practice = await createPlatform({ name: 'old', folder: join(folder, 'old'), trustedTokenFile: join(folder, 'token') });
});
afterAll(() => practice.close());

/** A worker before the practice platform, or a scripted one, whose trusted port is the only one that is asked. */
function setUp({ listener, ...parts }: { listener?: Listener; attempt?: SignInAttempt; judgeable?: boolean; uidls?: FindUidls; connectionLimit?: number } = {}) {
  const platform = {
    pop3: { host: '127.0.0.1', port: listener === undefined ? practice.pop3Port : 1, tls: 'plain', trustedNetwork: true },
    entrances: [{ kind: 'trusted', port: 1, pop3Port: listener?.port ?? practice.pop3TrustedPort, secret: createSecret('t0p') }],
  };
  return startWorker({ protocol: 'pop3', platform, connect: { pop3: connect }, ...parts });
}

/** Plays the platform's side of a sign-in. */
async function letIn(listener: Listener): Promise<Peer> {
  const platform = await meet(listener);
  await platform.sees('USER joe@example.net\r\n');
  platform.send('+OK\r\n');
  await platform.sees('PASS t0p\r\n');
  platform.send('+OK in\r\n');
  await platform.sees('CAPA\r\n');
  platform.send('+OK\r\nPIPELINING\r\nSASL PLAIN\r\n.\r\n');
  return platform;
}

test('a moved account: its clients see the ids that they know; without them there is no session, and nothing is dialled', async () => {
  const listener = await scripted(GREETING);
  const asked: unknown[] = [];
  const { dial } = await setUp({ listener, uidls: async (...who) => (asked.push(who), { epoch: 3, marked: false, kept: 'new1 old1\n' }) });
  const client = dial();
  client.send('USER joe\r\nPASS pw\r\nUIDL\r\nUIDL 1\r\n');
  const platform = await letIn(listener);
  await platform.sees('UIDL\r\nUIDL 1\r\n');
  platform.send('+OK\r\n1 new1\r\n2 new2\r\n3 old1\r\n.\r\n+OK 1 new1\r\n');
  await client.sees('+OK Signed in.\r\n+OK\r\n1 old1\r\n2 new2\r\n3 3~old1\r\n.\r\n+OK 1 old1\r\n');
  expect(asked).toEqual([[7, 'old']]);

  for (const uidls of [async () => Promise.reject(new Error('the store is away')), async () => ({ epoch: 3, marked: false, kept: 'torn' })]) {
    const without = await setUp({ listener, uidls });
    const turnedAway = without.dial();
    turnedAway.send('USER joe\r\nPASS pw\r\nUIDL\r\n');
    await turnedAway.sees('+OK The password, please.\r\n');
    while (!turnedAway.all().includes('-ERR [SYS/TEMP]')) {
      without.clock.advance(1_000);
      await settle();
    }
    expect(turnedAway.all()).not.toMatch(/\[AUTH\]|Signed in/);
    await settle();
    expect(without.workers.sessions()).toBe(0);
  }
});

test('through practice: signs in by the trusted entrance, all of it pipelined, fetches, deletes', async () => {
  const { dial, attempts, workers } = await setUp();
  const client = dial();
  client.send('USER joe\r\nPASS pw\r\nSTAT\r\nUIDL\r\nRETR 1\r\nCAPA\r\nDELE 1\r\nQUIT\r\n');
  await client.sees('+OK POP3 ready.\r\n+OK The password, please.\r\n+OK Signed in.\r\n+OK 2 ');
  await client.sees('\r\n..a\r\n.\r\n');
  expect(await client.sees('\r\n.\r\n')).not.toContain('SASL');
  await client.sees('+OK Marked.\r\n+OK Goodbye.\r\n');
  await client.ended();
  expect(attempts).toMatchObject([{ protocol: 'pop3', login: 'joe', secret: 'pw' }]);
  await settle();
  expect(workers.sessions()).toBe(0);
  const again = dial();
  again.send('USER joe\r\nPASS pw\r\nSTAT\r\nQUIT\r\n');
  await again.sees(`+OK 1 ${MAIL[1]!.length}\r\n`);
  await again.ended();
  expect(readFileSync(join(folder, 'old', 'access.log'), 'utf8')).toContain('"port":"pop3-trusted"');
});

test('STLS: what was sent in clear behind it is never looked at', async () => {
  const { dialClear, attempts } = await setUp();
  const client = dialClear();
  await client.sees('ready.\r\n');
  client.socket.removeAllListeners('data');
  client.send('STLS\r\nUSER mallory\r\nPASS pw\r\n');
  await new Promise((resolve) => client.socket.once('data', resolve));
  const inside = goOnInTls(client);
  inside.send('CAPA\r\n');
  expect(await inside.sees('\r\n.\r\n')).toMatch(/^\+OK\r\nUSER\r\n/);
  expect(attempts).toEqual([]);
});

test('the replies: [AUTH] only for a rejection, held back, on an open connection', async () => {
  const rejecting = await setUp({ attempt: async () => ({ verdict: 'rejected', reason: 'secret' }) });
  const client = rejecting.dial();
  client.send('USER joe\r\nPASS wrong\r\n');
  await client.sees('please.\r\n');
  await settle();
  expect(client.all()).not.toContain('-ERR');
  rejecting.clock.advance(2_000);
  await client.sees('-ERR [AUTH] ');
  client.send('CAPA\r\n');
  await client.sees('USER\r\n');
  const down = await setUp({ attempt: async () => ({ verdict: 'unavailable', reason: 'verifier-down' }) });
  const other = down.dial();
  other.send('USER joe\r\nPASS pw\r\n');
  await other.sees('please.\r\n');
  await settle();
  down.clock.advance(2_000);
  await other.sees('-ERR [SYS/TEMP] Account is temporarily unavailable, service busy, please wait. Your password was not rejected.\r\n');
});

test('who cannot be judged is told at USER, and no secret is asked for or judged', async () => {
  const { dial, clock, attempts } = await setUp({ judgeable: false });
  const client = dial();
  client.send('USER joe\r\nPASS pw\r\n');
  await client.sees('ready.\r\n');
  await settle();
  clock.advance(2_000);
  const line = '-ERR [SYS/TEMP] Account is temporarily unavailable, service busy, please wait.\r\n';
  await client.sees(line + line);
  expect([client.all().includes('[AUTH]'), attempts]).toEqual([false, []]);
});

test('a platform that refuses, hangs up or is not there: unavailable, and no session stays', async () => {
  const listener = await scripted(GREETING);
  const { dial, clock, workers } = await setUp({ listener });
  for (const answer of ['-ERR [AUTH] no\r\n', '-ERR [IN-USE] locked\r\n', undefined]) {
    const client = dial();
    client.send('USER joe\r\nPASS pw\r\n');
    const platform = await meet(listener);
    await platform.sees('USER joe@example.net\r\n');
    if (answer === undefined) platform.socket.destroy();
    else {
      platform.send('+OK\r\n');
      await platform.sees('PASS t0p\r\n');
      platform.send(answer);
    }
    await platform.ended();
    platform.socket.destroy();
    await settle();
    clock.advance(2_000);
    await client.sees(answer?.includes('IN-USE') ? '-ERR [IN-USE] ' : '-ERR [SYS/TEMP] ');
    expect(client.all()).not.toContain('[AUTH]');
    client.socket.destroy();
  }
  await settle();
  expect(workers.sessions()).toBe(0);
});

test('a hold before RETR: frozen, cut with QUIT, the client told to come again', async () => {
  const listener = await scripted(GREETING);
  const { dial, workers } = await setUp({ listener });
  const client = dial();
  client.send('USER joe\r\nPASS pw\r\n');
  const platform = await letIn(listener);
  await client.sees('+OK Signed in.\r\n');
  expect(await workers.participant.freeze(7, 1, 2_000)).toBe('quiet');
  client.send('DELE 1\r\n');
  const cut = workers.participant.cut(7);
  await client.sees('-ERR [SYS/TEMP] This connection is over. Please connect again.\r\n');
  await platform.sees('QUIT\r\n');
  platform.socket.end();
  await cut;
  expect([platform.all().includes('DELE'), workers.sessions()]).toEqual([false, 0]);
});

test('a hold after RETR is busy, and put off; it gets through once the client has quit', async () => {
  const listener = await scripted(GREETING);
  const { dial, workers, clock } = await setUp({ listener });
  const client = dial();
  client.send('USER joe\r\nPASS pw\r\nRETR 1\r\n');
  const platform = await letIn(listener);
  await platform.sees('RETR 1\r\n');
  platform.send('+OK\r\nmail\r\n.\r\n');
  await client.sees('mail\r\n.\r\n');
  const first = workers.participant.freeze(7, 1, 2_000);
  await settle();
  clock.advance(2_000);
  expect(await first).toBe('busy');
  workers.participant.thaw(7);
  const second = workers.participant.freeze(7, 2, 2_000);
  client.send('DELE 1\r\nQUIT\r\n');
  await platform.sees('DELE 1\r\nQUIT\r\n');
  platform.send('+OK\r\n+OK\r\n');
  platform.socket.end();
  expect(await second).toBe('quiet');
  await client.ended();
});

test('over the cap there is a POP3 goodbye', async () => {
  const { dial } = await setUp({ connectionLimit: 1 });
  await dial().sees('ready.\r\n');
  const second = dial();
  await second.sees('-ERR [SYS/TEMP] Service is temporarily unavailable, please wait.\r\n');
  await second.ended();
});
