import { expect, test } from 'vitest';
import { createHoldBack } from '#gateway/hold-back.ts';
import { createRandom, percentile, tokens, visit, type Visit } from './storm.testing.ts';
import { createWorld, type World } from './testing.ts';

const CAPACITY = 20;

/** Accounts without a hash, from networks without a success, at a platform of 20 sign-ins a second. */
async function storm({ accounts }: { accounts: number }) {
  const world = await createWorld();
  const random = createRandom(7);
  const shape = tokens(world.clock, { capacity: CAPACITY, baseMs: 50 });
  world.platform.serve = () => shape.serve();
  const holdBack = createHoldBack(world.clock, random);
  const customers = Array.from({ length: accounts }, (_, i) => ({ login: `customer${i + 1}@example`, secret: `secret ${i + 1}`, network: `10.0.${i >> 8}.${i & 255}` }));
  for (const [i, { login, secret }] of customers.entries()) {
    world.store.put({ id: i + 1, address: login, state: 'active', authority: 'old', credentialVersion: 1, hash: undefined, loginNames: [] });
    world.platform.secrets.set(login, secret);
  }
  world.store.publish();
  const verdicts = new Map<string, number>();
  const ended: Visit[] = [];
  let next = 0;
  let due = 0;
  return {
    world,
    shape,
    verdicts,
    ended,
    /** `offered` times the capacity come for so long; who has come goes on until then. */
    async run(offered: number, seconds: number, untilSeconds: number): Promise<void> {
      for (let ms = 0; ms < seconds * 1000; ms += 20) {
        for (due += (offered * CAPACITY) / 50; due >= 1 && next < customers.length; due--, next++) {
          const onVerdict = (verdict: string): void => void verdicts.set(verdict, (verdicts.get(verdict) ?? 0) + 1);
          void visit(world, customers[next]!, { random, holdBack, until: untilSeconds * 1000, onVerdict }).then((each) => ended.push(each));
        }
        await world.clock.pass(20);
      }
    },
  };
}

test.each([2, 4, 10])('unknown accounts at %d times the capacity: nearly all of it is goodput, and who gets in is in soon', async (offered) => {
  const { world, shape, verdicts, ended, run } = await storm({ accounts: offered * CAPACITY * 25 });
  await run(offered, 10, 25);
  const from = world.clock.monotonic();
  shape.busy(from);
  await run(offered, 15, 25);
  const lately = ended.filter((each) => each.in !== undefined && each.in >= from);
  expect(lately.length / 15).toBeGreaterThan(0.95 * CAPACITY);
  expect(percentile(lately.map(({ took }) => took), 0.95)).toBeLessThan(2_000);
  expect(verdicts.get('rejected') ?? 0).toBe(0);
  expect(lockedIn(world)).toBe(0);
});

test('a platform that comes back into a storm is asked little at first, and within seconds as much as it can', async () => {
  const { world, ended, run } = await storm({ accounts: 4 * CAPACITY * 40 });
  await run(4, 5, 40);
  world.platform.mode = 'dead';
  await run(4, 15, 40);
  const dead = world.platform.asked.length;
  await run(4, 1, 40);
  // The breaker is open: nobody but the sentinel asks.
  expect(world.platform.asked.length - dead).toBe(0);
  world.platform.mode = 'well';
  for (let i = 0; i < 100 && world.platform.asked.length === dead; i++) await run(4, 0.1, 40);
  const atOnce = world.platform.asked.length - dead;
  expect(atOnce).toBeGreaterThan(0);
  expect(atOnce).toBeLessThanOrEqual(8);
  await run(4, 3, 40);
  const from = world.clock.monotonic();
  await run(4, 10, 40);
  const lately = ended.filter((each) => each.in !== undefined && each.in >= from);
  expect(lately.length / 10).toBeGreaterThan(0.95 * CAPACITY);
  expect(percentile(lately.map(({ took }) => took), 0.95)).toBeLessThan(2_000);
});

test('at twice the capacity every account is in within ten minutes', async () => {
  // As 8,000 are to a platform of 100 a second; more take as many times longer.
  const accounts = 80 * CAPACITY;
  const { ended, run } = await storm({ accounts });
  await run(2, 600, 600);
  expect(ended.filter((each) => each.in !== undefined)).toHaveLength(accounts);
  // All but idle: what could be served was.
  expect(Math.max(...ended.map((each) => each.in!))).toBeLessThan((1.1 * accounts * 1000) / CAPACITY);
});

function lockedIn(world: World): number {
  return world.events.filter(({ name }) => name === 'signin.lock-set').length;
}
