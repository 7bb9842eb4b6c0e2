/**
 * The disk of the data folder, with the embedded PostgreSQL on it, fills while customers are at work and accounts move:
 * customers and mail go on, it is said, nothing is lost, and when there is room again all goes on by itself.
 */
import { join } from 'node:path';
import { hash as argon2 } from '@node-rs/argon2';
import pg from 'pg';
import { afterEach, expect, test } from 'vitest';
import { readRunFile } from '../src/context/data-folder.ts';
import { addUsers, type PlatformProcess, seedMailbox, startPlatformProcess } from '../src/practice/index.ts';
import { deliver, messageIds, signIn } from './customer.ts';
import { causeway, install, processesOf, SENTINEL, serve, sleep, TOKEN } from './installation.ts';
import { type SmallDisk, smallDisk, whyNoSmallDisk } from './small-disk.ts';

const reason = whyNoSmallDisk();
if (reason !== undefined && process.env['CI'] === 'true') throw new Error(`CI must run this, and cannot: ${reason}`);

const cleanUps: (() => Promise<unknown> | unknown)[] = [];
afterEach(async () => {
  for (const each of cleanUps.splice(0).toReversed()) await each();
});

/** Ada is known by her hash, Ben by what his platform accepted once; Cem's move is under way, Dot's is asked for. */
const SECRETS = { ada: 'first programmer', ben: 'second chance', cem: 'third rail', dot: 'fourth wall' };
type Name = keyof typeof SECRETS;
const NAMES = Object.keys(SECRETS) as Name[];
const address = (name: Name): string => `${name}@isp.example`;
/** Cem's move takes seconds, so that the disk fills in the middle of it. */
const SEEDED: Record<Name, number> = { ada: 10, ben: 10, cem: 2_000, dot: 10 };
const DISK_KILOBYTES = 300 * 1024;
/** For what takes seconds, on a machine that has other work. */
const PATIENCE_MS = 120_000;
/** More than a piece of PostgreSQL's log: it must take a new one, which it cannot have, and dies of it. */
const MUCH_LOG = "select pg_logical_emit_message(false, 'full-disk', repeat('x', 40000000))";

async function startPlatform(folder: string, name: string, uidValidityBase: number, counts: Record<Name, number>): Promise<PlatformProcess> {
  addUsers(folder, [...NAMES.map((each) => ({ user: address(each), secret: SECRETS[each] })), SENTINEL], { uidValidityBase });
  for (const each of NAMES) {
    const messages = Array.from({ length: counts[each] }, (_, i) => ({ bytes: Buffer.from(`Message-ID: <seed-${i}>\r\n\r\n${i}\r\n`), internalDateMs: 1e12 + i * 1_000 }));
    seedMailbox(folder, address(each), 'INBOX', messages, { uidValidityBase });
  }
  const platform = await startPlatformProcess({ name, folder, uidValidityBase, trustedTokenFile: join(folder, '..', 'token') });
  cleanUps.push(() => platform.close());
  return platform;
}

async function accountsCsv(): Promise<string> {
  const hash = await argon2(SECRETS.ada, { memoryCost: 19_456, timeCost: 2, parallelism: 1 });
  const rows = NAMES.map((name) => (name === 'ada' ? `${address(name)},old,"{ARGON2ID}${hash}",ours` : `${address(name)},old,,old`));
  return `address,platform,hash,authority\n${rows.join('\n')}\n`;
}

/** PostgreSQL ends when it cannot write its log. @returns what it said */
async function exhaustTheLog(disk: SmallDisk): Promise<string> {
  const client = new pg.Client(readRunFile(disk.seenFromHere)!.database as pg.ClientConfig);
  client.on('error', () => {});
  try {
    await client.connect();
    await client.query(MUCH_LOG);
    return '';
  } catch (error) {
    return String(error);
  } finally {
    await client.end().catch(() => {});
  }
}

test.skipIf(reason !== undefined)(`a disk that fills${reason === undefined ? '' : ` (skipped: ${reason})`}`, { timeout: 480_000 }, async () => {
  const world = install({});
  cleanUps.push(world.remove);
  const old = await startPlatform(join(world.folder, 'old'), 'old', 0, SEEDED);
  const target = await startPlatform(join(world.folder, 'new'), 'new', 200_000_000, { ada: 0, ben: 0, cem: 0, dot: 0 });
  const at = install({ old, new: target });
  cleanUps.push(at.remove);
  const disk = await smallDisk(at.data, DISK_KILOBYTES);
  cleanUps.push(() => disk.close());
  const command = (...args: string[]): ReturnType<typeof causeway> => causeway([...args, '-c', at.config], disk.wrap);
  const instance = serve(at.config, disk.wrap);
  cleanUps.push(() => instance.stop());
  const { imaps, lmtp } = (await instance.event('serve.ready')) as unknown as { imaps: number; lmtp: number };
  const imported = await command('account', 'import', at.file('accounts.csv', await accountsCsv()));
  expect(imported, imported.stderr).toMatchObject({ status: 0 });

  const sent: Record<Name, string[]> = { ada: [], ben: [], cem: [], dot: [] };
  /** An MX tries again after a 4xx. */
  const mail = async (name: Name): Promise<void> => {
    const id = `mail-${name}-${sent[name].length}`;
    for (const until = performance.now() + PATIENCE_MS; (await deliver(lmtp, address(name), id)) !== 250; await sleep(200)) {
      expect(performance.now(), `mail for ${name} is not taken`).toBeLessThan(until);
    }
    sent[name].push(id);
  };
  const customersAreServed = async (when: string): Promise<void> => {
    const seen = await Promise.all((['ada', 'ben'] as const).map((name) => signIn(imaps, address(name), SECRETS[name])));
    expect(seen, when).toEqual(['in', 'in']);
    await Promise.all(NAMES.map(mail));
  };

  await customersAreServed('before');
  const moving = command('move', address('cem'), '--to', 'new', '--json');
  await instance.event('mover.state');
  disk.fill();
  await instance.event('serve.disk-full');
  await customersAreServed('with a full disk');
  const asking = command('move', address('dot'), '--to', 'new', '--json');
  await customersAreServed('with a full disk, still');

  // Unless what the movers wrote meanwhile was enough. Its own last words, or, when another of its processes was first, none.
  if (instance.events('store.embedded-gone').length === 0) expect(await exhaustTheLog(disk)).toMatch(/No space left|terminat/);
  // Whatever room its end gives back is taken at once, so that it cannot come back.
  for (const until = performance.now() + PATIENCE_MS; instance.events('store.embedded-gone').length === 0; await sleep(10)) {
    disk.fill();
    expect(performance.now(), 'PostgreSQL goes on').toBeLessThan(until);
  }
  disk.fill();
  for (let round = 0; round < 3; round += 1) await customersAreServed('with PostgreSQL gone');
  expect(await signIn(imaps, address('ada'), 'wrong')).toBe('UNAVAILABLE');
  expect(instance.events('store.embedded-ready')).toHaveLength(1);
  expect(instance.events('mover.state').some(({ state }) => state === 'failed')).toBe(false);

  disk.free();
  const freedAt = performance.now();
  while (instance.events('store.embedded-ready').length < 2) {
    expect(performance.now() - freedAt, 'PostgreSQL does not come back').toBeLessThan(PATIENCE_MS);
    await sleep(50);
  }
  const databaseBackMs = performance.now() - freedAt;
  while ((await signIn(imaps, address('ada'), 'wrong')) !== 'AUTHENTICATIONFAILED') expect(performance.now() - freedAt, 'no wrong password is rejected').toBeLessThan(2 * PATIENCE_MS);
  await instance.event('serve.disk-has-room');
  await customersAreServed('afterwards');
  const moved = await moving;
  expect(moved, moved.stderr).toMatchObject({ status: 0 });
  const movedMs = performance.now() - freedAt;
  // Asked for while nothing could be written: taken or refused, as it happens, and not half of either.
  const asked = await asking;
  if (asked.status !== 0) {
    expect(asked, asked.stderr).toMatchObject({ status: 69, stdout: '' });
    expect(asked.stderr).toMatch(/^causeway: the store cannot be used now: [^\n]*\n$/);
    const again = await command('move', address('dot'), '--to', 'new', '--json');
    expect(again, again.stderr).toMatchObject({ status: 0 });
  }
  await customersAreServed('after the moves');
  for (const name of NAMES) {
    const home = name === 'cem' || name === 'dot' ? target : old;
    const expected = [...Array.from({ length: SEEDED[name] }, (_, i) => `seed-${i}`), ...sent[name]].sort();
    expect(await messageIds(home.trustedPort, address(name), TOKEN), name).toEqual(expected);
  }
  console.info(`after the room came back: PostgreSQL ${Math.round(databaseBackMs)} ms, the move that was under way ${Math.round(movedMs)} ms`);
  const ended = await instance.stop();
  expect(ended, ended.stderr.slice(-2_000)).toMatchObject({ status: 0 });
  expect(processesOf(at.folder)).toEqual([]);
});
