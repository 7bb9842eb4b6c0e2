/**
 * Gateway workers that are replaced, and gateway workers whose `serve` is gone, as clients see it.
 */
import { connect } from 'node:net';
import { join } from 'node:path';
import { connect as connectTls } from 'node:tls';
import { afterEach, expect, test } from 'vitest';
import { readRunFile, type RunFile } from '../src/context/data-folder.ts';
import { isAlive } from '../src/context/processes.ts';
import { createPeer, type Peer } from '../src/gateway/peers.testing.ts';
import { addUsers, type PlatformProcess, startPlatformProcess } from '../src/practice/index.ts';
import { replyFor } from '../src/signin/replies.ts';
import { causeway, install, type Installation, type Running, SENTINEL, serve, sleep } from './installation.ts';

const ADA = { user: 'ada@isp.example', secret: 'first programmer' };
const BEN = { user: 'ben@isp.example', secret: 'second chance' };
/** Who only look in, and who stay. */
const [CROWD, REGULARS] = [6, 10];
const RETIRE_SECONDS = 2;
const GOODBYE = '* BYE The server is going down. Please connect again.\r\n';

const cleanUps: (() => Promise<unknown> | unknown)[] = [];
afterEach(async () => {
  for (const each of cleanUps.splice(0).toReversed()) await each();
});

type House = { readonly at: Installation; readonly platform: PlatformProcess; readonly running: Running; run(): RunFile };

async function start(workers: object): Promise<House> {
  const world = install({});
  cleanUps.push(() => world.remove());
  const folder = join(world.folder, 'old');
  addUsers(folder, [ADA, BEN, SENTINEL], { uidValidityBase: 0 });
  const platform = await startPlatformProcess({ name: 'old', folder, trustedTokenFile: join(world.folder, 'token') });
  cleanUps.push(() => platform.close());
  const at = install({ old: platform }, { workers: { mover: 1, ...workers } });
  cleanUps.push(() => at.remove());
  const running = serve(at.config);
  cleanUps.push(() => running.stop());
  await running.event('serve.ready');
  const imported = await causeway(['account', 'import', at.file('accounts.csv', `address,platform,hash,authority\n${ADA.user},old,,old\n${BEN.user},old,,old\n`), '-c', at.config]);
  expect(imported, imported.stderr).toMatchObject({ status: 0 });
  return { at, platform, running, run: () => readRunFile(at.data)! };
}

const gateways = ({ run }: House): RunFile['children'] => run().children.filter(({ role }) => role === 'gateway');

async function greeted(house: House): Promise<Peer> {
  const peer = createPeer(connectTls({ port: house.run().ports.imaps!, host: '127.0.0.1', rejectUnauthorized: false }));
  cleanUps.push(() => peer.socket.destroy());
  await peer.sees('IMAP ready.\r\n');
  return peer;
}

async function signedIn(house: House, { user, secret }: typeof ADA): Promise<Peer> {
  const peer = await greeted(house);
  peer.send(`1 LOGIN ${user} "${secret}"\r\n`);
  await peer.sees('1 OK');
  return peer;
}

test('three rolling restarts under load: no connection is refused or reset, and each session comes back once', async () => {
  const house = await start({ gateway: 2, retireSeconds: RETIRE_SECONDS });
  const port = house.run().ports.imap!;
  const failures: string[] = [];
  let visits = 0;
  let over = false;
  /** A client that only looks in: the kernel's queues are never empty while ports change hands. */
  const lookIn = (): Promise<void> =>
    new Promise((done) => {
      const began = performance.now();
      const socket = connect({ port, host: '127.0.0.1' });
      let seen = '';
      socket.on('error', (error) => void failures.push(error.message));
      socket.on('data', (chunk: Buffer) => {
        if (seen === '') socket.write('a LOGOUT\r\n');
        seen += chunk;
      });
      socket.on('close', () => {
        visits += 1;
        // Who stood still for as long as a worker waits for its clients is told to come again.
        const late = performance.now() - began > RETIRE_SECONDS * 1_000 && seen.endsWith(GOODBYE);
        if (!seen.includes('a OK') && !late) failures.push(`it heard ${JSON.stringify(seen)}`);
        done();
      });
    });
  const crowd = Array.from({ length: CROWD }, async () => {
    // A pause, since new workers need the processor too.
    for (; !over; await sleep(10)) await lookIn();
  });
  /** One that stays, asks something now and then, and comes back when it is told to. */
  let [inside, returns] = [0, 0];
  const stay = async (): Promise<void> => {
    while (!over) {
      const peer = await signedIn(house, ADA);
      inside += 1;
      for (let n = 2; !over && !peer.all().includes('* BYE'); n += 1) {
        peer.send(`${n} NOOP\r\n`);
        // A command that crossed the goodbye has no answer, and is known not to have run.
        await peer.sees(`${n} OK`).catch(() => {});
        await sleep(50);
      }
      if (over) return;
      await peer.ended();
      if (!peer.all().includes(GOODBYE)) failures.push(`a session ended with ${JSON.stringify(peer.all().slice(-80))}`);
      inside -= 1;
      returns += 1;
    }
  };
  const regulars = Array.from({ length: REGULARS }, stay);
  for (let round = 1; round <= 3; round += 1) {
    while (inside < REGULARS) await sleep(20);
    const before = gateways(house);
    const [visitsBefore, returnsBefore] = [visits, returns];
    process.kill(house.run().serve.pid, 'SIGHUP');
    while (house.running.events('serve.workers-restarted').length < round) await sleep(50);
    expect(gateways(house)).toHaveLength(2);
    expect(before.filter(isAlive)).toEqual([]);
    // Of each several, so that some came while ports changed hands; how many more the machine says.
    expect(visits - visitsBefore).toBeGreaterThan(5 * CROWD);
    while (returns < returnsBefore + REGULARS || inside < REGULARS) await sleep(20);
    expect(returns - returnsBefore).toBe(REGULARS);
  }
  over = true;
  await Promise.all([...crowd, ...regulars]);
  expect(failures).toEqual([]);
  expect(house.running.events('serve.worker-not-replaced')).toEqual([]);
  expect(house.running.events('serve.worker-ended')).toEqual([]);
  console.info(`${visits} connections during three rolling restarts`);
});

test('a configuration that cannot be used leaves the workers as they are', async () => {
  const house = await start({ gateway: 1, retireSeconds: 1 });
  const session = await signedIn(house, ADA);
  const before = gateways(house);
  house.at.file('causeway.yaml', 'listen: nonsense\n');
  process.kill(house.run().serve.pid, 'SIGHUP');
  await house.running.event('serve.worker-not-replaced');
  expect(gateways(house).filter(isAlive)).toEqual(before);
  session.send('2 NOOP\r\n');
  await session.sees('2 OK');
  await greeted(house);
});

test('serve killed: who waits for a verdict is told unavailable, sessions get their goodbye, and the workers are gone', async () => {
  const house = await start({ gateway: 1 });
  const idle = await signedIn(house, ADA);
  idle.send('2 IDLE\r\n');
  await idle.sees('+ ');
  const named = await greeted(house);
  // The platform's authentication hangs, so Ben's verdict does not come.
  house.platform.auth.stop();
  cleanUps.push(() => house.platform.auth.continue());
  const waiting = await greeted(house);
  waiting.send(`1 LOGIN ${BEN.user} "${BEN.secret}"\r\n`);
  // That the attempt is at sign-in cannot be seen from outside; what comes later on the same connections comes after it.
  const after = await greeted(house);
  after.send('1 NOOP\r\n');
  await after.sees('1 OK');
  const { serve: parent, children } = house.run();
  const killedAt = performance.now();
  process.kill(parent.pid, 'SIGKILL');
  const told = await waiting.sees('\r\n');
  expect(told).toBe(`1 ${replyFor({ verdict: 'unavailable', reason: 'internal' }, 'imap', 'secret').line}\r\n`);
  await idle.sees(GOODBYE);
  await Promise.all([waiting.ended(), idle.ended(), named.ended()]);
  const gateway = children.filter(({ role }) => role === 'gateway');
  while (gateway.some(isAlive)) await sleep(10);
  // A second, and what a busy machine adds: their next life waits for that.
  expect(performance.now() - killedAt).toBeLessThan(10_000);
});
