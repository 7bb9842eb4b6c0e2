import { once } from 'node:events';
import { type AddressInfo, connect as connectTcp, createServer, type Socket } from 'node:net';
import { connect as connectTls } from 'node:tls';
import { expect, test } from 'vitest';
import { createSecret } from '#config/index.ts';
import type { ManualClock } from '#events/manual-clock.testing.ts';
import { connectToHandOver } from '#imap/hand-over.ts';
import type { Verdict } from '#signin/verdict.ts';
import { createPeer, type Listener, type Peer, settle } from './peers.testing.ts';
import { ACCEPTED, afterwards, goOnInTls, meet, scripted, startWorker, useWorkers } from './worker.testing.ts';
import type { SignInAttempt } from './workers.ts';

useWorkers();

const GREETING = '* OK [CAPABILITY IMAP4rev1 LITERAL+] ready\r\n';
const INSIDE = 'OK [CAPABILITY IMAP4rev1 IDLE LITERAL+ COMPRESS=DEFLATE] in\r\n';

/** A worker before a platform with two ports, of which the trusted one is asked first. */
async function setUp({ attempt = undefined as SignInAttempt | undefined, connectionLimit = 100, replay = false } = {}) {
  const [home, trusted] = [await scripted(GREETING), await scripted(GREETING)];
  const platform = {
    imap: { host: '127.0.0.1', port: home.port, tls: 'plain', trustedNetwork: true },
    entrances: [{ kind: 'trusted', port: trusted.port, secret: createSecret('t0p') }, ...(replay ? [{ kind: 'replay' }] : [])],
  };
  return { home, trusted, ...(await startWorker({ protocol: 'imap', platform, connect: { imap: connectToHandOver }, attempt, connectionLimit })) };
}

/** A client's first record in TLS 1.2. */
async function helloOf(servername: string): Promise<Buffer> {
  const listener = createServer().listen(0, '127.0.0.1');
  afterwards(() => listener.close());
  await once(listener, 'listening');
  const met = once(listener, 'connection');
  const client = connectTls({ host: '127.0.0.1', port: (listener.address() as AddressInfo).port, servername, maxVersion: 'TLSv1.2' }).on('error', () => {});
  const [socket] = (await met) as [Socket];
  const [hello] = (await once(socket, 'data')) as [Buffer];
  client.destroy();
  return hello;
}

/** Plays the platform's side of a trusted sign-in. */
async function letIn(listener: Listener): Promise<Peer> {
  const platform = await meet(listener);
  const said = await platform.sees('\r\n');
  platform.send(`${said.split(' ')[0]} ${INSIDE}`);
  return platform;
}

test('signs in over TLS through the trusted entrance, and splices, commands sent ahead included', async () => {
  const { trusted, dial, workers } = await setUp();
  const client = dial();
  await client.sees('AUTH=PLAIN] IMAP ready.\r\n');
  client.send('a LOGIN joe pw\r\nb SELECT INBOX\r\n');
  const platform = await letIn(trusted);
  expect(platform.all()).toMatch(/ LOGIN "joe@example.net" "t0p"\r\n/);
  await client.sees('a OK [CAPABILITY IMAP4rev1 IDLE LITERAL+] Signed in.\r\n');
  await platform.sees('b SELECT INBOX\r\n');
  expect(workers.sessions()).toBe(1);
  client.send('c LOGOUT\r\n');
  await platform.sees('c LOGOUT\r\n');
  platform.send('* BYE\r\nb OK\r\nc OK\r\n');
  platform.socket.end();
  await client.ended();
  await settle();
  expect(workers.sessions()).toBe(0);
});

test.each([
  ['Maximum number of connections from user+IP exceeded (mail_max_userip_connections=10)', [7]],
  ['Too many connections from your IP', []],
])('a home that refuses with "%s" is told of where others use the same allowance', async (words, told) => {
  const { trusted, dial, crowded } = await setUp();
  const client = dial();
  await client.sees('ready.\r\n');
  client.send('a LOGIN joe pw\r\n');
  const platform = await meet(trusted);
  const said = await platform.sees('\r\n');
  platform.send(`${said.split(' ')[0]} NO [UNAVAILABLE] ${words}\r\n`);
  await settle();
  expect(crowded).toEqual(told);
});

test('STARTTLS: what was sent in clear behind it is never looked at', async () => {
  const { dialClear } = await setUp();
  const client = dialClear();
  await client.sees('LOGINDISABLED] IMAP ready.\r\n');
  client.socket.removeAllListeners('data');
  client.send('a STARTTLS\r\nb LOGIN mallory pw\r\nc NOOP\r\n');
  await new Promise((resolve) => client.socket.once('data', resolve));
  const inside = goOnInTls(client);
  inside.send('d CAPABILITY\r\n');
  expect(await inside.sees('d OK')).toBe('* CAPABILITY IMAP4rev1 SASL-IR ID LITERAL+ AUTH=PLAIN\r\nd OK');
});

test('plain text on the TLS port, and a broken record after the handshake, end the connection', async () => {
  const { dialClear, ports, worker } = await setUp();
  const client = dialClear('tls');
  client.send('a LOGIN joe pw\r\n'.repeat(10));
  await client.ended();
  const raw = connectTcp(ports.tls, '127.0.0.1');
  const inside = createPeer(connectTls({ socket: raw, rejectUnauthorized: false }));
  await inside.sees('ready.\r\n');
  // A second reader of the same bytes: what it writes is no record of this session.
  const record = Buffer.concat([Buffer.from([23, 3, 3, 0, 35]), Buffer.alloc(35, 7)]);
  (raw as unknown as { _handle: { writeBuffer(request: unknown, data: Buffer): number } })._handle.writeBuffer({ oncomplete: () => {} }, record);
  await inside.ended();
  await settle();
  expect(worker.connections()).toBe(0);
});

test('the desk is told of devices that came no further than the door', async () => {
  const { ports, dialClear, saw } = await setUp();
  const old = connectTls({ host: '127.0.0.1', port: ports.tls, servername: 'imap.old.example', maxVersion: 'TLSv1.1', minVersion: 'TLSv1', ciphers: 'DEFAULT@SECLEVEL=0' }).on('error', () => {});
  await new Promise((resolve) => old.once('close', resolve));
  // Node looks at a certificate after the handshake; phones say in it that they do not take one: the alert unknown_ca.
  const distrustful = connectTcp(ports.tls, '127.0.0.1');
  distrustful.write(await helloOf('imap.old.example'));
  distrustful.once('data', () => distrustful.write(Buffer.from([0x15, 3, 3, 0, 2, 2, 48])));
  await new Promise((resolve) => distrustful.once('close', resolve));
  const clear = dialClear('tls');
  clear.send('a LOGIN joe pw\r\n');
  await clear.ended();
  const open = dialClear('clear');
  open.send('a LOGIN joe pw\r\n');
  await open.sees('PRIVACYREQUIRED');
  await settle();
  expect(saw).toEqual([
    { saw: 'door', network: '127.0.0.1', fault: 'old-tls', detail: expect.stringMatching(/^(imap\.old\.example)?$/) },
    { saw: 'door', network: '127.0.0.1', fault: 'certificate', detail: 'imap.old.example' },
    { saw: 'door', network: '127.0.0.1', fault: 'no-tls', detail: '' },
    { saw: 'door', network: '127.0.0.1', fault: 'plain-text', detail: 'imap' },
  ]);
});

test('a program is told by its ID, and a home that does not let it in is told of', async () => {
  const { trusted, dial, attempts, saw } = await setUp();
  const client = dial();
  await client.sees('ready.\r\n');
  client.send('a ID ("name" "Thunderbird" "version" "128")\r\nb LOGIN joe pw\r\n');
  const platform = await meet(trusted);
  const said = await platform.sees('\r\n');
  platform.send(`${said.split(' ')[0]} NO [UNAVAILABLE] Not today\r\n`);
  await settle();
  expect(attempts).toMatchObject([{ login: 'joe', device: 'Thunderbird 128' }]);
  expect(saw).toEqual([{ saw: 'home', accountId: 7, protocol: 'imap', network: '127.0.0.1', device: 'Thunderbird 128', home: 'old', why: 'platform' }]);
});

test('a refusal is held back, comes from the table, and leaves the connection open', async () => {
  const { dial, clock } = await setUp({ attempt: async () => ({ verdict: 'rejected', reason: 'secret' }) });
  const client = dial();
  client.send('a LOGIN joe wrong\r\n');
  await client.sees('ready.\r\n');
  await settle();
  expect(client.all()).not.toContain('a NO');
  clock.advance(2_000);
  await client.sees('a NO [AUTHENTICATIONFAILED]');
  client.send('b NOOP\r\n');
  await client.sees('b OK');
});

test('no verdict in time, a failing home: unavailable', async () => {
  const silentSignIn = await setUp({ attempt: () => new Promise(() => {}) });
  const client = silentSignIn.dial();
  client.send('a LOGIN joe pw\r\n');
  await client.sees('ready.\r\n');
  await settle();
  silentSignIn.clock.advance(15_000);

  const { dial, trusted, home, clock, workers } = await setUp({ replay: true });
  trusted.close();
  const other = dial();
  other.send('a LOGIN joe pw\r\n');
  const platform = await home.next(); // the next entrance
  expect(await platform.sees('\r\n')).toContain('LOGIN "joe@example.net" "pw"');
  platform.send(`${platform.all().split(' ')[0]} NO [AUTHENTICATIONFAILED] no\r\n`);
  await platform.ended();
  await settle();
  clock.advance(2_000);
  await other.sees('a NO [UNAVAILABLE]');
  expect(workers.sessions()).toBe(0);
  platform.socket.destroy();
});

test('a hold: busy while dialling, then frozen from the first command on, cut, and gone', async () => {
  const { dial, trusted, workers, clock } = await setUp();
  const client = dial();
  client.send('a LOGIN joe pw\r\nb NOOP\r\n');
  const platform = await trusted.next();
  const said = await platform.sees('\r\n');
  const first = workers.participant.freeze(7, 1, 2_000);
  await settle();
  clock.advance(2_000);
  expect(await first).toBe('busy');
  workers.participant.thaw(7);
  const second = workers.participant.freeze(7, 2, 2_000);
  await settle();
  platform.send(`${said.split(' ')[0]} ${INSIDE}`);
  expect(await second).toBe('quiet');
  await client.sees('Signed in.\r\n');
  const cut = workers.participant.cut(7);
  await client.sees('* BYE This connection is over.');
  await platform.sees('BYE1 LOGOUT\r\n');
  platform.socket.end();
  await cut;
  expect([platform.all().includes('NOOP'), workers.sessions()]).toEqual([false, 0]);
});

test('thawed, nobody noticed', async () => {
  const { dial, trusted, workers } = await setUp();
  const client = dial();
  client.send('a LOGIN joe pw\r\n');
  const platform = await letIn(trusted);
  await client.sees('Signed in.\r\n');
  expect(await workers.participant.freeze(7, 1, 2_000)).toBe('quiet');
  client.send('b NOOP\r\n');
  await settle();
  workers.participant.thaw(7);
  await platform.sees('b NOOP\r\n');
  platform.send('b OK\r\n');
  await client.sees('b OK\r\n');
});

test('a client that goes while its home is dialled leaves no session, and no connection', async () => {
  const { dial, trusted, workers } = await setUp();
  const client = dial();
  client.send('a LOGIN joe pw\r\n');
  const platform = await trusted.next();
  await platform.sees('\r\n');
  client.socket.destroy();
  await platform.ended();
  platform.socket.destroy();
  await settle();
  expect(workers.sessions()).toBe(0);
});

test('over the cap there is a goodbye, on either port; close ends what is open', async () => {
  const { dial, dialClear, trusted, worker } = await setUp({ connectionLimit: 1 });
  const client = dial();
  client.send('a LOGIN joe pw\r\n');
  const platform = await letIn(trusted);
  await client.sees('Signed in.\r\n');
  const [second, third] = [dial(), dialClear()];
  await second.sees('* BYE [UNAVAILABLE] ');
  await third.sees('* BYE [UNAVAILABLE] ');
  await second.ended();
  const closing = worker.close();
  await client.sees('* BYE The server is going down.');
  await platform.sees('LOGOUT\r\n');
  platform.socket.end();
  await closing;
  await client.ended();
});

/** Advances a clock that stands, step by step, until the work is done. */
async function whilePassing(clock: ManualClock, stepMs: number, work: Promise<unknown>): Promise<number> {
  let done = false;
  void work.finally(() => (done = true));
  const from = clock.monotonic();
  while (!done) {
    await settle();
    if (!done) clock.advance(stepMs);
  }
  return clock.monotonic() - from;
}

test('without its parent it answers who waits and whose refusal is held back, lets a command end, and is done within a second', async () => {
  const rejected: Verdict = { verdict: 'rejected', reason: 'secret' };
  const attempt: SignInAttempt = async ({ login }, register) => {
    if (login === 'waits') return new Promise(() => {});
    if (login === 'wrong') return rejected;
    register(7);
    return ACCEPTED;
  };
  const { clock, worker, trusted, dial } = await setUp({ attempt });
  const [waits, wrong, busy, late] = [dial(), dial(), dial(), dial()];
  for (const each of [waits, wrong, busy, late]) await each.sees('IMAP ready.\r\n');
  waits.send('a LOGIN waits pw\r\n');
  wrong.send('a LOGIN wrong pw\r\n');
  busy.send('a LOGIN joe pw\r\n');
  const platform = await letIn(trusted);
  await busy.sees('a OK');
  busy.send('b FETCH 1 BODY[]\r\n');
  await platform.sees('b FETCH');
  await settle();
  const parting = worker.farewell();
  clock.advance(1);
  busy.send('c NOOP\r\n');
  await waits.sees('a NO [UNAVAILABLE]');
  await wrong.sees('a NO [AUTHENTICATIONFAILED]');
  late.send('a LOGIN joe pw\r\n');
  await late.sees('a NO [UNAVAILABLE]');
  platform.send('b OK done\r\n');
  await busy.sees('b OK done\r\n');
  await busy.sees('* BYE The server is going down. Please connect again.\r\n');
  expect(await whilePassing(clock, 10, parting)).toBeLessThanOrEqual(1_000);
  expect(platform.all()).not.toContain('c NOOP');
});

test('another worker has its ports: a session ends when nothing of its client is under way, in a hold not at all, and at the end as it is', async () => {
  const { clock, worker, workers, trusted, dial } = await setUp();
  const signedIn = async (): Promise<{ client: Peer; platform: Peer }> => {
    const client = dial();
    await client.sees('IMAP ready.\r\n');
    client.send('a LOGIN joe pw\r\n');
    const platform = await letIn(trusted);
    await client.sees('a OK');
    return { client, platform };
  };
  const [one, other] = [await signedIn(), await signedIn()];
  one.client.send('b FETCH 1 BODY[]\r\n');
  await one.platform.sees('b FETCH');
  const retiring = worker.retire(60_000);
  clock.advance(1);
  // `random` is 0: everybody's turn comes at once.
  await other.client.sees('* BYE The server is going down. Please connect again.\r\n');
  await other.platform.sees('LOGOUT\r\n');
  other.platform.socket.end();
  await settle();
  expect(one.client.all()).not.toContain('* BYE');
  // Its command outlasts the first try, and then a hold has the session.
  for (let n = 0; n < 5; n += 1) {
    clock.advance(500);
    await settle();
  }
  const frozen = workers.participant.freeze(7, 1, 2_000);
  await settle();
  one.platform.send('b OK done\r\n');
  expect(await frozen).toBe('quiet');
  one.client.send('c NOOP\r\n');
  for (let n = 0; n < 10; n += 1) {
    clock.advance(500);
    await settle();
  }
  expect(one.client.all()).not.toContain('* BYE');
  expect(one.platform.all()).not.toContain('c NOOP');
  workers.participant.thaw(7);
  await one.platform.sees('c NOOP\r\n');
  // It is not answered: at the end of the time the session ends as it is.
  const took = whilePassing(clock, 500, retiring.then(() => one.platform.socket.end()));
  await one.client.sees('* BYE The server is going down. Please connect again.\r\n');
  await one.platform.sees('LOGOUT\r\n');
  one.platform.socket.end();
  expect(await took).toBeLessThanOrEqual(60_000);
});
