/** What an operator does about moves that do not go by themselves: `refused`, `--without`, `way-back`, `--wave`, `--dry-run`, `losses --give-up`. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { addUsers, createPlatform, type Platform, type PlatformOptions, seedMailbox, type SeedMessage } from '../src/practice/index.ts';
import { causeway, type Ended, type Installation, install, type Running, SENTINEL, serve, sleep, TOKEN } from './installation.ts';

const [ADA, BEN, EVE] = ['ada@isp.example', 'ben@isp.example', 'eve@isp.example'] as const;
const folder = mkdtempSync(join(tmpdir(), 'causeway-moves-'));
const platforms: Platform[] = [];
let at: Installation;
let running: Running;
let fresh: Platform;

const message = (text: string, n: number): SeedMessage => ({ bytes: Buffer.from(`Subject: ${n}\r\n\r\n${text}\r\n`), internalDateMs: 1e12 + n * 1_000 });

async function start(name: string, uidValidityBase: number, more: Partial<PlatformOptions> = {}): Promise<Platform> {
  const home = join(folder, name);
  addUsers(home, [...[ADA, BEN, EVE].map((user) => ({ user, secret: 'swordfish 7' })), SENTINEL], { uidValidityBase });
  if (name === 'old') for (const user of [ADA, BEN, EVE]) seedMailbox(home, user, 'INBOX', [message('first', 1), ...(user === ADA ? [message('EICAR', 2)] : []), message('last', 3)], { uidValidityBase });
  const platform = await createPlatform({ name, folder: home, uidValidityBase, trustedTokenFile: join(folder, 'token'), ...more });
  platforms.push(platform);
  return platform;
}

beforeAll(async () => {
  writeFileSync(join(folder, 'token'), TOKEN);
  const old = await start('old', 0);
  fresh = await start('new', 2e8, { vices: new Set(['scans']) });
  at = install({ old, new: fresh });
  running = serve(at.config);
  await running.event('serve.ready');
  const accounts = at.file('accounts.csv', ['address,platform,hash,authority', ...[ADA, BEN, EVE].map((user) => `${user},old,,old`), ''].join('\n'));
  expect((await run('account', 'import', accounts)).status).toBe(0);
});

afterAll(async () => {
  await running.stop();
  await Promise.all(platforms.map((platform) => platform.close()));
  at.remove();
  rmSync(folder, { recursive: true, force: true });
});

const run = (...args: string[]): Promise<Ended> => causeway([...args, '-c', at.config]);
/** Exit status, and what was printed as JSON. */
async function told(...args: string[]): Promise<[number | null, Record<string, unknown>]> {
  const { status, stdout, stderr } = await run(...args, '--json');
  if (stdout === '') throw new Error(stderr);
  return [status, JSON.parse(stdout) as Record<string, unknown>];
}

/** As `way-back` lists it. */
const following = async (address: string): Promise<unknown[]> => (await told('way-back', address))[1]['following'] as unknown[];

async function until(what: string, is: () => Promise<boolean>): Promise<void> {
  for (const end = performance.now() + 120_000; !(await is()); await sleep(200)) expect(performance.now(), what).toBeLessThan(end);
}

test('a message that the new platform does not take: planned, refused, told, decided, and gone without', { timeout: 400_000 }, async () => {
  const planned = await told('move', ADA, EVE, '--to', 'new', '--dry-run');
  expect(await told('way-back')).toEqual([0, { following: [] }]);
  const moved = await told('move', EVE, '--to', 'new');
  // What a platform will find in a message nobody knows beforehand.
  expect(planned).toMatchObject([0, { plans: [{ address: ADA, outcome: 'would-move', messages: 3 }, { address: EVE, messages: 2 }] }]);
  expect(moved).toMatchObject([0, { moves: [{ address: EVE, state: 'moved', target: 'new' }] }]);

  const failed = await run('move', ADA, '--to', 'new');
  expect(failed.status).toBe(1);
  expect(failed.stdout).toMatch(new RegExp(`^${ADA}: failed, lives at old as before: .*message 2 of "INBOX".*\n  causeway refused ${ADA} lists`));
  const [waiting, inWords, nothing] = await Promise.all([told('refused', ADA), run('refused', ADA), run('refused', EVE)]);
  expect(waiting).toMatchObject([1, { address: ADA, refused: [{ mailbox: 'INBOX', uid: 2, failure: 'content', source: 'old', target: 'new', decidedBy: null }] }]);
  expect(inWords.stdout).toMatch(/INBOX:2 .* old → new +content +- +/);
  expect([nothing.status, nothing.stdout]).toEqual([0, `${EVE}: nothing was refused.\n`]);

  const [unknown, ofTwo] = await Promise.all([run('move', ADA, '--to', 'new', '--without', 'INBOX'), run('move', ADA, BEN, '--to', 'new', '--without', 'INBOX:2')]);
  expect([unknown.status, ofTwo.status]).toEqual([64, 64]);
  expect(await told('move', ADA, '--to', 'new', '--without', 'INBOX:2')).toMatchObject([0, { moves: [{ address: ADA, state: 'moved', messages: 2 }] }]);
  const [decided, receipt] = await Promise.all([told('refused', ADA), run('receipt', ADA)]);
  expect(decided).toMatchObject([0, { refused: [{ uid: 2, decidedBy: expect.any(String) }] }]);
  expect(receipt.stdout).toMatch(/INBOX.*content|content.*INBOX/s);
});

test('a wave goes, is looked at, and is carried back by its name', { timeout: 400_000 }, async () => {
  const plan = at.file('plan.yaml', JSON.stringify({ plan: 'winter', from: 'old', to: 'new', waves: [{ name: 'first', accounts: [BEN] }] }));
  expect((await run('cutover', 'run', plan)).status).toBe(0);
  await until('the wave has moved', async () => (await following(BEN)).length === 1);
  const [wayBack, preview, unknown] = await Promise.all([told('way-back'), told('rollback', '--wave', 'first', '--dry-run'), run('rollback', '--wave', 'summer', '--dry-run')]);
  expect(wayBack).toMatchObject([0, { following: expect.arrayContaining([ADA, BEN, EVE].map((address) => expect.objectContaining({ address, from: 'new', to: 'old' }))) }]);
  expect(preview).toMatchObject([0, { ways: [{ address: BEN, from: 'new', to: 'old' }] }]);
  expect(unknown.status).not.toBe(0);
  expect(await told('rollback', '--wave', 'first')).toMatchObject([0, { moves: [{ address: BEN, state: 'moved', target: 'old' }], losses: [] }]);
  // Nobody is carried twice: who is back has no way back.
  expect((await run('rollback', BEN)).stderr).toContain('was rolled back to old already');
});

test('a rollback that waits says what it does not take, and without its home what is missing, until that is given up', { timeout: 400_000 }, async () => {
  await Promise.all(platforms.splice(platforms.indexOf(fresh), 1).map((platform) => platform.close()));
  const waiting = told('rollback', ADA);
  waiting.catch(() => {});
  await until('the rollback is asked for', async () => (await following(ADA)).length === 0);
  const [late, both] = await Promise.all([run('rollback', ADA, '--without', 'too-big'), run('rollback', ADA, '--without', 'too-big', '--home-is-dead')]);
  expect([late.status, both.status]).toEqual([70, 64]);
  expect(late.stderr).toContain('is being carried back already');
  expect(await told('rollback', ADA, '--home-is-dead', '--why', 'it burnt down')).toMatchObject([0, { moves: [{ address: ADA, state: 'moved', target: 'old' }], losses: [{ address: ADA, platform: 'new' }] }]);
  expect(await waiting).toMatchObject([0, { moves: [{ state: 'moved' }] }]);

  const [open, unfounded] = await Promise.all([run('losses'), run('losses', '--give-up', ADA)]);
  expect([open.status, unfounded.status]).toEqual([1, 64]);
  const given = await run('losses', '--give-up', ADA, '--why', 'nobody will repair it');
  expect(given.status).toBe(0);
  expect(given.stdout).toContain(`${ADA}: given up on `);
});
