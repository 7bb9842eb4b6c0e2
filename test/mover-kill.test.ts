/**
 * Movers that are killed and stopped at random moments, again and again, while accounts are carried there and back: each
 * move that was hit is taken up by another process, a process that was stopped wakes when others have taken over, and
 * after every way each account is at its home what it was at its former one, message for message, in order, with flags
 * and dates. `CAUSEWAY_KILLS=200` and `CAUSEWAY_STOPS=50` make it longer; `CAUSEWAY_TEST_SEED` repeats the mail and the
 * schedule of the faults: their kinds, order, moments and victims, as far as the machine plays along.
 */
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, expect, test } from 'vitest';
import { createAccount } from '../src/directory/accounts.ts';
import { directoryMigrations } from '../src/directory/migrations.ts';
import { moverMigrations, readMoves, requestMove, requestRollback } from '../src/mover/index.ts';
import { addUsers, type PlatformProcess, seedMailbox, startPlatformProcess } from '../src/practice/index.ts';
import { createRandom, type Random } from '../src/rehearsal/random.ts';
import { storeMigrations } from '../src/store/index.ts';
import { openTestStore } from '../src/store/testing.ts';
import { install, sleep, TOKEN } from './installation.ts';
import { read, seedMail, stir } from './mover-kill/accounts.ts';
import { type Aim, type Hit, startMovers, watchClaims } from './mover-kill/movers.ts';

const KILLS = Number(process.env['CAUSEWAY_KILLS'] ?? 16);
const STOPS = Number(process.env['CAUSEWAY_STOPS'] ?? 4);
const SEED = Number(process.env['CAUSEWAY_TEST_SEED'] ?? Date.now() % 100_000);
const ACCOUNTS = 12;
/** So that many moves are hit, and not a few by many faults. */
const FAULTS_PER_WAY = 10;
const GROUPS = Math.ceil((KILLS + STOPS) / FAULTS_PER_WAY / 2);
const MOVERS = 4;
/** A fault and what follows from it take about a second; a machine that does other things takes several times that. */
const PER_FAULT_MS = 12_000;

type Fault = { readonly kind: 'kill' | 'stop'; readonly afterMs: number; readonly aim: Aim; readonly sleepsOnMs: number };

function schedule(random: Random): Fault[] {
  const kinds: Fault['kind'][] = [...Array<'kill'>(KILLS).fill('kill'), ...Array<'stop'>(STOPS).fill('stop')];
  for (let at = kinds.length - 1; at > 0; at -= 1) {
    const other = random.below(at + 1);
    [kinds[at], kinds[other]] = [kinds[other]!, kinds[at]!];
  }
  return kinds.map((kind) => ({ kind, afterMs: random.below(200), aim: { state: random.pick(['copying', 'following', 'held']), which: random.below(1_000) }, sleepsOnMs: random.below(500) }));
}

const cleanUps: (() => Promise<unknown> | unknown)[] = [];
afterEach(async () => {
  for (const each of cleanUps.splice(0).toReversed()) await each();
});

async function open(random: Random) {
  const { store, connection, close } = await openTestStore([...storeMigrations, ...directoryMigrations, ...moverMigrations]);
  cleanUps.push(close);
  await watchClaims(store);
  const platforms = {} as Record<'old' | 'new', PlatformProcess>;
  const at = install({});
  cleanUps.push(() => at.remove());
  const groups = Array.from({ length: GROUPS }, (_, group) => Array.from({ length: ACCOUNTS }, (_each, n) => `customer${n}.${group}@isp.example`));
  for (const [name, uidValidityBase, separator] of [['old', 0, '/'], ['new', 2e8, '.']] as const) {
    const folder = join(at.folder, name);
    addUsers(folder, groups.flat().map((user) => ({ user, secret: TOKEN })), { uidValidityBase });
    if (name === 'old') {
      for (const user of groups.flat()) {
        for (const [mailbox, mail] of Object.entries(seedMail(random, user))) seedMailbox(folder, user, mailbox, mail, { uidValidityBase, separator, subscribe: true });
      }
    }
    platforms[name] = await startPlatformProcess({ name, folder, uidValidityBase, separator, trustedTokenFile: join(at.folder, 'token') });
    cleanUps.push(() => platforms[name].close());
  }
  const ids = new Map<string, number>();
  await store.transaction(async (tx) => {
    for (const address of groups.flat()) ids.set(address, await createAccount(tx, { address, home: 'old', authority: 'ours' }, { actor: 'test' }));
  });
  mkdirSync(at.data);
  const { config, remove } = install(platforms);
  cleanUps.push(remove);
  const movers = startMovers(store, { config, keys: at.data, database: connection }, MOVERS);
  cleanUps.push(() => movers.end());
  return { store, groups, ids, movers, ports: { old: platforms.old.trustedPort, new: platforms.new.trustedPort } };
}

test(`${KILLS} movers killed and ${STOPS} stopped: nothing missing, altered, doubled or out of order`, { timeout: 240_000 + (KILLS + STOPS) * PER_FAULT_MS }, async () => {
  const beganAt = performance.now();
  const random = createRandom(SEED);
  const { store, groups, ids, movers, ports } = await open(random.fork('mail'));
  const faults = schedule(random.fork('faults'));
  const hits: (Hit & { readonly kind: Fault['kind'] })[] = [];
  const waking: Promise<void>[] = [];
  let [ways, empty] = [0, 0];

  /** Faults come until `most` were done, or the way is over. One that finds nobody at work waits; one that hit nothing is done again. */
  async function strike(most: number, over: () => boolean): Promise<void> {
    for (let done = 0; done < most && faults.length > 0; ) {
      const { kind, afterMs, aim, sleepsOnMs } = faults.at(-1)!;
      await sleep(afterMs);
      for (;;) {
        if (over()) return;
        const stopped = kind === 'stop' ? await movers.stop(aim, sleepsOnMs) : undefined;
        if (stopped !== undefined) waking.push(stopped.woken);
        const hit = kind === 'stop' ? stopped?.hits : await movers.kill(aim);
        if (hit === undefined) {
          await sleep(10);
          continue;
        }
        hits.push(...hit.map((each) => ({ ...each, kind })));
        if (hit.every(({ beside }) => beside)) empty += 1;
        else {
          faults.pop();
          done += 1;
        }
        break;
      }
    }
  }

  async function carry(users: readonly string[], from: 'old' | 'new'): Promise<void> {
    const to = from === 'old' ? 'new' : 'old';
    const before = await Promise.all(users.map((user) => read(ports[from], user)));
    const moves = await store.transaction(async (tx) => {
      const requested: number[] = [];
      for (const user of users) {
        const accountId = ids.get(user)!;
        requested.push(await (from === 'old' ? requestMove(tx, { accountId, source: from, target: to }) : requestRollback(tx, { accountId, actor: 'test' })));
      }
      return requested;
    });
    let over = false;
    let failure: unknown;
    const striking = strike(FAULTS_PER_WAY, () => over).catch((error: unknown) => (failure = error));
    for (;;) {
      if (failure !== undefined) throw failure;
      const status = await readMoves(store, moves);
      expect(status.filter(({ state }) => state === 'failed' || state === 'cancelled'), `seed ${SEED}, way ${ways}`).toEqual([]);
      if (status.every(({ state }) => state === 'moved')) break;
      await sleep(50);
    }
    over = true;
    await striking;
    if (failure !== undefined) throw failure;
    // Who was stopped and taken over wakes before all is read: what it writes then would be found.
    await Promise.all(waking.splice(0));
    ways += 1;
    const after = await Promise.all(users.map((user) => read(ports[to], user)));
    for (const [n, user] of users.entries()) expect(after[n], `${user} at ${to}, seed ${SEED}, way ${ways}: ${movers.log()}`).toEqual(before[n]);
  }

  for (let turn = 0; faults.length > 0; turn += 1) {
    const users = groups[turn % groups.length]!;
    const stirred = random.fork(`turn ${turn}`);
    for (const from of ['old', 'new'] as const) {
      if (turn >= groups.length || from === 'new') await Promise.all(users.map((user) => stir(ports[from], user, stirred, ways + 1)));
      await carry(users, from);
    }
  }
  expect(await movers.end()).toEqual([]);

  const taken = new Map((await movers.takings()).map(({ move, claim, owner }) => [`${move}/${claim}`, owner]));
  const resumedBy = ({ move, claim }: Hit): string | undefined => taken.get(`${move}/${claim + 1}`);
  const asked = hits.filter(({ beside }) => !beside);
  expect(asked.filter((hit) => resumedBy(hit) === undefined || resumedBy(hit) === hit.owner), `seed ${SEED}`).toEqual([]);
  const count = (kind: Fault['kind'], state: string): number => asked.filter((hit) => hit.kind === kind && hit.state === state).length;
  const states = Object.fromEntries((['kill', 'stop'] as const).map((kind) => [kind, Object.fromEntries(['queued', 'copying', 'following', 'held'].map((state) => [state, count(kind, state)]))]));
  console.info(JSON.stringify({ seed: SEED, kills: KILLS, stops: STOPS, ways, accounts: groups.flat().length, claimsHit: asked.length, besides: hits.length - asked.length, hitNoMove: empty, states, seconds: Math.round((performance.now() - beganAt) / 1_000) }));
});
