/**
 * Two instances on one store, changes of secrets between their sign-ins, one of them now and then cut off.
 *
 * Whatever the order: a secret that is right from the attempt to the answer is never called wrong; one that was not right
 * any more is accepted by no instance that has heard of it, or of which the store says that it has; what an instance
 * cannot know it calls unavailable.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import {
  confirmationsOf,
  createAppPassword,
  createLocalFile,
  dropHeld,
  type Mirror,
  noteAppPasswordUse,
  openMirror,
  type PlatformFacts,
  revokeAppPassword,
  setHash,
} from '#directory/index.ts';
import { leaveInstance } from '#directory/route/instances.ts';
import { addAccount, createBreakable, openDirectoryStore } from '#directory/testing.ts';
import { systemClock } from '#events/clock.ts';
import { silent } from '#events/index.ts';
import { createIncidents } from '#incident/index.ts';
import { createSecrets, type Hasher, type SignIn, startSignIn, type Verdict } from '#signin/index.ts';
import { fakeHash } from '#signin/fake-hasher.testing.ts';
import type { Store } from '#store/index.ts';
import type { TestStore } from '#store/testing.ts';

let fixture: TestStore;
beforeAll(async () => void (fixture = await openDirectoryStore()));
afterAll(() => fixture.close());

const facts: PlatformFacts = { names: ['old'], told: new Map(), opens: new Set(['old']) };
const by = { actor: 'test' };
/** Short turns, so that store, feed and checks are interleaved in many ways. */
const turn = (ms: number): Promise<void> => systemClock.sleep(ms);
const hasher: Hasher = {
  verify: async (encoded, secret) => (await turn(1), encoded === fakeHash(secret) ? 'match' : 'mismatch'),
  make: async (secret) => (await turn(1), fakeHash(secret)),
  makeInTurn: async (secret) => (await turn(1), fakeHash(secret)),
  pretend: () => turn(1),
  busy: false,
  close: async () => {},
};

type Instance = { readonly name: string; readonly store: Store & { gone: boolean }; readonly mirror: Mirror; readonly signIn: SignIn; close(): Promise<void> };

async function openInstance(name: string, folder: string, platform: Map<string, string>): Promise<Instance> {
  const store = createBreakable(fixture.store);
  const mirror = await openMirror({ store, instance: name, file: createLocalFile(join(folder, name)), clock: systemClock, emit: silent });
  const signIn = await startSignIn({
    accounts: { ...mirror, stale: () => false },
    routes: { homeNow: () => ({ home: 'old', epoch: 0 }), home: async () => ({ home: 'old', epoch: 0 }) },
    secrets: {
      storeHash: (id, encoded, origin, version) => store.transaction(async (tx) => void (await setHash(tx, id, { encoded, origin }, version))),
      dropHeld: (id, version, matched) => store.transaction(async (tx) => void (await dropHeld(tx, id, version, matched))),
      noteUse: (used) => noteAppPasswordUse(store, used),
      noteProven: async () => {},
      noteSignIns: async () => {},
      tellLocks: async () => {},
      forgetSignIns: async () => {},
    },
    platforms: [{ name: 'old', sentinel: { login: 'sentinel', secret: () => 'sentinel' } }],
    signInAtPlatform: async (_platform, login, secret) => (await turn(2), login === 'sentinel' || platform.get(login) === secret ? 'accepted' : 'refused'),
    endSession: () => {},
    hasher,
    key: undefined,
    snapshotFile: '',
    locksFile: '',
    networks: { ipv4Prefix: 32, ipv6Prefix: 56, sharedRanges: [] },
    exchange: undefined,
    incidents: createIncidents({ clock: systemClock, emit: silent }),
    clock: systemClock,
    emit: silent,
    count: () => {},
  });
  return {
    name,
    store,
    mirror,
    signIn,
    async close() {
      store.gone = false;
      await signIn.close();
      await mirror.close();
      await fixture.store.transaction((tx) => leaveInstance(tx, name, mirror.boot()));
    },
  };
}

/** A secret and when it was right: from the end of the call that made it, to the beginning of the one that ended it. */
type Life = { readonly secret: string; begun: number; surely: number; ending: number; over: number; change: string | undefined };

type Step =
  | { do: 'change' }
  | { do: 'app' }
  | { do: 'revoke' }
  | { do: 'attempt'; at: 0 | 1; which: number }
  | { do: 'cut'; at: 0 | 1; off: boolean }
  | { do: 'wait'; ms: number };

const at = fc.constantFrom<0 | 1>(0, 1);
const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 3, arbitrary: fc.constant<Step>({ do: 'change' }) },
  { weight: 1, arbitrary: fc.constant<Step>({ do: 'app' }) },
  { weight: 1, arbitrary: fc.constant<Step>({ do: 'revoke' }) },
  { weight: 10, arbitrary: fc.record({ do: fc.constant('attempt' as const), at, which: fc.nat({ max: 3 }) }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('cut' as const), at, off: fc.boolean() }) },
  { weight: 6, arbitrary: fc.record({ do: fc.constant('wait' as const), ms: fc.constantFrom(0, 1, 5, 30) }) },
);

test('interleaved changes and sign-ins on two instances bring no false verdict', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'causeway-two-'));
  const platform = new Map<string, string>();
  const instances = [await openInstance('one', folder, platform), await openInstance('two', folder, platform)] as const;
  const secrets = createSecrets({ store: fixture.store, makeHash: hasher.make, seal: undefined, facts });
  let definite = 0;
  let all = 0;
  let runs = 0;
  try {
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 10, maxLength: 40 }), fc.boolean(), async (steps, ours) => {
        runs += 1;
        const address = `run${runs}@example.org`;
        const lives: Life[] = [{ secret: `secret number ${runs}.0`, begun: 0, surely: 0, ending: Infinity, over: Infinity, change: undefined }];
        platform.set(address, lives[0]!.secret);
        const id = await addAccount(fixture.store, { address, authority: ours ? 'ours' : 'old', ...(ours ? { hash: { encoded: fakeHash(lives[0]!.secret), origin: 'ours' as const } } : {}) });
        const apps: { life: Life; id: number }[] = [];
        const faults: string[] = [];
        const running: Promise<void>[] = [];
        let main = lives[0]!;
        const now = (): number => performance.now();

        const attempt = async ({ name, signIn, mirror }: Instance, life: Life): Promise<void> => {
          const began = now();
          const held = mirror.byId(id);
          const confirmed = life.change !== undefined && (await confirmationsOf(fixture.store, life.change)).confirmed.includes(name);
          const asked = now();
          const verdict: Verdict = await signIn.attempt({ protocol: 'imap', login: address, secret: life.secret, network: '192.0.2.1' }, () => 1);
          all += 1;
          if (verdict.verdict === 'accepted' || verdict.verdict === 'rejected') definite += 1;
          const told = `${name}: ${life.secret} was ${JSON.stringify(verdict)}, asked ${asked}, ended ${now()}, ${JSON.stringify(life)}, heard version ${held?.credentialVersion}`;
          if (verdict.verdict === 'rejected' && life.surely <= began && now() < life.ending) faults.push(`false rejection: ${told}`);
          if (verdict.verdict === 'accepted' && confirmed && life.over < asked) faults.push(`accepted after the instance had confirmed: ${told}`);
        };
        const end = (life: Life, change: string): void => {
          life.over = now();
          life.change = change;
        };

        for (const each of steps) {
          switch (each.do) {
            case 'change': {
              const next: Life = { secret: `secret number ${runs}.${lives.length}`, begun: now(), surely: Infinity, ending: Infinity, over: Infinity, change: undefined };
              const before = main;
              main = next;
              lives.push(next);
              before.ending = now();
              running.push(
                secrets.set(id, next.secret, { by, act: 'account.secret-changed' }).then((set) => {
                  if (set.outcome === 'changed') end(before, set.change);
                  next.surely = now();
                }),
              );
              // Changes of one account come one after the other: else nobody could say which of two is right.
              await running.at(-1);
              break;
            }
            case 'app': {
              const made = await fixture.store.transaction((tx) => createAppPassword(tx, id, { label: 'x', scope: ['imap'], by, facts }));
              const life: Life = { secret: made.secret, begun: 0, surely: now(), ending: Infinity, over: Infinity, change: undefined };
              lives.push(life);
              apps.push({ life, id: made.id });
              break;
            }
            case 'revoke': {
              const app = apps.pop();
              if (app === undefined) break;
              app.life.ending = now();
              running.push(fixture.store.transaction((tx) => revokeAppPassword(tx, id, app.id, by)).then(({ change }) => end(app.life, change)));
              break;
            }
            case 'attempt':
              running.push(attempt(instances[each.at], lives[Math.max(0, lives.length - 1 - each.which)]!));
              break;
            case 'cut':
              instances[each.at].store.gone = each.off;
              break;
            case 'wait':
              await turn(each.ms);
          }
        }
        await Promise.all(running);
        for (const { store } of instances) store.gone = false;
        expect(faults).toEqual([]);
        // Once both have heard, every secret is judged for what it is, everywhere.
        for (const instance of instances) {
          await Promise.all(lives.filter(({ change }) => change !== undefined).map(async ({ change }) => heard(instance.name, change!)));
          for (const [n, life] of lives.entries()) {
            // From networks of their own: six old secrets from one would lock it, and rightly so.
            const { verdict } = await instance.signIn.attempt({ protocol: 'imap', login: address, secret: life.secret, network: `198.51.100.${n}` }, () => 1);
            if (life.over === Infinity) expect(verdict, life.secret).toBe('accepted');
            else expect(verdict, life.secret).not.toBe('accepted');
          }
        }
      }),
      { numRuns: Number(process.env['RUNS'] ?? 25) },
    );
  } finally {
    for (const instance of instances) await instance.close();
    rmSync(folder, { recursive: true });
  }
  // Useful, not merely safe.
  expect(definite / all).toBeGreaterThan(0.6);

  async function heard(name: string, change: string): Promise<void> {
    for (const until = performance.now() + 60_000; ; await turn(10)) {
      if ((await confirmationsOf(fixture.store, change)).confirmed.includes(name)) return;
      if (performance.now() > until) throw new Error(`${name} has not heard of ${change}`);
    }
  }
});
