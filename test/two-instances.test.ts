/**
 * Two instances on one PostgreSQL move a hundred accounts while customers and the world's mail come in through both, and one
 * of the two, at random, is stopped, cut off from the store, or restarted with the store out of reach.
 *
 * The platforms' own logs must show one home for each account at any instant; whoever is not in a hold is served by
 * every instance that runs, with the store or without it; and the judge finds what it finds on a quiet day.
 */
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { chmod, mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import { afterEach, expect, test } from 'vitest';
import { stringify } from 'yaml';
import { CausewayError } from '#errors/index.ts';
import { systemClock } from '#events/clock.ts';
import { silent } from '#events/index.ts';
import { requestMove } from '#mover/index.ts';
import { isStoreUnavailable, openStore, type Store } from '#store/index.ts';
import { isAlive } from '#store/embedded/processes.ts';
import { startEmbedded } from '#store/embedded/start.ts';
import { testBinaries } from '#store/testing.ts';
import { startPlatformProcess } from '../src/practice/index.ts';
import { liveAsCustomer } from '../src/rehearsal/customer.ts';
import { type Journal, openJournal, readJournal, type SignInVerdict } from '../src/rehearsal/journal.ts';
import { judge } from '../src/rehearsal/judge.ts';
import { createRandom, type Random } from '../src/rehearsal/random.ts';
import { sendMail } from '../src/rehearsal/sender.ts';
import { makeWorld, type World } from '../src/rehearsal/world.ts';
import { signIn, signInPop3 } from './customer.ts';
import { causeway, sleep } from './installation.ts';
import { createInstance, type Instance } from './instance.ts';
import { breaches, type Query, readActs, readFlips } from './one-home.ts';
import { openRelay, type Relay } from './relay.ts';

/** The long form has 200. */
const MOVES = Number(process.env['CAUSEWAY_MOVES'] ?? 36);
/** Accounts that stay where they are: nothing may ever keep them out. */
const CANARIES = 6;
const MESSAGES = 500;
/** Moves that are open at once. */
const OPEN_MOVES = 20;
/** Each kind of fault once; between two of them a share of the moves is made, since no hold ends well in one. */
const FAULTS = 6;
const CALM_MS = 15_000;
/** On two cores with five times their work besides it takes three and a half minutes: only what hangs is to end here. */
const LIMIT_MS = 600_000;
const VISITS_PER_SECOND = 14;
const MESSAGES_PER_SECOND = 8;
/** What a busy machine may add to the end of a fault before all is as before: a worker's first turn, a start of `serve`. */
const GRACE_MS = 1_500;

const cleanUps: (() => Promise<unknown> | unknown)[] = [];
afterEach(async () => {
  for (const each of cleanUps.splice(0).toReversed()) await each();
});

type House = { readonly instances: readonly Instance[]; readonly relays: readonly Relay[]; readonly store: Store; readonly query: Query };

/** A time in which an instance could not serve (`away`) or reach the store (`cut off`); epoch ms. */
type Fault = { readonly instance: number; readonly what: 'away' | 'cut off'; readonly how: string; readonly from: number; to: number };

/** A sign-in as its customer saw it. */
type Visit = { readonly instance: number; readonly account: string; readonly at: number; readonly ended: number; readonly verdict: string; readonly known: boolean };

async function startHouse(folder: string, world: World, ports: Record<'old' | 'new', object>): Promise<House> {
  const server = await startEmbedded({ dataDir: join(folder, 'store'), binariesDir: testBinaries(), clock: systemClock, emit: silent });
  cleanUps.push(() => server.stop());
  const { host, user, database } = server.connection;
  const instances: Instance[] = [];
  const relays: Relay[] = [];
  for (const name of ['one', 'two']) {
    const relay = await openRelay({ path: join(host, '.s.PGSQL.5432') });
    cleanUps.push(() => relay.close());
    relays.push(relay);
    const data = join(folder, name);
    const settings = {
      instance: name,
      data,
      database: { url: `postgres://${user}@127.0.0.1:${relay.port}/${database}` },
      listen: Object.fromEntries(['imaps', 'pop3s', 'lmtp'].map((entry) => [entry, { host: '127.0.0.1', port: 0 }])),
      workers: { gateway: 1, mover: 1 },
      platforms: Object.fromEntries(Object.entries(ports).map(([platform, at]) => [platform, platformConfig(platform, at as Record<string, number>)])),
    };
    const config = join(world.folder, `${name}.yaml`);
    writeFileSync(config, stringify(settings), { mode: 0o600 });
    const instance = createInstance(name, config, data, (command) => ['env', `CAUSEWAY_KNOWN_GOOD_KEY_FILE=${world.paths.key}`, ...command]);
    instances.push(instance);
    cleanUps.push(() => instance.kill());
    await instance.start();
  }
  const store = await openStore(server.connection, { emit: silent, clock: systemClock, poolSize: 4 });
  cleanUps.push(() => store.close());
  const client = new pg.Client(server.connection);
  let lost: Error | undefined;
  // No fault here touches this connection: without it there is nothing to be told about anything else.
  client.on('error', (error) => {
    if (lost !== undefined) return;
    const log = readFileSync(join(folder, 'store/server.log'), 'utf8').slice(-2_000);
    lost = new Error(`the scenario's PostgreSQL (${server.pid}, ${isAlive(server.pid) ? 'alive' : 'gone'}) ended our connection at ${new Date().toISOString()}: ${error.message}\n${log}`);
  });
  await client.connect();
  cleanUps.push(() => client.end());
  const query: Query = async (text, values) => {
    if (lost !== undefined) throw lost;
    try {
      return (await client.query(text, values)).rows;
    } catch (error) {
      throw lost ?? error;
    }
  };
  return { instances, relays, store, query };
}

/** ID tells the gateway's sessions from the mover's and the verifier's in the platforms' logs. */
function platformConfig(name: string, ports: Record<string, number>): unknown {
  const service = (port: number | undefined): object => ({ host: '127.0.0.1', port, tls: 'plain', trustedNetwork: true });
  return {
    imap: { ...service(ports['imapPort']), clientAddress: 'id' },
    pop3: service(ports['pop3Port']),
    lmtp: { host: '127.0.0.1', port: ports['lmtpPort'] },
    entrances: [{ kind: 'trusted', port: ports['trustedPort'], pop3Port: ports['pop3TrustedPort'], passwordFile: `${name}-trusted.secret` }, { kind: 'replay' }],
    sentinel: { login: 'sentinel@isp.example', passwordFile: 'sentinel.secret' },
  };
}

/** Customers, POP3 visitors, the world's mail and the canaries, until `stopping`. */
function bringToLife(house: House, world: World, random: Random, stopping: AbortSignal): { visits: Visit[]; probes: Visit[]; ended: Promise<unknown>; journal: Journal } {
  const { instances } = house;
  const visits: Visit[] = [];
  const probes: Visit[] = [];
  const journal = openJournal(world.paths.journal);
  const doubles = JSON.parse(readFileSync(world.paths.doubles, 'utf8')) as Record<string, string[]>;
  const pause = (ms: number): Promise<void> =>
    new Promise((resolve) => {
      const timer = setTimeout(resolve, ms);
      stopping.addEventListener('abort', () => (clearTimeout(timer), resolve()), { once: true });
    });
  const movers = world.provider.customers.slice(CANARIES);
  const customers = movers.map((customer) => {
    const mine = random.fork(customer.address);
    let instance = 0;
    return liveAsCustomer(customer, {
      get port() {
        instance = mine.below(instances.length);
        return instances[instance]!.ports().imaps!;
      },
      journal: {
        ...journal,
        signedIn(act, at, verdict: SignInVerdict) {
          if (act.secret === 'right') visits.push({ instance, account: customer.address, at, ended: Date.now(), verdict, known: act.known });
          journal.signedIn(act, at, verdict);
        },
      },
      random: mine,
      doubles: new Set(doubles[customer.address] ?? []),
      pauseMs: (movers.length / VISITS_PER_SECOND) * 1_000,
      stopping,
      sleep: pause,
      onVerdict: () => {},
    });
  });
  const mail = sendMail({
    get port() {
      return random.pick(instances).ports().lmtp!;
    },
    journal,
    random: random.fork('world'),
    recipients: movers.map(({ address }) => address),
    rate: MESSAGES_PER_SECOND,
    stopping,
    sleep: pause,
    onOutcome: () => {},
  });
  const look = async (into: Visit[], instance: number, account: string, known: boolean, work: () => Promise<string>): Promise<void> => {
    const at = Date.now();
    const verdict = await work();
    into.push({ instance, account, at, ended: Date.now(), verdict, known });
  };
  /** Some read by POP3 too, and stay for a moment. */
  const pop3 = (async () => {
    while (!stopping.aborted) {
      const { address, secret, scheme } = random.pick(movers);
      const instance = random.below(instances.length);
      await look(visits, instance, address, scheme !== 'none', () => signInPop3(instances[instance]!.ports().pop3s!, address, secret, random.below(1_000)));
      await pause(100);
    }
  })();
  const canaries = instances.flatMap((_, instance) =>
    world.provider.customers.slice(0, CANARIES).map(async ({ address, secret }, index) => {
      // A maildrop has room for one session: each instance has its own canaries of POP3.
      const byPop3 = index < 2;
      if (byPop3 && index !== instance) return;
      while (!stopping.aborted) {
        const { imaps, pop3s } = instances[instance]!.ports();
        await look(probes, instance, address, true, () => (byPop3 ? signInPop3(pop3s!, address, secret) : signIn(imaps!, address, secret)));
        await pause(500 + random.below(500));
      }
    }),
  );
  return { visits, probes, journal, ended: Promise.all([...customers, mail, pop3, ...canaries]) };
}

/** It was asked for already, and the answer was lost. */
function unlessAsked(error: unknown): void {
  if (!(error instanceof CausewayError) || error.code !== 'conflict') throw error;
}

type Moving = { readonly moved: () => number; readonly retried: string[]; readonly ended: Promise<void> };

/** Asks for one move after the other, `OPEN_MOVES` at a time, and again for those that failed. */
function moveAll({ store, query }: House, ids: readonly number[]): Moving {
  const waiting = [...ids];
  const retried: string[] = [];
  let moved = 0;
  const look = async (): Promise<void> => {
    const rows = await query<{ state: string; n: number }>(`select state, count(*)::int as n from move where back is null group by state`);
    const count = (...states: string[]): number => rows.filter(({ state }) => states.includes(state)).reduce((sum, { n }) => sum + n, 0);
    moved = count('moved');
    const failed = await query<{ account_id: string; error: string }>(`
      select m.account_id, m.error from move m where m.state = 'failed' and m.id = (select max(id) from move where account_id = m.account_id and back is null)`);
    retried.push(...failed.map(({ error }) => error));
    waiting.unshift(...failed.map(({ account_id: id }) => Number(id)).filter((id) => !waiting.includes(id)));
    for (let room = OPEN_MOVES - count('queued', 'copying', 'following', 'held'); room > 0 && waiting.length > 0; room -= 1) {
      const accountId = waiting[0]!;
      await store.transaction((tx) => requestMove(tx, { accountId, source: 'old', target: 'new', actor: 'test' })).catch(unlessAsked);
      waiting.shift();
    }
  };
  const ended = (async () => {
    while (moved < ids.length) {
      // A busy machine may keep even this way to the store from answering in time.
      await look().catch((error: unknown) => {
        if (!isStoreUnavailable(error)) throw error;
      });
      await sleep(200);
    }
  })();
  // It is awaited after the faults, which may end first.
  ended.catch(() => {});
  return { moved: () => moved, retried, ended };
}

/** One fault after the other, each kind in turn, in the middle of a hold where one can be caught. */
async function trouble(house: House, random: Random, moving: Moving): Promise<Fault[]> {
  const { instances, relays, query } = house;
  const faults: Fault[] = [];
  const during = async (instance: number, what: Fault['what'], how: string, work: () => Promise<void>): Promise<void> => {
    const fault = { instance, what, how, from: Date.now(), to: Number.POSITIVE_INFINITY };
    faults.push(fault);
    await work();
    fault.to = Date.now();
  };
  const stop = (whom: 'serve' | 'all') => async (i: number) =>
    during(i, 'away', `${whom} stopped`, async () => {
      instances[i]!.signal('SIGSTOP', whom);
      await sleep(2_800 + random.below(2_500));
      instances[i]!.signal('SIGCONT', whom);
    });
  const cutOff = (how: 'cut' | 'hang') => async (i: number) =>
    during(i, 'cut off', how, async () => {
      relays[i]![how]();
      await sleep(2_500 + random.below(4_000));
      relays[i]!.mend();
    });
  const restart = (how: 'kill' | 'stop') => async (i: number) =>
    during(i, 'cut off', 'restart', async () => {
      relays[i]!.cut();
      await sleep(random.below(1_500));
      await during(i, 'away', how, async () => {
        await instances[i]![how]();
        await instances[i]!.start();
      });
      await sleep(1_500);
      relays[i]!.mend();
    });
  const kinds = [stop('all'), cutOff('cut'), restart('kill'), stop('serve'), cutOff('hang'), restart('stop')];
  for (let round = 0; round < FAULTS; round += 1) {
    const share = moving.moved() + MOVES / (FAULTS + 2);
    for (const until = Date.now() + CALM_MS; moving.moved() < share && Date.now() < until; ) await sleep(100);
    const midHold = random.chance(0.7);
    for (const until = Date.now() + 3_000; midHold && Date.now() < until; ) {
      const rows = await query(`select from route where phase = 'held' and stage = $1`, [random.chance(0.5) ? 'freeze' : 'cut']);
      if (rows.length > 0) break;
    }
    await kinds[round % kinds.length]!(random.below(2));
  }
  return faults;
}

/** Why a customer was not let in. None of these is a reason for a canary but the first. */
function excuse(visit: Visit, faults: readonly Fault[], held: readonly { account: string; from: number; to: number }[]): 'instance away' | 'in a hold' | undefined {
  const overlaps = ({ from, to }: { from: number; to: number }): boolean => visit.at < to + GRACE_MS && visit.ended > from;
  if (faults.some((fault) => fault.instance === visit.instance && fault.what === 'away' && overlaps(fault))) return 'instance away';
  return held.some((hold) => hold.account === visit.account && overlaps(hold)) ? 'in a hold' : undefined;
}

test(`${MOVES} moves by two instances, one of which is stopped, cut off or restarted without the store`, { timeout: LIMIT_MS }, async () => {
  const seed = Number(process.env['CAUSEWAY_TEST_SEED'] ?? Date.now() % 100_000);
  const random = createRandom(seed);
  const folder = await mkdtemp(join(tmpdir(), 'causeway-two-'));
  await chmod(folder, 0o711);
  cleanUps.push(() => rmSync(folder, { recursive: true, force: true }));
  const world = await makeWorld(join(folder, 'world'), seed, MOVES + CANARIES, () => {}, MESSAGES);
  const platforms = { old: await startPlatformProcess(world.platforms.old), new: await startPlatformProcess(world.platforms.new) };
  cleanUps.push(() => Promise.all([platforms.old.close(), platforms.new.close()]));
  const house = await startHouse(folder, world, platforms);
  const imported = await causeway(['account', 'import', world.paths.accounts, '-c', house.instances[0]!.config]);
  expect(imported, imported.stderr).toMatchObject({ status: 0 });
  const rows = await house.query<{ id: string; address: string }>('select id, address from account order by id');
  const canaries = world.provider.customers.slice(0, CANARIES);
  // Each canary signs in once by each way, so that what is known of it is known everywhere.
  for (const { imaps, pop3s } of house.instances.map((instance) => instance.ports())) {
    for (const { address, secret } of canaries) expect([await signIn(imaps!, address, secret), await signInPop3(pop3s!, address, secret)]).toEqual(['in', 'in']);
  }

  const stopping = new AbortController();
  cleanUps.push(() => stopping.abort());
  const life = bringToLife(house, world, random.fork('life'), stopping.signal);
  const began = Date.now();
  const moving = moveAll(house, rows.filter(({ address }) => !canaries.some((canary) => canary.address === address)).map(({ id }) => Number(id)));
  const faults = await trouble(house, random.fork('trouble'), moving);
  await moving.ended;
  const movedAfter = Date.now() - began;
  stopping.abort();
  await life.ended;
  await life.journal.close();

  const about = `seed ${seed}; ${house.instances.map((each) => each.lastWords()).join('\n')}`;
  const flips = await readFlips(house.query);
  expect(flips, about).toHaveLength(MOVES);
  const acts = (['old', 'new'] as const).flatMap((name) => readActs(name, world.platforms[name].folder));
  expect(breaches(flips, acts), about).toEqual([]);
  // The logs are evidence only if they hold both kinds of act, at both platforms.
  for (const platform of ['old', 'new']) {
    for (const kind of ['trusted', 'pop3-trusted', 'delivery']) expect(acts.filter((act) => act.platform === platform && act.what.startsWith(kind)).length, `${kind} at ${platform}`).toBeGreaterThan(20);
  }

  const holds = await house.query<{ account: string; from: Date; to: Date }>(
    `select a.address as account, m.requested_at as from, coalesce(m.ended_at, now()) as to from move m join account a on a.id = m.account_id`,
  );
  const held = holds.map(({ account, from, to }) => ({ account, from: from.getTime(), to: to.getTime() }));
  const refused = (list: readonly Visit[], secretKnown: boolean): Visit[] => list.filter(({ verdict, known }) => known === secretKnown && !['in', 'accepted', 'IN-USE'].includes(verdict));
  expect(refused(life.probes, true).filter((probe) => excuse(probe, faults, []) === undefined), about).toEqual([]);
  const unexcused = refused(life.visits, true).filter((visit) => excuse(visit, faults, held) === undefined);
  expect(unexcused, about).toEqual([]);

  const homes = new Map(rows.map(({ address }) => [address, canaries.some((canary) => canary.address === address) ? 'old' : 'new']));
  const findings = await judge({
    provider: world.provider,
    files: world.files,
    journal: readJournal(world.paths.journal),
    faults: [],
    platforms: (['old', 'new'] as const).map((name) => ({ name, port: platforms[name].trustedPort, token: world.tokens[name], folder: world.platforms[name].folder })),
    homes,
  });
  expect(findings, `${about}\n${findings.examples.join('\n')}`).toMatchObject({ missing: 0, altered: 0, doubled: 0, falseRejections: 0, falseAcceptances: 0 });
  console.info(
    JSON.stringify({
      seed,
      seconds: Math.round(movedAfter / 1_000),
      faults: faults.map(({ how, from, to }) => `${how} ${to - from}`),
      retried: moving.retried,
      visits: life.visits.length,
      refusedInHold: refused(life.visits, true).filter((visit) => excuse(visit, faults, held) === 'in a hold').length,
      refusedAway: refused(life.visits, true).filter((visit) => excuse(visit, faults, held) === 'instance away').length,
      probes: life.probes.length,
      acts: acts.length,
      findings: { ...findings, examples: undefined },
    }),
  );
});
