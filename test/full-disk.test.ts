/**
 * The disk of the data folder, with the embedded PostgreSQL on it, fills while customers are at work: they notice
 * nothing, it is said, and when there is room again all goes on by itself.
 */
import { join } from 'node:path';
import { hash as argon2 } from '@node-rs/argon2';
import pg from 'pg';
import { afterEach, expect, test } from 'vitest';
import { readRunFile } from '../src/context/data-folder.ts';
import { addUsers, type PlatformProcess, seedMailbox, startPlatformProcess } from '../src/practice/index.ts';
import { deliver, messageIds, signIn } from './customer.ts';
import { causeway, type Installation, install, processesOf, SENTINEL, serve, sleep, TOKEN } from './installation.ts';
import { smallDisk, whyNoSmallDisk } from './small-disk.ts';

const reason = whyNoSmallDisk();
if (reason !== undefined && process.env['CI'] === 'true') throw new Error(`CI must run this: ${reason}`);

const cleanUps: (() => Promise<unknown> | unknown)[] = [];
afterEach(async () => {
  for (const each of cleanUps.splice(0).reverse()) await each();
});

/** Ada is known by a hash, Ben by what the platform accepted once; Cem and Dot move. */
const SECRETS = { ada: 'first programmer', ben: 'second chance', cem: 'third rail', dot: 'fourth wall' };
type Name = keyof typeof SECRETS;
const NAMES = Object.keys(SECRETS) as Name[];
const address = (name: Name): string => `${name}@isp.example`;
const MESSAGES = 25;

async function startPlatform(folder: string, name: string, uidValidityBase: number, seeded: boolean): Promise<PlatformProcess> {
  const users = NAMES.map((each) => ({ user: address(each), secret: SECRETS[each] }));
  addUsers(folder, [...users, SENTINEL], { uidValidityBase });
  if (seeded) {
    for (const each of NAMES) {
      const messages = Array.from({ length: MESSAGES }, (_, i) => ({ bytes: Buffer.from(`Message-ID: <seed-${i}>\r\n\r\n${i}\r\n`), internalDateMs: 1e12 + i * 1_000 }));
      seedMailbox(folder, address(each), 'INBOX', messages, { uidValidityBase });
    }
  }
  const platform = await startPlatformProcess({ name, folder, uidValidityBase, trustedTokenFile: join(folder, '..', 'token') });
  cleanUps.push(() => platform.close());
  return platform;
}
const t0 = performance.now();
const say = (...a: unknown[]) => console.log(((performance.now()-t0)/1000).toFixed(1), ...a);

test.skipIf(reason !== undefined)(`a disk that fills and empties${reason === undefined ? '' : ` (skipped: ${reason})`}`, { timeout: 180_000 }, async () => {
  const at: Installation = install({});
  cleanUps.push(at.remove);
  const old = await startPlatform(join(at.folder, 'old'), 'old', 0, true);
  const target = await startPlatform(join(at.folder, 'new'), 'new', 200_000_000, false);
  const disk = await smallDisk(at.data, 300 * 1024);
  cleanUps.push(() => disk.close());
  const { config } = install({ old, new: target }, { data: at.data });
  const on = (...args: string[]) => causeway([...args, '-c', config], disk.wrap);
  const instance = serve(config, disk.wrap);
  cleanUps.push(() => instance.stop());
  const { imaps, lmtp } = (await instance.event('serve.ready')) as unknown as { imaps: number; lmtp: number };
  say('ready');
  const hash = await argon2(SECRETS.ada, { memoryCost: 19_456, timeCost: 2, parallelism: 1 });
  const csv = NAMES.map((name) => `${address(name)},old,${name === 'ada' ? `"{ARGON2ID}${hash}"` : ''},${name === 'ada' ? 'ours' : 'old'}`);
  const imported = await on('account', 'import', at.file('accounts.csv', `address,platform,hash,authority\n${csv.join('\n')}\n`));
  expect(imported.status, imported.stderr).toBe(0);
  say('imported', imported);
  const customers = async () => ({ ada: await signIn(imaps, address('ada'), SECRETS.ada), ben: await signIn(imaps, address('ben'), SECRETS.ben), wrong: await signIn(imaps, address('ada'), 'wrong'), wrongBen: await signIn(imaps, address('ben'), 'wrong'), mail: await deliver(lmtp, address('ada'), `m-${Math.random()}`), mailcem: await deliver(lmtp, address('cem'), `m-${Math.random()}`) });
  say(await customers());
  disk.fill();
  say('full', disk.freeBytes());
  say(await customers());
  const move = on('move', address('cem'), '--to', 'new', '--json').then((r) => say('move ended', r));
  for (let i=0;i<3;i++) { say(await customers(), disk.freeBytes()); await sleep(500); }
  const run = readRunFile(join(disk.seenFromHere))!;
  const c = new pg.Client(run.database as any);
  c.on('error', (e) => say('pg client', String(e)));
  await c.connect().catch((e) => say(String(e)));
  await c.query("select pg_logical_emit_message(false, 'x', repeat('x', 40000000))").then((r)=>say('survived'), (e) => say('emit:', String(e)));
  await c.end().catch(() => {});
  for (let i=0;i<6;i++) { say(await customers(), disk.freeBytes()); await sleep(1000); }
  say(await on('move', address('dot'), '--to', 'new', '--json'));
  disk.free();
  say('freed', disk.freeBytes());
  for (let i=0;i<20;i++) { const r = await customers(); say(r, disk.freeBytes()); if (r.wrong === 'AUTHENTICATIONFAILED') break; await sleep(300); }
  await move;
  say(await on('move', address('cem'), '--to', 'new', '--json'));
  say(await on('move', address('dot'), '--to', 'new', '--json'));
  say((await messageIds(target.trustedPort, address('cem'), TOKEN)).length);
  const end = await instance.stop();
  say(end.status, processesOf(at.folder));
  console.log(end.stderr.split('\n').filter((l) => !l.includes('signin.verdict') && !l.includes('gateway.session')).join('\n'));
});
