/**
 * For this room's tests only: a small world (store, platform, holds) on a clock that stands until it is told, whose
 * parts can be broken. Invariant: no real time passes, and nothing random happens here.
 */
import type { SignInSeen } from '#directory/secrets/sign-in-seen.ts';
import type { Fields } from '#events/index.ts';
import { CausewayError } from '#errors/index.ts';
import { createManualClock, type ManualClock } from '#events/manual-clock.testing.ts';
import { createIncidents, type Incidents } from '#incident/index.ts';
import type { Account, Accounts, Route, Routes, SecretKeeper } from './accounts.ts';
import type { Hasher } from './load/hash.ts';
import { type SignIn, type SignInOptions, startSignIn } from './index.ts';
import type { Attempt, Protocol, Register, SessionToken, Verdict } from './verdict.ts';
import type { SignInAtPlatform } from './verifiers/verifier.ts';
import { within } from './load/within.ts';

export const SENTINEL = 'sentinel@old.example';

export type PlatformMode = 'well' | 'dead' | 'hangs' | 'refuses-all';
export type StoreMode = 'well' | 'gone' | 'hangs';

export type World = {
  readonly clock: ManualClock;
  readonly signIn: SignIn;
  /** Where attempts come from. */
  readonly client: { network: string; protocol: Protocol };
  /** The store's own rows; `publish` brings them to the instance's copy. */
  readonly store: { mode: StoreMode; stale: boolean; readonly rows: Map<string, Account>; put(account: Account): void; publish(): void };
  readonly platform: {
    mode: PlatformMode;
    /** Address to secret. */
    readonly secrets: Map<string, string>;
    /** Addresses that are refused whatever they present. */
    readonly refuses: Set<string>;
    /** Every sign-in that came, sentinels not included. */
    readonly asked: { login: string; secret: string; at: number }[];
    latencyMs: number;
    /** Instead of `latencyMs`: how long a sign-in takes now. */
    serve: (() => Promise<void>) | undefined;
    /** Whether it says no to this sign-in, whatever is presented. */
    saysNo: (() => boolean) | undefined;
    /** The sentinel's sign-ins that came. */
    sentinels: number;
  };
  /** The instance's copy of an account. */
  mirrored(id: number): Account | undefined;
  readonly hold: { begin(id: number): void; end(id: number, home?: string): void; readonly held: Set<number> };
  readonly incidents: Incidents;
  readonly hasher: { checks: number; mode: 'well' | 'full' };
  readonly sessions: { accountId: number; route: Route; token: SessionToken }[];
  readonly ended: { accountId: number; session: SessionToken }[];
  readonly stored: { accountId: number; encoded: string; origin: string; version: number }[];
  /** App passwords whose use was written down. */
  readonly used: number[];
  /** Accounts whose hash a platform's acceptance proved. */
  readonly proven: number[];
  /** What was written down of sign-ins. */
  readonly seen: SignInSeen[];
  readonly dropped: { accountId: number; version: number; hashMatched: boolean }[];
  readonly figures: Map<string, number>;
  readonly events: { name: string; fields: Fields }[];
  attempt(login: string, secret: string, signal?: AbortSignal): Promise<Verdict>;
  /** The attempt, with as much time as it takes, at most `ms`. */
  verdict(login: string, secret: string, ms?: number): Promise<Verdict>;
};

/** What the fake hasher makes; it has the form of a hash of our own, so it asks for no rehash. */
export function fakeHash(secret: string): string {
  const padded = Buffer.from(secret.padEnd(16, '.')).toString('base64').replaceAll('=', '');
  return `{ARGON2ID}$argon2id$v=19$m=19456,t=2,p=1$c2FsdHNhbHRzYWx0$${padded}`;
}

export async function createWorld(options: { key?: Buffer; snapshotFile?: string; locksFile?: string; latencyMs?: number } = {}): Promise<World> {
  const clock = createManualClock();
  const latencyMs = options.latencyMs ?? 5;

  const rows = new Map<string, Account>();
  const ids = new Map<number, string>();
  let mirror = new Map<string, Account>();
  const store: World['store'] = {
    mode: 'well',
    stale: false,
    rows,
    put(account) {
      rows.set(account.address, account);
      ids.set(account.id, account.address);
    },
    publish: () => {
      mirror = new Map(rows);
    },
  };
  const read = async <T>(look: () => T): Promise<T> => {
    if (store.mode === 'hangs') return new Promise(() => {});
    if (store.mode === 'gone') throw new CausewayError('unavailable', 'the store is gone');
    const found = look();
    await clock.sleep(2);
    return found;
  };
  const byId = (id: number): Account | undefined => rows.get(ids.get(id) ?? '');
  const accounts: Accounts = {
    byLogin: (name) => mirror.get(name),
    fresh: () => store.mode === 'well',
    stale: () => store.stale,
    confirm: (id) => read(() => byId(id)),
    confirmLogin: (name) => read(() => rows.get(name)),
  };
  const stored: World['stored'] = [];
  const used: number[] = [];
  const proven: number[] = [];
  const seen: SignInSeen[] = [];
  const dropped: World['dropped'] = [];
  const secrets: SecretKeeper = {
    storeHash: (accountId, encoded, origin, version) =>
      read(() => {
        const row = byId(accountId);
        if (row?.credentialVersion !== version) return;
        stored.push({ accountId, encoded, origin, version });
        store.put({ ...row, hash: { encoded, origin } });
      }),
    dropHeld: (accountId, version, hashMatched) =>
      read(() => {
        const row = byId(accountId);
        if (row?.credentialVersion !== version) return;
        dropped.push({ accountId, version, hashMatched });
        store.put({ ...row, credentialVersion: version + 1, hash: hashMatched ? undefined : row.hash });
      }),
    noteUse: (noted) => read(() => void used.push(...noted.keys())),
    noteSignIns: async (noted) => void seen.push(...noted),
    forgetSignIns: async () => {},
    tellLocks: async () => {},
    noteProven: (noted) => read(() => void proven.push(...noted.keys())),
  };

  const epochs = new Map<number, number>();
  const homes = new Map<number, string>();
  const held = new Set<number>();
  let wake: (() => void)[] = [];
  const hold: World['hold'] = {
    held,
    begin(id) {
      if (held.has(id)) return;
      held.add(id);
      epochs.set(id, (epochs.get(id) ?? 0) + 1);
    },
    end(id, home) {
      held.delete(id);
      if (home !== undefined) homes.set(id, home);
      const woken = wake;
      wake = [];
      for (const go of woken) go();
    },
  };
  const homeNow = (id: number): Route | undefined => (held.has(id) ? undefined : { home: homes.get(id) ?? 'old', epoch: epochs.get(id) ?? 0 });
  const routes: Routes = {
    homeNow,
    async home(id, { waitMs, signal }) {
      const end = new AbortController();
      clock.sleep(waitMs, signal).then(
        () => end.abort(new CausewayError('unavailable', 'held for too long')),
        () => end.abort(new CausewayError('aborted', 'aborted')),
      );
      for (;;) {
        const route = homeNow(id);
        if (route !== undefined) return route;
        await within(new Promise<void>((resolve) => wake.push(resolve)), end.signal);
      }
    },
  };

  const platform: World['platform'] = {
    mode: 'well',
    secrets: new Map([[SENTINEL, 'sentinel-secret']]),
    refuses: new Set(),
    asked: [],
    latencyMs,
    serve: undefined,
    saysNo: undefined,
    sentinels: 0,
  };
  const signInAtPlatform: SignInAtPlatform = async (_name, login, secret) => {
    if (login === SENTINEL) platform.sentinels += 1;
    else platform.asked.push({ login, secret, at: clock.monotonic() });
    if (platform.serve !== undefined) await platform.serve();
    else await clock.sleep(platform.latencyMs);
    if (platform.mode === 'hangs') return new Promise(() => {});
    if (platform.mode === 'dead') throw new CausewayError('unavailable', 'the platform is dead');
    const right = platform.mode === 'well' && platform.saysNo?.() !== true && !platform.refuses.has(login) && platform.secrets.get(login) === secret;
    // What it found is on its way for a while.
    if (platform.serve === undefined) await clock.sleep(platform.latencyMs);
    return right ? 'accepted' : 'refused';
  };

  const hashing: World['hasher'] = { checks: 0, mode: 'well' };
  const work = async <T>(result: () => T): Promise<T> => {
    if (hashing.mode === 'full') throw new CausewayError('limit', 'full');
    hashing.checks += 1;
    await clock.sleep(3);
    return result();
  };
  const hasher: Hasher = {
    verify: (encoded, secret) =>
      work(() => (encoded.startsWith('{') ? (encoded.replace(/^\{SHA512-CRYPT\}/, '') === secret || encoded === fakeHash(secret) ? 'match' : 'mismatch') : 'unsupported')),
    make: (secret) => work(() => fakeHash(secret)),
    makeInTurn: (secret) => work(() => fakeHash(secret)),
    pretend: () => work(() => undefined),
    busy: false,
    close: async () => {},
  };

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
    clock,
    signIn,
    client,
    store,
    mirrored: (id) => [...mirror.values()].find((row) => row.id === id),
    platform,
    hold,
    incidents,
    hasher: hashing,
    sessions,
    ended,
    stored,
    used,
    proven,
    seen,
    dropped,
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
