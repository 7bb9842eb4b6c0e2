/**
 * Random faults at random moments. Whatever breaks, nobody whose secret is right from the attempt to the answer is told
 * that it is wrong, nobody comes in with a secret that was never right, and who is known comes in unless held.
 */
import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { fakeHash } from './fake-hasher.testing.ts';
import type { PlatformMode } from './fake-platform.testing.ts';
import type { StoreMode } from './fake-store.testing.ts';
import { createWorld, enrol, type World } from './testing.ts';

const SECRETS = ['alpha', 'bravo', 'charlie', 'delta'];
const ACCOUNTS = [
  { id: 1, authority: 'ours', hashed: true },
  { id: 2, authority: 'old', hashed: true },
  { id: 3, authority: 'old', hashed: false },
] as const;

/** A platform that says no to everybody for less than this cannot be told from one that is right. */
const EPISODE_MS = 5000;

type Action =
  | { do: 'attempt'; id: number; secret: string }
  | { do: 'change'; id: number; secret: string }
  | { do: 'hand-over'; id: number }
  | { do: 'publish' }
  | { do: 'store'; mode: StoreMode }
  | { do: 'platform'; mode: PlatformMode }
  | { do: 'hold'; id: number; on: boolean }
  | { do: 'pass'; ms: number };

const anyId = fc.constantFrom(1, 2, 3);
const anySecret = fc.constantFrom(...SECRETS);
const action: fc.Arbitrary<Action> = fc.oneof(
  { weight: 8, arbitrary: fc.record({ do: fc.constant('attempt' as const), id: anyId, secret: anySecret }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('change' as const), id: anyId, secret: anySecret }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('hand-over' as const), id: fc.constantFrom(2, 3) }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('publish' as const) }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('store' as const), mode: fc.constantFrom<StoreMode>('well', 'well', 'gone', 'hangs') }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('platform' as const), mode: fc.constantFrom<PlatformMode>('well', 'well', 'dead', 'hangs', 'refuses-all') }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('hold' as const), id: anyId, on: fc.boolean() }) },
  { weight: 8, arbitrary: fc.record({ do: fc.constant('pass' as const), ms: fc.oneof(fc.integer({ min: 0, max: 20 }), fc.integer({ min: 100, max: 6000 }), fc.constant(16 * 60_000)) }) },
);

/** What was true of an account from when on, in the order in which things happened. */
type Truth = { moment: number; secret: string; at: number };

async function play(actions: readonly Action[]): Promise<{ judged: number; right: number }> {
  const world = await createWorld();
  let moment = 0;
  let modeSince = -EPISODE_MS;
  const truths = new Map<number, Truth[]>();
  const heldAt = new Map<number, number[]>();
  const changedAt = new Map<number, number[]>();
  const attempts: Promise<void>[] = [];
  const secretOf = new Map<number, { id: number; secret: string }>();
  const faults: string[] = [];
  let right = 0;
  for (const { id: number, authority, hashed } of ACCOUNTS) {
    enrol(world, number, SECRETS[0]!, { authority, hashed });
    truths.set(number, [{ moment, secret: SECRETS[0]!, at: 0 }]);
    heldAt.set(number, []);
    changedAt.set(number, []);
  }
  const row = (number: number) => world.store.rows.get(`customer${number}@example`)!;
  const now = (number: number): string => truths.get(number)!.at(-1)!.secret;
  const rightSince = (number: number, given: string, since: number): boolean => {
    const then = truths.get(number)!.findLastIndex((truth) => truth.moment <= since);
    return truths.get(number)!.slice(then).every((truth) => truth.secret === given);
  };
  const everRight = (number: number, given: string): boolean => truths.get(number)!.some((truth) => truth.secret === given);

  async function attempt(number: number, given: string): Promise<void> {
    const began = ++moment;
    const beganAt = world.clock.monotonic();
    const wasHeld = world.hold.held.has(number);
    const mirror = world.mirrored(number);
    const before = world.sessions.length;
    const known = mirror?.hash?.encoded === fakeHash(given);
    const verdict = await world.attempt(`customer${number}@example`, given);
    const ended = ++moment;
    const undisturbed = !wasHeld && [...heldAt.get(number)!, ...changedAt.get(number)!].every((at) => at < began || at > ended);
    const told = `${verdict.verdict} ${'reason' in verdict ? verdict.reason : ''}, account ${number} with ${given}`;
    if (verdict.verdict === 'rejected' && rightSince(number, given, began)) faults.push(`false rejection: ${told}`);
    if (verdict.verdict === 'accepted' && !everRight(number, given)) faults.push(`false acceptance: ${told}`);
    if (verdict.verdict === 'accepted' && row(number).authority === 'ours' && undisturbed && mirror === row(number) && !rightSince(number, given, began)) faults.push(`stale acceptance: ${told}`);
    if (verdict.verdict !== 'accepted' && known && undisturbed && rightSince(number, given, began)) faults.push(`known and not admitted: ${told}`);
    if (world.clock.monotonic() - beganAt > 10_000) faults.push(`late: ${told}`);
    if (verdict.verdict === 'rejected' || verdict.verdict === 'accepted') right += 1;
    if (verdict.verdict === 'accepted') {
      const session = world.sessions.find((other, at) => at >= before && other.accountId === number && !secretOf.has(Number(other.token)));
      if (session !== undefined) secretOf.set(Number(session.token), { id: number, secret: given });
    }
  }

  const endHold = (number: number): void => {
    world.platform.refuses.delete(row(number).address);
    world.hold.end(number);
  };

  for (const step of actions) {
    moment += 1;
    switch (step.do) {
      case 'attempt':
        attempts.push(attempt(step.id, step.secret));
        break;
      case 'change': {
        const account = row(step.id);
        truths.get(step.id)!.push({ moment, secret: step.secret, at: world.clock.monotonic() });
        changedAt.get(step.id)!.push(moment);
        if (account.authority === 'ours') {
          // As a change through us leaves it: the two before stay known.
          const former = [account.hash!.encoded, ...(account.former ?? [])].slice(0, 2);
          world.store.put({ ...account, credentialVersion: account.credentialVersion + 1, hash: { encoded: fakeHash(step.secret), origin: 'ours' }, former });
        } else world.platform.secrets.set(account.address, step.secret);
        break;
      }
      case 'hand-over': {
        const account = row(step.id);
        changedAt.get(step.id)!.push(moment);
        world.store.put({ ...account, authority: 'ours', credentialVersion: account.credentialVersion + 1, hash: { encoded: fakeHash(now(step.id)), origin: 'ours' } });
        break;
      }
      case 'publish':
        for (const { id: number } of ACCOUNTS) if (world.mirrored(number) !== row(number)) changedAt.get(number)!.push(moment);
        world.store.publish();
        break;
      case 'store':
        world.store.mode = step.mode;
        break;
      case 'platform':
        if (world.clock.monotonic() - modeSince < EPISODE_MS) break;
        modeSince = world.clock.monotonic();
        world.platform.mode = step.mode;
        break;
      case 'hold':
        if (step.on && !world.hold.held.has(step.id)) {
          world.hold.begin(step.id);
          heldAt.get(step.id)!.push(moment);
          // The fence: nobody signs in there now, whatever the secret.
          world.platform.refuses.add(row(step.id).address);
        } else if (!step.on && world.hold.held.has(step.id)) endHold(step.id);
        break;
      case 'pass':
        await world.clock.pass(step.ms);
        break;
    }
    await checkEnded(world);
  }
  await world.clock.pass(20_000);
  await Promise.all(attempts);
  await checkEnded(world);
  const closing = world.signIn.close();
  await world.clock.pass(10_000);
  await closing;
  expect(faults).toEqual([]);
  return { judged: attempts.length, right };

  function checkEnded(played: World): void {
    for (const { session } of played.ended.splice(0)) {
      const of = secretOf.get(Number(session));
      if (of === undefined) continue;
      const truth = truths.get(of.id)!;
      const steady = truth.at(-1)!.secret === of.secret && played.clock.monotonic() - truth.at(-1)!.at > 60_000;
      if (steady) faults.push(`ended a session of account ${of.id} whose secret is right`);
    }
  }
}

test('random faults bring no false verdict', async () => {
  let judged = 0;
  let right = 0;
  await fc.assert(
    fc.asyncProperty(fc.array(action, { minLength: 5, maxLength: 60 }), async (actions) => {
      const played = await play(actions);
      judged += played.judged;
      right += played.right;
    }),
    { numRuns: Number(process.env['RUNS'] ?? 150) },
  );
  // Useful, not merely safe: with half of the world broken half of the time, many get a definite answer.
  expect(right / judged).toBeGreaterThan(0.4);
});
