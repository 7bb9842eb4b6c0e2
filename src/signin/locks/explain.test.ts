import { describe, expect, test } from 'vitest';
import { anAccount } from '../testing.ts';
import { inWords } from './explain.ts';
import { HOME, startBench, STRANGER } from './testing.ts';

const MINUTE = 60_000;

describe('what the desk says', () => {
  // The manual clock begins at 22:13:20 UTC on 14 November 2023.
  const words = ({ locks, clock }: Awaited<ReturnType<typeof startBench>>) => inWords(locks.explain(anAccount(1)), { now: clock.now(), timeZone: 'UTC' });

  test('nothing, when there was nothing', async () => {
    const bench = await startBench();
    bench.enter('right');
    expect(words(bench)).toEqual([]);
  });

  test('of a device with the previous password', async () => {
    const bench = await startBench();
    for (const secret of ['before', 'now']) bench.enter(secret, { from: HOME });
    bench.guess('before', { from: HOME });
    await bench.clock.pass(MINUTE);
    for (let i = 1; i < 214; i++) bench.guess('before', { from: HOME });
    expect(words(bench)).toEqual(['The device at 198.51.100.7 has sent the previous password 214 times since 22:13. This locks nothing.']);
    await bench.clock.pass(24 * 60 * MINUTE);
    expect(words(bench)[0]).toContain('214 times since 22:13 on 14 Nov 2023');
  });

  test('of a lock, and of what is near one', async () => {
    const bench = await startBench();
    bench.enter('right', { from: HOME });
    bench.guess('typo', { from: HOME });
    bench.guesses(2, { from: '192.0.2.9' });
    await bench.clock.pass(MINUTE);
    bench.guesses(6);
    expect(words(bench)).toEqual([
      `${STRANGER} is locked out of this account until 22:15: it has sent 6 different wrong passwords since 22:14, and has not signed in within 30 days.`,
      '198.51.100.7 has sent 1 different wrong password since 22:13. It has signed in before, so it is not locked.',
      '192.0.2.9 has sent 2 different wrong passwords since 22:13.',
    ]);
  });

  test('of an account near its ceiling, and closed to strangers', async () => {
    const bench = await startBench();
    for (let i = 0; i < 60; i++) bench.guess(`wrong ${i}`, { from: `203.0.113.${i}` });
    expect(words(bench)[0]).toBe('60 different wrong passwords came from networks that never signed in; at 100 those are locked out.');
    for (let i = 60; i < 200; i++) bench.guess(`wrong ${i}`, { from: `203.0.113.${i}` });
    expect(words(bench)[0]).toBe(
      "100 different wrong passwords came since 22:13 from networks that never signed in. Networks without a sign-in in 30 days are locked out until 22:13 on 14 Dec 2023, or until the password is changed; the customer's own devices are not.",
    );
  });

  test('of a network that sprays', async () => {
    const bench = await startBench();
    bench.guess('wrong');
    for (let i = 0; i < 30; i++) bench.guess(`wrong ${i}`, { account: anAccount(100 + i) });
    expect(words(bench)[0]).toBe(`${STRANGER} is locked out until 23:13: it tried many login names.`);
  });
});
