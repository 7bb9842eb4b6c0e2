/**
 * The town of the story: 2,800 accounts with two devices each, and a sprayer. All of it in simulated time, before the
 * real sign-in, its real replies and the gateway's real holding back.
 *
 * Invariant: what is random comes from the seed.
 */
import { NEEDLESS } from '#events/clock.ts';
import { createHoldBack } from '#gateway/hold-back.ts';
import { replyFor } from '#signin/replies.ts';
import { createRandom } from '#signin/storm.testing.ts';
import { fakeHash } from '#signin/fake-hasher.testing.ts';
import { type World } from '#signin/testing.ts';
import type { Attempt, Protocol, Verdict } from '#signin/verdict.ts';

/** What became of one attempt. `told`: the reply blames the password. `right`: its secret was, all the while. */
export type Outcome = { readonly at: number; readonly who: Device | 'sprayer'; readonly verdict: string; readonly told: boolean; readonly right: boolean };

export type Device = {
  readonly accountId: number;
  readonly login: string;
  readonly protocol: Protocol;
  network: string;
  /** The stale one keeps yesterday's secret, whatever its owner does. */
  readonly stale: boolean;
  /** From which the sprayer comes too. */
  readonly besideSprayer: boolean;
};

/** A device gives up after so long (the storm's clients). */
const GIVE_UP_MS = 10_000;

export const ACCOUNTS = 2_800;
const SPRAYERS = 200;
/** Of the sprayer's addresses, so many are households' too: one in five is a hacked router. */
const SHARED = 40;
/** Of the sprayer's attempts, before it must be noticed. */
export const FREE = 500;
const COMMON = ['spring2026', 'welcome1', 'password'];

export type Town = ReturnType<typeof makeTown>;

export function makeTown(world: World, seed: number) {
  const { clock, signIn, platform, store } = world;
  const random = createRandom(seed);
  const holdBack = createHoldBack(clock, random);
  const outcomes: Outcome[] = [];
  let tries = 0;
  let freeUntil = Infinity;
  const secrets = new Map<number, string>();
  const changedAt = new Map<number, number>();
  const sprayFrom = (at: number): string => `198.18.${at >> 8}.${at & 255}`;
  /** Two changes within a quarter of an hour are rare: each is a number of its own. */
  const secretOf = (id: number, n: number): string => `secret ${id} of change ${n}`;

  const devices: Device[] = Array.from({ length: ACCOUNTS }, (_, i) => {
    const besideSprayer = i < 2 * SHARED;
    const own = { accountId: i + 1, login: `customer${i + 1}@example`, besideSprayer, network: besideSprayer ? sprayFrom(i % SHARED) : `10.1.${i >> 8}.${i & 255}` };
    const protocol = random() < 0.2 ? 'pop3' : 'imap';
    return [{ ...own, protocol, stale: false } as const, { ...own, protocol: random() < 0.2 ? 'pop3' : 'imap', stale: true } as const];
  }).flat();

  const present = (device: Device): string => secretOf(device.accountId, device.stale ? 0 : Number(secrets.get(device.accountId)!.split(' ').at(-1)));

  async function attempt(presented: Attempt, who: Device | 'sprayer'): Promise<Verdict | undefined> {
    const began = clock.monotonic();
    const gone = new AbortController();
    const give = clock.after(GIVE_UP_MS, () => gone.abort());
    const rightFrom = (): boolean => who !== 'sprayer' && presented.secret === secrets.get(who.accountId) && (changedAt.get(who.accountId) ?? -1) < began;
    let verdict: Verdict = { verdict: 'unavailable', reason: 'verifier-down' };
    let moment: 'name' | 'secret' = 'name';
    if (presented.protocol !== 'pop3' || signIn.couldJudge(presented.login, 'pop3')) {
      moment = 'secret';
      verdict = await signIn.attempt(presented, () => outcomes.length, gone.signal);
    }
    const reply = verdict.verdict === 'accepted' ? undefined : replyFor(verdict, presented.protocol, moment).line;
    const told = reply !== undefined && /AUTHENTICATIONFAILED|-ERR \[AUTH\]/.test(reply);
    const still = !gone.signal.aborted;
    if (reply !== undefined) await holdBack(began, gone.signal);
    give();
    const said = !still ? 'gone' : verdict.verdict === 'unavailable' ? `unavailable ${verdict.reason}` : verdict.verdict;
    outcomes.push({ at: clock.monotonic(), who, verdict: said, told, right: rightFrom() });
    return still ? verdict : undefined;
  }

  return {
    devices,
    outcomes,
    /** What the sprayer tried, and how much of what came after the first FREE a platform was asked about. */
    sprayed: () => ({ tries, checked: platform.asked.filter(({ secret, at }) => COMMON.includes(secret) && at >= freeUntil).length }),
    /** Everybody signed in yesterday from home, and then changed the secret; `seen` of them have signed in since. */
    async yesterday(seen: number, hashed: number): Promise<void> {
      for (let id = 1; id <= ACCOUNTS; id++) {
        secrets.set(id, secretOf(id, 0));
        store.put({ id, address: `customer${id}@example`, state: 'active', authority: 'old', credentialVersion: 1, loginNames: [], hash: { encoded: fakeHash(secretOf(id, 0)), origin: 'captured' } });
        platform.secrets.set(`customer${id}@example`, secretOf(id, 0));
      }
      store.publish();
      await allOnce(devices);
      for (let id = 1; id <= ACCOUNTS; id++) change(id, 1, id > ACCOUNTS * (1 - hashed));
      store.publish();
      await clock.pass(3_600_000);
      await allOnce(devices.filter(({ stale, accountId }) => !stale && accountId <= ACCOUNTS * seen));
      outcomes.length = 0;
    },
    /** Through us: the version is raised, our hash is the new one's; the platform hears of it when it can. */
    changeOwn(id: number): void {
      change(id, 2, true, world.platform.mode === 'well');
    },
    tellPlatform(): void {
      for (const [id, secret] of secrets) platform.secrets.set(`customer${id}@example`, secret);
    },
    /** Each device comes once in about `everyMs`, for `forMs`. */
    async live(everyMs: number, forMs: number): Promise<void> {
      const over = new AbortController();
      const running = devices.map(async (device) => {
        try {
          await clock.sleep(random() * everyMs, over.signal);
          while (!over.signal.aborted) {
            await attempt({ protocol: device.protocol, login: device.login, secret: present(device), network: device.network }, device);
            await clock.sleep(everyMs * (0.5 + random()), over.signal);
          }
        } catch {
          // Over.
        }
      });
      await clock.pass(forMs);
      over.abort(NEEDLESS);
      await clock.pass(2 * GIVE_UP_MS);
      await Promise.all(running);
    },
    /** Each common secret on each account, by turns from 200 addresses, and again when there was no verdict. */
    async spray(overMs: number): Promise<void> {
      const gap = overMs / (COMMON.length * ACCOUNTS);
      const under: Promise<void>[] = [];
      for (const secret of COMMON) {
        for (let id = 1; id <= ACCOUNTS; id++) {
          under.push(
            (async () => {
              for (let again = 0; again < 2; again++, tries++) {
                if (tries === FREE) freeUntil = clock.monotonic();
                const verdict = await attempt({ protocol: 'imap', login: `customer${id}@example`, secret, network: sprayFrom(tries % SPRAYERS) }, 'sprayer');
                if (verdict?.verdict === 'rejected' || verdict?.verdict === 'accepted') return;
              }
            })(),
          );
          await clock.sleep(gap);
        }
      }
      await Promise.all(under);
    },
    random,
  };

  function change(id: number, n: number, hashed: boolean, told = true): void {
    const row = store.rows.get(`customer${id}@example`)!;
    const secret = secretOf(id, n);
    secrets.set(id, secret);
    changedAt.set(id, clock.monotonic());
    store.put({ ...row, credentialVersion: row.credentialVersion + 1, hash: hashed ? { encoded: fakeHash(secret), origin: 'ours' } : undefined });
    if (told) platform.secrets.set(row.address, secret);
  }

  async function allOnce(some: readonly Device[]): Promise<void> {
    const waves: Promise<unknown>[] = [];
    for (const device of some) {
      waves.push(attempt({ protocol: device.protocol, login: device.login, secret: present(device), network: device.network }, device));
      if (waves.length % 4 === 0) await clock.pass(100);
    }
    let done = false;
    void Promise.all(waves).then(() => (done = true));
    while (!done) await clock.pass(1_000);
  }
}
