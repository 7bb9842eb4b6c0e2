/**
 * A POP3 client over moves, with the real program: it is shown the same ids before and after a move, with the store gone
 * too, and after the way back; what is new has ids of its own.
 */
import { join } from 'node:path';
import { connect as connectTls } from 'node:tls';
import { connect as connectLmtp } from 'node:net';
import { afterEach, expect, test } from 'vitest';
import { readRunFile } from '../src/context/data-folder.ts';
import { createPeer, type Peer } from '../src/gateway/peers.testing.ts';
import { processesOf } from '../src/store/embedded/processes.ts';
import { causeway, serve } from './installation.ts';
import { installTwoPlatforms } from './two-platforms.ts';

const ADA = { user: 'ada@isp.example', secret: 'first programmer' };
const TWICE = 'Subject: twice\r\n\r\ntwice\r\n';
const MAIL = ['Subject: one\r\n\r\none\r\n', TWICE, TWICE, 'Subject: four\r\n\r\n1 not.an.id\r\n'].map((text, i) => ({ bytes: Buffer.from(text), internalDateMs: 1e12 + i * 1_000 }));

const cleanUps: (() => Promise<unknown> | unknown)[] = [];
afterEach(async () => {
  for (const each of cleanUps.splice(0).toReversed()) await each();
});

/** Signs in, all commands sent ahead. @returns all that came until the connection ended */
async function session(port: number, ...commands: string[]): Promise<string> {
  const peer: Peer = createPeer(connectTls({ port, host: '127.0.0.1', rejectUnauthorized: false }));
  cleanUps.push(() => peer.socket.destroy());
  peer.send([`USER ${ADA.user}`, `PASS ${ADA.secret}`, ...commands, 'QUIT', ''].join('\r\n'));
  await peer.ended();
  return peer.all();
}

/** The ids that a client is shown, by number. */
const idsOf = (told: string): string[] => [...told.matchAll(/^(\d+) (\S+)\r$/gm)].map(([, , id]) => id!);

async function deliver(port: number, text: string): Promise<void> {
  const peer = createPeer(connectLmtp(port, '127.0.0.1'));
  cleanUps.push(() => peer.socket.destroy());
  await peer.sees('220 ');
  for (const [command, answer] of [['LHLO x', '250 '], ['MAIL FROM:<a@b.example>', '250 '], [`RCPT TO:<${ADA.user}>`, '250 '], ['DATA', '354 '], [`${text}.`, '250 ']] as const) {
    peer.send(`${command}\r\n`);
    await peer.sees(answer);
  }
  peer.send('QUIT\r\n');
  await peer.ended();
}

test('a client is shown the same ids before and after a move, without the store, and after the way back', async () => {
  const { at } = await installTwoPlatforms({ people: [ADA], inbox: MAIL, services: ['pop3'], listen: ['pop3s', 'lmtp'] }, cleanUps);
  const { config } = at;
  const running = serve(config);
  cleanUps.push(() => running.stop());
  await running.event('serve.ready');
  const { pop3s, lmtp } = readRunFile(at.data)!.ports;
  const accounts = at.file('accounts.csv', `address,platform,hash,authority\n${ADA.user},old,,old\n`);
  expect((await causeway(['account', 'import', accounts, '-c', config])).status).toBe(0);

  const before = await session(pop3s!, 'UIDL');
  const ids = idsOf(before);
  expect(new Set(ids).size).toBe(4);

  const moved = await causeway(['move', ADA.user, '--to', 'new', '-c', config]);
  expect(moved.status, moved.stderr).toBe(0);
  expect(idsOf(await session(pop3s!, 'UIDL'))).toEqual(ids);
  // A worker's log may come later than the end of its session.
  await expect.poll(() => running.events('gateway.session-opened').at(-1)).toMatchObject({ platform: 'new' });
  // Everything sent ahead; nothing but ids is touched, whatever a message looks like.
  const all = await session(pop3s!, 'STAT', 'UIDL 2', 'RETR 4', 'UIDL 9', 'TOP 1 0', 'LIST 1', 'UIDL 1');
  expect(all).toContain(`+OK 2 ${ids[1]}\r\n+OK`);
  expect(all).toContain('\r\n1 not.an.id\r\n.\r\n-ERR ');
  expect(all).toContain(`+OK 1 ${ids[0]}\r\n+OK Goodbye.`);

  await deliver(lmtp!, 'Subject: new\r\n\r\nnew\r\n');
  const grown = idsOf(await session(pop3s!, 'UIDL'));
  expect(grown.slice(0, 4)).toEqual(ids);
  expect(new Set(grown).size).toBe(5);

  const postgres = processesOf(join(at.data, 'postgres/pgdata'));
  expect(postgres.length).toBeGreaterThan(0);
  for (const pid of postgres) process.kill(pid, 'SIGSTOP');
  try {
    expect(idsOf(await session(pop3s!, 'UIDL'))).toEqual(grown);
  } finally {
    for (const pid of postgres) process.kill(pid, 'SIGCONT');
  }

  const back = await causeway(['move', ADA.user, '--to', 'old', '-c', config]);
  expect(back.status, back.stderr).toBe(0);
  expect(idsOf(await session(pop3s!, 'UIDL'))).toEqual(grown);
  await expect.poll(() => running.events('gateway.session-opened').at(-1)).toMatchObject({ platform: 'old' });
});
