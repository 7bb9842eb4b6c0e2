/**
 * Whatever strangers do, a customer's own devices are never locked, and no stranger gets past the ladder and the ceiling.
 */
import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { anAccount } from '../testing.ts';
import { CEILING } from './ceiling.ts';
import { lockMs } from './ladder.ts';
import { startBench } from './testing.ts';

/** Own networks have had a success; the last two are behind a shared range, and a home's IPv6. */
const OWN = ['198.51.100.1', '198.51.100.2', '100.64.7.7', '2001:db8:5:500::5'];
const FOREIGN = ['192.0.2.1', '192.0.2.2', '100.64.9.9', '2001:db8:6:600::6', '203.0.113.1'];

const act = fc.oneof(
  // How many changes ago the device was told its password.
  { weight: 6, arbitrary: fc.record({ do: fc.constant('device' as const), from: fc.nat(OWN.length - 1), age: fc.integer({ min: 0, max: 2 }), times: fc.integer({ min: 1, max: 20 }) }) },
  // The phone on the road: its carrier gives it another address each time.
  { weight: 2, arbitrary: fc.record({ do: fc.constant('road' as const), address: fc.nat(60_000), age: fc.integer({ min: 0, max: 2 }) }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('typos' as const), from: fc.nat(OWN.length - 1), n: fc.integer({ min: 1, max: 30 }) }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('change' as const), from: fc.nat(OWN.length - 1) }) },
  { weight: 4, arbitrary: fc.record({ do: fc.constant('guess' as const), from: fc.nat(FOREIGN.length - 1), n: fc.integer({ min: 1, max: 60 }) }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('botnet' as const), n: fc.integer({ min: 1, max: 150 }) }) },
  // A stranger at the customer's own address tries other accounts.
  { weight: 2, arbitrary: fc.record({ do: fc.constant('spray' as const), from: fc.oneof(fc.constantFrom(...OWN), fc.constantFrom(...FOREIGN)), n: fc.integer({ min: 1, max: 40 }), common: fc.boolean() }) },
  // The attacker has read the customer's present password as a common one, and tries it on everybody.
  { weight: 1, arbitrary: fc.record({ do: fc.constant('common' as const), from: fc.constantFrom(...FOREIGN) }) },
  { weight: 3, arbitrary: fc.record({ do: fc.constant('pass' as const), minutes: fc.constantFrom(1, 6, 31, 121) }) },
);

test('own devices are never locked, strangers always stopped', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(act, { minLength: 5, maxLength: 40 }), async (acts) => {
      const { guess, enter, clock, locks } = await startBench();
      let account = anAccount(1);
      const secrets = ['own 0'];
      for (const from of OWN) expect(enter('own 0', { from, account })).toBe('accepted');
      let fresh = 0;
      /** Of the present secret: what strangers had checked, in all and by network since its last lock. */
      let checked = 0;
      const byNetwork = new Map<string, { distinct: number; until: number }>();
      const stranger = (from: string): void => {
        const network = byNetwork.get(from) ?? { distinct: 0, until: 0 };
        byNetwork.set(from, network);
        if (guess(`guess ${fresh++}`, { from, account }) !== 'rejected') return;
        checked += 1;
        expect(clock.monotonic()).toBeGreaterThanOrEqual(network.until);
        network.distinct += 1;
        network.until = clock.monotonic() + (lockMs(network.distinct) ?? 0);
      };
      for (const step of acts) {
        switch (step.do) {
          case 'device': {
            const secret = secrets.at(-1 - step.age) ?? secrets[0]!;
            for (let i = 0; i < step.times; i++) {
              const told = secret === secrets.at(-1) ? enter(secret, { from: OWN[step.from]!, account }) : guess(secret, { from: OWN[step.from]!, account });
              expect(told).toBe(secret === secrets.at(-1) ? 'accepted' : 'rejected');
            }
            break;
          }
          case 'road': {
            const secret = secrets.at(-1 - step.age) ?? secrets[0]!;
            const from = `100.${65 + (step.address >> 8 >> 7)}.${step.address >> 8}.${step.address & 255}`;
            expect(secret === secrets.at(-1) ? enter(secret, { from, account }) : guess(secret, { from, account })).toBe(secret === secrets.at(-1) ? 'accepted' : 'rejected');
            break;
          }
          case 'typos': {
            const { distinct } = locks.explain(account);
            for (let i = 0; i < step.n; i++) expect(guess(`typo ${fresh++}`, { from: OWN[step.from]!, account })).toBe('rejected');
            expect(locks.explain(account).distinct).toBe(distinct);
            break;
          }
          case 'change':
            secrets.push(`own ${secrets.length}`);
            account = anAccount(1, { credentialVersion: secrets.length });
            expect(enter(secrets.at(-1)!, { from: OWN[step.from]!, account })).toBe('accepted');
            checked = 0;
            byNetwork.clear();
            break;
          case 'guess':
            for (let i = 0; i < step.n; i++) stranger(FOREIGN[step.from]!);
            break;
          case 'botnet':
            for (let i = 0; i < step.n; i++) stranger(`10.${(fresh >> 16) & 255}.${(fresh >> 8) & 255}.${fresh & 255}`);
            break;
          case 'spray':
            for (let i = 0; i < step.n; i++) guess(step.common ? '123456' : `spray ${fresh++}`, { from: step.from, account: i % 3 === 0 ? undefined : anAccount(1000 + fresh + i), login: `name ${fresh + i}` });
            break;
          case 'common':
            for (let i = 0; i < 20; i++) guess(secrets.at(-1)!, { from: step.from, account: anAccount(5000 + i) });
            break;
          case 'pass':
            await clock.pass(step.minutes * 60_000);
            break;
        }
        // Behind the carrier's range the ceiling is spared, so only the ladder slows one down there.
        const ladderOnly = byNetwork.get('100.64.9.9')?.distinct ?? 0;
        expect(checked - ladderOnly).toBeLessThanOrEqual(CEILING);
      }
      await locks.close();
    }),
    { numRuns: Number(process.env['RUNS'] ?? 100) },
  );
});
