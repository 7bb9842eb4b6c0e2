import { describe, expect, test } from 'vitest';
import { createWorld, enrol } from '../testing.ts';
import { HOME, startBench, STRANGER } from './testing.ts';

const DAY = 24 * 3_600_000;

describe('while an incident is open', () => {
  test('customers who were away for months are not locked; afterwards, as strangers are', async () => {
    let open = true;
    const { clock, enter, guesses, locks, events } = await startBench({ frozen: () => open });
    enter('right', { from: HOME });
    await clock.pass(40 * DAY);
    expect(guesses(30, { from: HOME })).toBe(30);
    open = false;
    expect(guesses(30, { from: HOME, as: 'other' })).toBeLessThan(30);
    expect(events.filter(({ name }) => name === 'signin.lock-set')).toHaveLength(1);
    await locks.close();
  });

  test('what strangers send counts as ever: nobody buys a holiday', async () => {
    const { guess, guesses, locks, enter } = await startBench({ frozen: () => true });
    enter('right', { from: HOME });
    expect(guesses(30, { from: STRANGER })).toBe(6);
    for (let i = 0; i < 200; i++) guess(`more ${i}`, { from: `203.0.113.${i}` });
    expect(guess('one more', { from: '203.0.113.250' })).toBe('account');
    expect(guess('mine', { from: HOME })).toBe('rejected');
    await locks.close();
  });
});

describe('an incident', () => {
  test('is opened by no flood of strangers, whatever becomes of them', async () => {
    const world = await createWorld();
    world.platform.serve = () => world.clock.sleep(2_000);
    for (let i = 1; i <= 300; i++) enrol(world, i, 'right', { hashed: false });
    for (let round = 0; round < 40; round++) {
      for (let i = 1; i <= 300; i++) {
        world.client.network = `10.${round}.0.${i % 250}`;
        void world.attempt(`customer${i}@example`, i % 2 === 0 ? 'right' : `wrong ${round}`);
      }
      await world.clock.pass(1_000);
    }
    expect(world.events.filter(({ fields }) => fields['reason'] === 'verifier-busy').length).toBeGreaterThan(1_000);
    expect(world.incidents.open()).toEqual([]);
  });

  test('is opened by refusals to known customers and by a dead platform, and over when both are well', async () => {
    const world = await createWorld();
    const customers = Array.from({ length: 8 }, (_, i) => enrol(world, i + 1, 'right', { hashed: false }));
    for (const { address } of customers) await world.verdict(address, 'right');
    expect(world.incidents.open()).toEqual([]);
    world.platform.mode = 'dead';
    for (let i = 0; i < 10; i++) {
      // Another secret than the one that is known good: changed at the platform.
      for (const { address } of customers) await world.verdict(address, 'new');
      await world.clock.pass(1_000);
    }
    expect(world.incidents.open().map(({ kind, accounts }) => `${kind} ${accounts}`).toSorted()).toEqual(['known-unavailable 8', 'sentinel 0']);
    expect(world.incidents.touches('old')).toBe(true);
    world.platform.mode = 'well';
    for (let i = 0; i < 60; i++) {
      await world.verdict(customers[i % 8]!.address, 'right');
      void world.signIn.couldJudge(customers[0]!.address, 'pop3');
      await world.clock.pass(2_000);
    }
    expect(world.incidents.open()).toEqual([]);
  });
});
