import { expect, test } from 'vitest';
import { systemClock } from '#events/clock.ts';
import { silent } from '#events/index.ts';
import { createInFlight } from './in-flight.ts';
import { beginTransaction } from './transaction.ts';

test('on a machine that takes its time, mail that met no hold is not noted as held', async () => {
  let now = 0;
  // Each look at the clock is 5 ms after the last.
  const clock = { ...systemClock, monotonic: () => (now += 5) };
  const noted: string[] = [];
  const taken = { code: 250, text: 'OK' };
  const transaction = beginTransaction('w@x.example', {
    clock, emit: silent, inFlight: createInFlight(systemClock),
    findRecipient: async (address) => ({ accountId: 1, closed: false, addressAt: () => address }),
    settled: () => Promise.reject(new Error('nobody waits')),
    homeNow: () => 'old',
    openHandOver: async () => ({ mail: async () => taken, rcpt: async () => taken, data: async () => [taken], abort() {}, end() {} }) as never,
    note: ({ outcome }) => void noted.push(outcome),
  }, { alive: () => true });
  expect(await transaction.rcpt('ada@isp.example')).toEqual(taken);
  expect(noted).toEqual([]);
});
