import { describe, expect, test } from 'vitest';
import { CausewayError } from '#errors/index.ts';
import { createManualClock } from '#events/manual-clock.testing.ts';
import { refusal } from '#imap/refusal.ts';
import { createBudget } from '../load/budget.ts';
import { createWorld, enrol } from '../testing.ts';
import { createImapSignIn, isAboutSecret, type VerifierConnection } from './verifier-imap.ts';

describe('the verifier', () => {
  test('a platform that hangs is asked no more until its sentinel is answered, and then at once', async () => {
    const world = await createWorld();
    const customers = Array.from({ length: 8 }, (_, i) => enrol(world, i + 1, 'right', { hashed: false }));
    world.platform.mode = 'hangs';
    const running = customers.map(({ address }) => world.attempt(address, 'right'));
    await world.clock.pass(9000);
    expect(new Set((await Promise.all(running)).map((v) => JSON.stringify(v)))).toEqual(new Set(['{"verdict":"unavailable","reason":"verifier-down"}']));
    const asked = world.platform.asked.length;
    expect(await world.verdict(customers[0]!.address, 'right', 100)).toEqual({ verdict: 'unavailable', reason: 'verifier-down' });
    expect(world.platform.asked).toHaveLength(asked);
    world.platform.mode = 'well';
    await world.clock.pass(12_000);
    expect((await world.verdict(customers[0]!.address, 'right')).verdict).toBe('accepted');
  });

  test('after a rest, an open breaker asks before it refuses', async () => {
    const world = await createWorld();
    const customer = enrol(world, 1, 'right', { hashed: false });
    world.platform.mode = 'dead';
    await world.verdict(customer.address, 'right');
    await world.clock.pass(5 * 60_000);
    world.platform.mode = 'well';
    expect((await world.verdict(customer.address, 'right')).verdict).toBe('accepted');
  });

  test('one customer with a broken INBOX closes it to nobody', async () => {
    const world = await createWorld();
    const broken = enrol(world, 1, 'right', { hashed: false });
    const other = enrol(world, 2, 'right', { hashed: false });
    for (let i = 0; i < 10; i++) {
      world.platform.mode = 'dead';
      const running = world.attempt(broken.address, 'right');
      await world.clock.pass(6);
      world.platform.mode = 'well';
      await world.clock.pass(400);
      expect((await running).verdict).toBe('unavailable');
    }
    expect((await world.verdict(other.address, 'right')).verdict).toBe('accepted');
  });

  test('the sentinel signs in every 2 s while the platform is asked, and rests after a minute', async () => {
    const world = await createWorld();
    await world.verdict(enrol(world, 1, 'right', { hashed: false }).address, 'right');
    await world.clock.pass(59_000);
    const count = world.figures.get('sentinel.accepted old')!;
    expect(count).toBeGreaterThan(25);
    expect(count).toBeLessThan(35);
    await world.clock.pass(10 * 60_000);
    expect(world.figures.get('sentinel.accepted old')!).toBeLessThan(count + 3);
  });

  test('a storm of wrong secrets brings at most five sentinels a second, and all are told in time', async () => {
    const world = await createWorld();
    const customers = Array.from({ length: 100 }, (_, i) => enrol(world, i + 1, 'right', { hashed: false }));
    const running: Promise<unknown>[] = [];
    for (const [i, { address }] of customers.entries()) {
      world.client.network = `192.0.2.${i}`;
      running.push(world.attempt(address, `wrong ${i}`));
      await world.clock.pass(100);
    }
    await world.clock.pass(4000);
    expect(new Set((await Promise.all(running)).map((verdict) => (verdict as { verdict: string }).verdict))).toEqual(new Set(['rejected']));
    expect(world.platform.sentinels).toBeLessThan(5 * 14);
  });

  test.each([0.05, 0.1, 0.3, 0.5])('a platform that begins to say no to a part (%d) of all is found out before it is believed', async (share) => {
    let told = 0;
    for (let seed = 1; seed <= 60; seed += 1) {
      const world = await createWorld();
      const first = enrol(world, 1, 'right', { hashed: false });
      // It is asked, and well, until the moment in which it turns.
      expect((await world.verdict(first.address, 'right')).verdict).toBe('accepted');
      await world.clock.pass(2500);
      let state = seed;
      world.platform.saysNo = () => (state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0) / 2 ** 32 < share;
      const customers = Array.from({ length: 20 }, (_, i) => enrol(world, i + 2, 'right', { hashed: false }));
      const running = customers.map(({ address }) => world.attempt(address, 'right'));
      await world.clock.pass(10_500);
      told += (await Promise.all(running)).filter(({ verdict }) => verdict === 'rejected').length > 0 ? 1 : 0;
    }
    // The sentinel's 12 right secrets in a row are all taken with (1 - share)^12: 54, 28, 1.4 % and less.
    expect(told / 60).toBeLessThanOrEqual((1 - share) ** 12 + 0.08);
  });

  test('a storm that does not fit: as many are served as can be, nobody is told that a secret is wrong', async () => {
    const world = await createWorld({ latencyMs: 2000 });
    const customers = Array.from({ length: 400 }, (_, i) => enrol(world, i + 1, 'right', { hashed: false }));
    const running = customers.map(({ address }) => world.attempt(address, 'right'));
    await world.clock.pass(12_000);
    const verdicts = await Promise.all(running);
    expect(verdicts.filter(({ verdict }) => verdict === 'rejected')).toEqual([]);
    expect(verdicts.slice(0, 32).every(({ verdict }) => verdict === 'accepted')).toBe(true);
    // There is time for two times 32 and for what the limit grows by, and no more.
    const served = verdicts.filter(({ verdict }) => verdict === 'accepted').length;
    expect(served).toBeGreaterThanOrEqual(64);
    expect(served).toBeLessThan(75);
    expect(verdicts.filter((verdict) => verdict.verdict === 'unavailable' && verdict.reason === 'verifier-busy')).toHaveLength(400 - served);
  });
});

describe('the budget', () => {
  test('five distinct wrong secrets in ten minutes; what was right costs nothing', async () => {
    const clock = createManualClock();
    const budget = createBudget(clock);
    for (let i = 0; i < 20; i++) budget.take(1, 'right', false)!.end(false);
    for (let i = 0; i < 5; i++) budget.take(1, `wrong ${i}`, false)!.end(true);
    expect(budget.take(1, 'wrong 5', false)).toBeUndefined();
    expect(budget.take(2, 'wrong 5', false)).toBeDefined();
    for (let i = 0; i < 55; i++) budget.take(1, 'wrong 0', false)!.end(true);
    expect(budget.take(1, 'wrong 0', false)).toBeUndefined();
    await clock.pass(10 * 60_000);
    expect(budget.take(1, 'wrong 5', false)).toBeDefined();
  });

  test('secrets on their way count', () => {
    const budget = createBudget(createManualClock());
    const tickets = Array.from({ length: 5 }, (_, i) => budget.take(1, `${i}`, false));
    expect(budget.take(1, '5', false)).toBeUndefined();
    tickets[0]!.end(false);
    tickets[0]!.end(false);
    expect(budget.take(1, '5', false)).toBeDefined();
  });

  test('a spray over all accounts is cut', async () => {
    const clock = createManualClock();
    const budget = createBudget(clock);
    const passed = (): number => Array.from({ length: 1000 }, (_, i) => budget.take(i, 'spring2024', false)).filter((ticket) => ticket?.end(true) ?? ticket).length;
    for (let i = 0; i < 1000; i++) budget.take(i, 'spring', false)?.end(true);
    expect(passed()).toBe(0);
    await clock.pass(1000);
    expect(budget.take(5000, 'spring', false)).toBeDefined();
  });
});

describe('a sign-in over IMAP', () => {
  const connection = (over: Partial<VerifierConnection>, calls: string[]): VerifierConnection => ({
    login: async () => void calls.push('login'),
    examine: async () => calls.push('examine'),
    logout: async () => void calls.push('logout'),
    destroy: () => void calls.push('destroy'),
    ...over,
  });
  const no = (text: string) => refusal('refused', 'sign-in', { status: 'NO', text });

  test('is accepted after INBOX was opened', async () => {
    const calls: string[] = [];
    const signIn = createImapSignIn(async () => connection({}, calls));
    expect(await signIn('old', 'u', 'p', new AbortController().signal)).toBe('accepted');
    expect(calls).toEqual(['login', 'examine', 'logout']);
  });

  test('is refused by a NO about the secret, and by nothing else', async () => {
    const calls: string[] = [];
    const refused = createImapSignIn(async () => connection({ login: () => Promise.reject(no('Authentication failed.')) }, calls));
    expect(await refused('old', 'u', 'p', new AbortController().signal)).toBe('refused');
    const unopened = createImapSignIn(async () => connection({ examine: () => Promise.reject(no('User is authenticated but not connected.')) }, calls));
    await expect(unopened('old', 'u', 'p', new AbortController().signal)).rejects.toThrow('not connected');
    expect(calls).toEqual(['destroy', 'login', 'destroy']);
  });

  test.each([
    ['Invalid login or password', true],
    ['LOGIN failed', true],
    ['[AUTHENTICATIONFAILED] Authentication failed.', true],
    ['Maximum number of connections from user+IP exceeded', false],
    ['Too many simultaneous connections. (Failure)', false],
    ['Temporary authentication failure.', false],
    ['Internal error occurred. Refer to server log', false],
    ['Account is locked', false],
    ['Mailbox is disabled', false],
    ['Please log in via your web browser', false],
  ])('"%s" is about the secret: %s', (text, expected) => {
    expect(isAboutSecret(no(text))).toBe(expected);
  });

  test('a failure is not a refusal', () => {
    expect(isAboutSecret(new CausewayError('unavailable', 'gone'))).toBe(false);
    expect(isAboutSecret(new Error('refused'))).toBe(false);
    expect(isAboutSecret(new CausewayError('refused', 'no answer kept'))).toBe(false);
  });
});
