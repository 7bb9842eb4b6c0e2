/**
 * For this room's tests only: a small world (store, platform, holds) on a clock that stands until it is told, whose
 * parts can be broken. Invariant: no real time passes, and nothing random happens here.
 */
import type { Fields } from '#events/index.ts';
import { createManualClock, type ManualClock } from '#events/manual-clock.testing.ts';
import { createIncidents, type Incidents } from '#incident/index.ts';
import type { Account, Route } from './accounts.ts';
import { createFakeHasher, type FakeHasher, fakeHash } from './fake-hasher.testing.ts';
import { createFakeHolds, type FakeHolds } from './fake-holds.testing.ts';
import { createFakePlatform, type FakePlatform, SENTINEL } from './fake-platform.testing.ts';
import { createFakeStore, type FakeStore } from './fake-store.testing.ts';
import { type SignIn, type SignInOptions, startSignIn } from './index.ts';
import type { Attempt, Protocol, Register, SessionToken, Verdict } from './verdict.ts';

export type World = Omit<FakeStore, 'accounts' | 'secrets'> & {
  readonly clock: ManualClock;
  readonly signIn: SignIn;
  /** Where attempts come from. */
  readonly client: { network: string; protocol: Protocol };
  readonly platform: FakePlatform['platform'];
  readonly hold: FakeHolds['hold'];
  readonly incidents: Incidents;
  readonly hasher: FakeHasher['hashing'];
  readonly sessions: { accountId: number; route: Route; token: SessionToken }[];
  readonly ended: { accountId: number; session: SessionToken }[];
  readonly figures: Map<string, number>;
  readonly events: { name: string; fields: Fields }[];
  attempt(login: string, secret: string, signal?: AbortSignal): Promise<Verdict>;
  /** The attempt, with as much time as it takes, at most `ms`. */
  verdict(login: string, secret: string, ms?: number): Promise<Verdict>;
};

export async function createWorld(options: { key?: Buffer; snapshotFile?: string; locksFile?: string; latencyMs?: number } = {}): Promise<World> {
  const clock = createManualClock();
  const { accounts, secrets, ...kept } = createFakeStore(clock);
  const { routes, hold } = createFakeHolds(clock);
  const { platform, signInAtPlatform } = createFakePlatform(clock, options.latencyMs ?? 5);
  const { hasher, hashing } = createFakeHasher(clock);
  const events: World['events'] = [];
  const incidents = createIncidents({ clock, emit: (definition, fields) => void events.push({ name: definition.name, fields }) });
  const ended: World['ended'] = [];
  const sessions: World['sessions'] = [];
  const figures: World['figures'] = new Map();
  const register: Register = (accountId, route) => {
    const token = sessions.length + 1;
    sessions.push({ accountId, route, token });
    return token;
  };
  const parts: SignInOptions = {
    accounts,
    routes,
    secrets,
    platforms: [{ name: 'old', sentinel: { login: SENTINEL, secret: () => 'sentinel-secret' } }],
    signInAtPlatform,
    endSession: (accountId, session) => void ended.push({ accountId, session }),
    hasher,
    key: options.key,
    snapshotFile: options.snapshotFile ?? '/nonexistent/known-good',
    locksFile: options.locksFile ?? '/nonexistent/known-networks',
    exchange: undefined,
    incidents,
    networks: { ipv4Prefix: 32, ipv6Prefix: 56, sharedRanges: [] },
    clock,
    emit: (definition, fields) => void events.push({ name: definition.name, fields }),
    count: (name, name2, n = 1) => void figures.set(`${name} ${name2}`, (figures.get(`${name} ${name2}`) ?? 0) + n),
  };
  const signIn = await startSignIn(parts);
  const client: World['client'] = { network: '192.0.2.1', protocol: 'imap' };
  const attempt = (login: string, secret: string, signal?: AbortSignal): Promise<Verdict> => {
    const presented: Attempt = { protocol: client.protocol, login, secret, network: client.network };
    return signIn.attempt(presented, register, signal);
  };
  return {
    ...kept,
    clock,
    signIn,
    client,
    platform,
    hold,
    incidents,
    hasher: hashing,
    sessions,
    ended,
    figures,
    events,
    attempt,
    async verdict(login, secret, ms = 30_000) {
      const given: Verdict[] = [];
      const running = attempt(login, secret).then((verdict) => void given.push(verdict));
      for (let passed = 0; given.length === 0 && passed < ms; passed += 50) await clock.pass(50);
      if (given[0] === undefined) throw new Error(`no verdict within ${ms} ms`);
      await running;
      return given[0];
    },
  };
}

/** An account as most are. */
export function anAccount(id: number, over: Partial<Account> = {}): Account {
  return { id, address: `customer${id}@example`, state: 'active', authority: 'old', credentialVersion: 1, loginNames: [], ...over };
}

/** Puts an account whose secret is `secret` into store, copy and platform. `hash`: whether we hold one of it. */
export function enrol(world: World, id: number, secret: string, over: Partial<Account> & { hashed?: boolean } = {}): Account {
  const { hashed = true, ...rest } = over;
  const made = anAccount(id, { hash: hashed ? { encoded: fakeHash(secret), origin: 'imported' } : undefined, ...rest });
  world.store.put(made);
  world.store.publish();
  if (made.authority !== 'ours') world.platform.secrets.set(made.address, secret);
  return made;
}
