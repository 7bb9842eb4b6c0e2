/**
 * POP3 from the customer to the platform and back, with the real program: by both ports, with the platform's
 * authentication alive and dead, before and after a move.
 */
import { connect as connectTcp } from 'node:net';
import { connect as connectTls } from 'node:tls';
import { afterEach, expect, test } from 'vitest';
import { readRunFile } from '../src/context/data-folder.ts';
import { createPeer, type Peer } from '../src/gateway/peers.testing.ts';
import { saidAtLast } from './customer.ts';
import { causeway, SENTINEL, serve } from './installation.ts';
import { installTwoPlatforms } from './two-platforms.ts';

const ADA = { user: 'ada@isp.example', secret: 'first  programmer' };
const BEN = { user: 'ben@isp.example', secret: 'second chance' };
const MAIL = ['Subject: one\r\n\r\n.dots\r\n..\r\n', 'Subject: two\r\n\r\ntwo\r\n', 'Subject: three\r\n\r\nthree\r\n'].map((text, i) => ({ bytes: Buffer.from(text), internalDateMs: 1e12 + i * 1_000 }));

const cleanUps: (() => Promise<unknown> | unknown)[] = [];
afterEach(async () => {
  for (const each of cleanUps.splice(0).toReversed()) await each();
});

function overTls(port: number): Peer {
  const peer = createPeer(connectTls({ port, host: '127.0.0.1', rejectUnauthorized: false }));
  cleanUps.push(() => peer.socket.destroy());
  return peer;
}

async function overStls(port: number): Promise<Peer> {
  const peer = createPeer(connectTcp(port, '127.0.0.1'));
  cleanUps.push(() => peer.socket.destroy());
  await peer.sees('+OK POP3 ready.\r\n');
  peer.send('STLS\r\n');
  await peer.sees('+OK Begin TLS.\r\n');
  peer.socket.removeAllListeners('data');
  return createPeer(connectTls({ socket: peer.socket, rejectUnauthorized: false }));
}

/** Signs in and says the rest. @returns all that came until the connection ended */
async function session(peer: Peer, { user, secret }: { user: string; secret: string }, ...commands: string[]): Promise<string> {
  peer.send([`USER ${user}`, `PASS ${secret}`, ...commands, 'QUIT', ''].join('\r\n'));
  await peer.ended();
  return peer.all();
}

test('signs in, fetches and deletes; goes on with the authentication dead; follows a move', async () => {
  const { at, ...platforms } = await installTwoPlatforms({ people: [ADA, BEN], inbox: MAIL, services: ['pop3'], listen: ['imaps', 'pop3', 'pop3s'] }, cleanUps);
  const { config } = at;
  const checked = await causeway(['check', '-c', config]);
  expect(checked.stdout).toContain(`✓ old: trusted entrance, POP3: opens ${SENTINEL.user}'s maildrop (0 messages)`);
  expect(checked.status, checked.stdout).toBe(0);

  const running = serve(config);
  cleanUps.push(() => running.stop());
  await running.event('serve.ready');
  const { pop3, pop3s } = readRunFile(at.data)!.ports;
  const accounts = at.file('accounts.csv', `address,platform,hash,authority\n${ADA.user},old,,old\n${BEN.user},old,,old\n`);
  expect((await causeway(['account', 'import', accounts, '-c', config])).status).toBe(0);

  const first = await session(overTls(pop3s!), ADA, 'UIDL', 'RETR 1', 'DELE 3');
  expect(first).toContain('+OK Signed in.\r\n+OK\r\n1 ');
  expect(first).toContain('\r\n..dots\r\n...\r\n.\r\n+OK Marked.\r\n+OK Goodbye.\r\n');
  expect(await session(await overStls(pop3!), ADA, 'STAT')).toMatch(/\+OK Signed in\.\r\n\+OK 2 /);
  expect(await saidAtLast(() => session(overTls(pop3s!), { ...ADA, secret: 'wrong' }), (said) => said.includes('-ERR [SYS/TEMP] '))).toMatch(/\r\n-ERR \[AUTH\] /);

  await platforms.old.auth.kill();
  expect(await session(overTls(pop3s!), ADA, 'STAT')).toMatch(/\+OK Signed in\.\r\n\+OK 2 /);
  // Of Ben nothing is held. Until the platform is known to be down he is told after his secret, from then on before it.
  for (let told = ''; !told.includes('ready.\r\n-ERR'); ) {
    told = await session(overTls(pop3s!), BEN);
    expect(told).toMatch(/-ERR \[SYS\/TEMP\] /);
    expect(told).not.toMatch(/\[AUTH\]|Signed in/);
  }
  // When sign-in does not answer within a second, a client is let go on, and told of its secret.
  expect(await saidAtLast(() => session(overTls(pop3s!), { user: 'nobody@isp.example', secret: 'x' }), (said) => said.includes('ready.\r\n+OK'))).toMatch(/ready\.\r\n-ERR \[SYS\/TEMP\] /);
  await platforms.old.auth.restart();

  const moved = await causeway(['move', ADA.user, '--to', 'new', '-c', config]);
  expect(moved.status, moved.stderr).toBe(0);
  const after = await session(overTls(pop3s!), ADA, 'STAT', 'RETR 2');
  expect(after).toMatch(/\+OK Signed in\.\r\n\+OK 2 /);
  expect(after).toContain('\r\n\r\ntwo\r\n.\r\n');
  // A worker's log may come later than the end of its session.
  await expect.poll(() => running.events('gateway.session-opened').at(-1)).toMatchObject({ platform: 'new', entrance: 'trusted' });
});
