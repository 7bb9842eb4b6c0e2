import { expect, test } from 'vitest';
import { createSecret } from '#config/index.ts';
import type { Verdict } from '#signin/verdict.ts';
import { connect } from '#submission/connect.ts';
import { type Listener, type Peer, settle } from '../peers.testing.ts';
import { ACCEPTED, goOnInTls, JOE, meet, scripted, startWorker, useWorkers } from '../worker.testing.ts';

useWorkers();

const base64 = (text: string): string => Buffer.from(text).toString('base64');
const AUTH = `AUTH PLAIN ${base64(`\0${JOE}\0pw`)}\r\n`;

/** A worker before a scripted platform, where every attempt gets `verdict`. */
async function setUp({ verdict = ACCEPTED, connectionLimit = 100, clientAddress = 'none', sentCopies = false, entrances = [{ kind: 'trusted', secret: createSecret('t0p') }] as unknown[] } = {}) {
  const listener = await scripted('220 old\r\n');
  const platform = { name: 'old', submission: { host: '127.0.0.1', port: listener.port, tls: 'plain', trustedNetwork: true, clientAddress, sentCopies }, entrances };
  const world = await startWorker({
    protocol: 'submission',
    platform,
    connect: { submission: connect },
    attempt: async (_, register) => {
      if (verdict.verdict === 'accepted') register(7);
      return verdict;
    },
    connectionLimit,
  });
  return { listener, ...world };
}

/** Plays the platform's side as far as the sign-in; gives what it was, without EHLO. */
async function greet(listener: Listener, keywords = '250-AUTH PLAIN LOGIN\r\n250 PIPELINING\r\n', host = 'laptop'): Promise<Peer> {
  const platform = await meet(listener);
  await platform.sees(`EHLO ${host}\r\n`);
  platform.send(`250-old\r\n${keywords}`);
  return platform;
}

test('signs in, and sends by what the platform says', async () => {
  const { dial, listener, attempts } = await setUp();
  const client = dial();
  client.send(`EHLO laptop\r\n${AUTH}MAIL FROM:<joe@example.net>\r\n`);
  const platform = await greet(listener);
  await platform.sees(`AUTH PLAIN ${base64(`\0${JOE}\0t0p`)}\r\n`);
  platform.send('235 in\r\n');
  await client.sees('235 2.7.0 Signed in.\r\n');
  await platform.sees('MAIL FROM:<joe@example.net>\r\n');
  platform.send('250 ok\r\n');
  await client.sees('250 ok\r\n');
  expect(attempts).toEqual([{ protocol: 'submission', login: JOE, secret: 'pw', network: '127.0.0.1', device: 'laptop' }]);
});

test('STARTTLS: what was sent in clear behind it is never looked at', async () => {
  const { dialClear, attempts } = await setUp();
  const client = dialClear();
  await client.sees('ready.\r\n');
  client.socket.removeAllListeners('data');
  client.send(`STARTTLS\r\n${AUTH}`);
  await new Promise((resolve) => client.socket.once('data', resolve));
  const inside = goOnInTls(client);
  inside.send('EHLO laptop\r\n');
  expect(await inside.sees('250 AUTH PLAIN LOGIN\r\n')).toMatch(/^250-causeway\r\n/);
  expect(attempts).toEqual([]);
});

test.each<[string, Verdict, RegExp]>([
  ['rejected', { verdict: 'rejected', reason: 'secret' }, /^535 5\.7\.8 /],
  ['send-blocked', { verdict: 'unavailable', reason: 'send-blocked' }, /^454 4\.7\.0 Sending .*Your password was not rejected\.\r\n/],
  ['unavailable', { verdict: 'unavailable', reason: 'verifier-down' }, /^454 4\.7\.0 .*Your password was not rejected\.\r\n/],
])('%s: held back, on an open connection', async (_, verdict, reply) => {
  const { dial, clock } = await setUp({ verdict });
  const client = dial();
  await client.sees('ready.\r\n');
  client.send(AUTH);
  await settle();
  expect(client.all()).not.toMatch(/535|454/);
  clock.advance(2_000);
  expect(await client.sees('\r\n')).toMatch(reply);
  client.send('NOOP\r\n');
  await client.sees('250 2.0.0 Done.\r\n');
});

test.each(['535 5.7.8 no\r\n', '421 4.3.2 down\r\n', '550 who?\r\n', undefined])('a platform that answers %j to our sign-in: the customer’s password was not rejected', async (answer) => {
  const { dial, clock, listener, workers } = await setUp();
  const client = dial();
  await client.sees('ready.\r\n');
  client.send(`EHLO laptop\r\n${AUTH}`);
  const platform = await greet(listener);
  await platform.sees('AUTH PLAIN');
  if (answer === undefined) platform.socket.destroy();
  else platform.send(answer);
  await platform.ended();
  await settle();
  clock.advance(2_000);
  await client.sees('454 4.7.0 ');
  expect(client.all()).not.toContain('535');
  await settle();
  expect(workers.sessions()).toBe(0);
});

test('the next entrance is tried; by XCLIENT the client’s address goes to each, and its name to the trusted one alone', async () => {
  const entrances = [{ kind: 'trusted', secret: createSecret('t0p') }, { kind: 'master', user: 'boss', secret: createSecret('m4ster'), style: 'authzid' }, { kind: 'replay' }];
  const { dial, listener } = await setUp({ clientAddress: 'xclient', entrances });
  const client = dial();
  client.send(`EHLO laptop\r\n${AUTH}`);
  const trusted = await greet(listener, '250 XCLIENT ADDR HELO LOGIN\r\n');
  await trusted.sees('XCLIENT ADDR=127.0.0.1 HELO=laptop LOGIN=joe@example.net\r\n');
  trusted.send('550 not you\r\n');
  const master = await greet(listener, '250 XCLIENT ADDR HELO LOGIN\r\n');
  await master.sees('XCLIENT ADDR=127.0.0.1 HELO=laptop\r\n');
  master.send('220 old\r\n');
  await master.sees('EHLO laptop\r\n');
  master.send('250-old\r\n250 AUTH PLAIN\r\n');
  await master.sees(`AUTH PLAIN ${base64(`${JOE}\0boss\0m4ster`)}\r\n`);
  master.send('454 later\r\n');
  const replay = await greet(listener, '250 AUTH PLAIN\r\n');
  await replay.sees(`AUTH PLAIN ${base64(`\0${JOE}\0pw`)}\r\n`);
  replay.send('235 in\r\n');
  await client.sees('235 2.7.0 Signed in.\r\n');
});

test.each([true, false])('a hold where the platform writes copies: %s', async (sentCopies) => {
  const { dial, listener, workers } = await setUp({ sentCopies });
  const client = dial();
  client.send(`EHLO laptop\r\n${AUTH}`);
  const platform = await greet(listener);
  await platform.sees('AUTH PLAIN');
  platform.send('235 in\r\n');
  await client.sees('235 ');
  expect(await workers.participant.freeze(7, 1, 2_000)).toBe('quiet');
  client.send('NOOP\r\n');
  const cut = workers.participant.cut(7);
  if (sentCopies) {
    await client.sees('421 4.3.2 This connection is over. Please connect again.\r\n');
    await platform.sees('QUIT\r\n');
    platform.socket.end();
  } else {
    await platform.sees('NOOP\r\n');
  }
  await cut;
  expect(workers.sessions()).toBe(sentCopies ? 0 : 1);
});

test('over the cap there is a goodbye that names no account', async () => {
  const { dial } = await setUp({ connectionLimit: 1 });
  await dial().sees('ready.\r\n');
  const second = dial();
  await second.sees('421 4.3.2 Service is temporarily unavailable, please wait.\r\n');
  await second.ended();
});
