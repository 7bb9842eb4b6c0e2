import { expect, test } from 'vitest';
import { silent } from '#events/index.ts';
import { createManualClock } from '#events/manual-clock.testing.ts';
import type { Account } from '../accounts.ts';
import type { Hasher } from '../load/hash.ts';
import { createKnownBad } from './known-bad.ts';
import { createKnownGood } from './known-good.ts';
import { createLearn } from './learn.ts';

const HASH_MS = 10;

function world({ busy = () => false }: { busy?: () => boolean } = {}) {
  const clock = createManualClock();
  const stored: string[] = [];
  let making = 0;
  let madeMs = 0;
  let atOnce = 0;
  const hasher = {
    async make(secret: string) {
      if (busy()) throw new Error('busy');
      atOnce = Math.max(atOnce, ++making);
      await clock.sleep(HASH_MS);
      making -= 1;
      madeMs += HASH_MS;
      return `hash of ${secret}`;
    },
  } as unknown as Hasher;
  const learn = createLearn({
    knownGood: createKnownGood(clock),
    knownBad: createKnownBad(clock),
    hasher,
    secrets: { storeHash: async (_id: number, encoded: string) => void stored.push(encoded) } as never,
    proofs: { due: () => false, note: () => {}, close: async () => {} },
    clock,
    emit: silent,
    count: () => {},
  });
  const first = (id: number): void => learn.right({ id, authority: 'old', credentialVersion: 1, hash: undefined } as unknown as Account, `digest ${id}`, `secret ${id}`, 'platform');
  return { clock, stored, first, made: () => ({ ms: madeMs, atOnce }) };
}

test('a storm of first sign-ins: hashes take a tenth of the time, one at a time, and all that is kept is made', async () => {
  const { clock, stored, first, made } = world();
  for (let id = 1; id <= 100; id++) first(id);
  await clock.pass(5_000);
  expect(made().ms / 5_000).toBeCloseTo(0.1, 1);
  expect(made().atOnce).toBe(1);
  await clock.pass(10_000);
  expect(stored).toHaveLength(100);
});

test('while the pool is busy with checks no hash is made; afterwards it is, but no secret is kept for longer than half a minute', async () => {
  let busy = true;
  const { clock, stored, first } = world({ busy: () => busy });
  first(1);
  await clock.pass(20_000);
  expect(stored).toEqual([]);
  first(2);
  await clock.pass(15_000);
  busy = false;
  await clock.pass(5_000);
  expect(stored).toEqual(['hash of secret 2']);
});
