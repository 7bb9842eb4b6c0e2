import { describe, expect, test } from 'vitest';
import { anAccount } from '../testing.ts';
import { CEILING } from './ceiling.ts';
import { KNOWN_MS } from './familiar.ts';
import { SPRAYED_ACCOUNTS, SPRAYED_NAMES } from './spray.ts';
import { HOME, startBench, STRANGER } from './testing.ts';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const named = (events: { name: string; fields: Readonly<Record<string, unknown>> }[], name: string) => events.filter((event) => event.name === name).map(({ fields }) => fields);

describe('a pair of account and network', () => {
  test('five distinct wrong secrets are free, the sixth locks for a minute, and no other network or account', async () => {
    const { guess, guesses, clock, locks, attempt } = await startBench();
    expect(guesses(20)).toBe(6);
    expect(locks.refuses(anAccount(1), attempt('right'))).toBe('pair');
    expect(guess('wrong', { from: '192.0.2.67' })).toBe('rejected');
    expect(guess('wrong', { account: anAccount(2) })).toBe('rejected');
    await clock.pass(MINUTE - 1);
    expect(guess('x')).toBe('pair');
    await clock.pass(1);
    expect(guess('x')).toBe('rejected');
  });

  test('the locks grow, and repeats of what was wrong before are free', async () => {
    const { guesses, clock } = await startBench();
    const checked: number[] = [];
    for (const minutes of [1, 5, 30, 30, 30, 120, 120]) {
      checked.push(guesses(200));
      await clock.pass(minutes * MINUTE);
    }
    // What was sent before goes through again each time: the numbers are of distinct ones.
    expect(checked).toEqual([6, 10, 20, 30, 40, 50, 60]);
  });

  test('the same wrong secret, for ever, is one', async () => {
    const { guess, clock } = await startBench();
    for (let i = 0; i < 500; i++) {
      expect(guess('yesterday')).toBe('rejected');
      await clock.pass(MINUTE);
    }
  });

  test('what was on its way without a verdict counts nothing', async () => {
    const { locks, attempt } = await startBench();
    for (let i = 0; i < 500; i++) {
      const end = locks.begin(anAccount(1), attempt(`secret ${i}`));
      expect(end).toBeTypeOf('function');
      if (typeof end === 'function') end();
    }
    expect(locks.explain(anAccount(1))).toMatchObject({ distinct: 0, networks: [] });
  });

  test('a burst gets no further than one after the other would', async () => {
    const { locks, attempt, guess } = await startBench();
    const begun = Array.from({ length: 50 }, (_, i) => locks.begin(anAccount(1), attempt(`burst ${i}`)));
    expect(begun.filter((each) => typeof each === 'function')).toHaveLength(6);
    expect(begun.slice(6).every((each) => each === 'crowded')).toBe(true);
    expect(typeof locks.begin(anAccount(1), attempt('burst 0'))).toBe('function');
    for (const end of begun) if (typeof end === 'function') end();
    expect(guess('later')).toBe('rejected');
  });

  test('a right secret ends nothing while locked, and takes all back once it can be checked', async () => {
    const { guesses, enter, clock, locks, events } = await startBench();
    guesses(6);
    expect(enter('right')).toBe('pair');
    await clock.pass(MINUTE);
    expect(enter('right')).toBe('accepted');
    expect(locks.explain(anAccount(1))).toMatchObject({ distinct: 0, knownNetworks: 1, networks: [] });
    expect(guesses(150, { as: 'later' })).toBe(150);
    expect(named(events, 'signin.lock-ended')).toMatchObject([{ kind: 'pair', accountId: 1, network: STRANGER, why: 'expired' }]);
  });

  test('ends with the secret that was guessed at', async () => {
    const { guesses, guess, events } = await startBench();
    guesses(6);
    expect(guess('x', { account: anAccount(1, { credentialVersion: 2 }) })).toBe('rejected');
    // A copy of the account that is behind sets nothing back.
    expect(guess('x', { account: anAccount(1, { credentialVersion: 1 }) })).toBe('rejected');
    expect(named(events, 'signin.lock-ended')).toMatchObject([{ kind: 'pair', why: 'changed' }]);
  });

  test('is forgotten after a day without a new wrong secret', async () => {
    const { guesses, clock } = await startBench();
    for (let day = 0; day < 5; day++) {
      expect(guesses(5, { as: `day ${day}` })).toBe(5);
      await clock.pass(24 * HOUR);
    }
  });
});

describe('networks with a success', () => {
  test('are never locked, for 30 days', async () => {
    const { enter, guesses, clock, events } = await startBench();
    enter('right', { from: HOME });
    expect(guesses(300, { from: HOME })).toBe(300);
    await clock.pass(KNOWN_MS - 1);
    expect(guesses(300, { from: HOME })).toBe(300);
    await clock.pass(1);
    expect(guesses(300, { from: HOME, as: 'after' })).toBeLessThanOrEqual(10);
    expect(named(events, 'signin.lock-set')).toHaveLength(1);
  });

  test('are the account\'s, not everybody\'s behind the same address', async () => {
    const { enter, guesses } = await startBench();
    enter('right', { from: HOME });
    expect(guesses(300, { from: HOME, account: anAccount(2) })).toBe(6);
  });

  test('an IPv6 home is one network', async () => {
    const { enter, guess, guesses } = await startBench();
    enter('right', { from: '2001:db8:0:100::1' });
    expect(guesses(50, { from: '2001:db8:0:1ff:a:b:c:d' })).toBe(50);
    for (let i = 0; i < 6; i++) guess(`x ${i}`, { from: `2001:db8:0:200::${i + 1}` });
    expect(guess('y', { from: '2001:db8:0:2ff::1' })).toBe('pair');
  });
});

describe('secrets of before', () => {
  test('the two before the right one never count, from wherever; the one before those does', async () => {
    const { enter, guess, locks } = await startBench();
    for (const secret of ['first', 'second', 'third', 'fourth']) enter(secret, { from: HOME });
    for (let i = 0; i < 100; i++) {
      expect(guess('second')).toBe('rejected');
      expect(guess('third')).toBe('rejected');
    }
    expect(locks.explain(anAccount(1))).toMatchObject({ distinct: 0, networks: [{ network: STRANGER, wrong: 0, stale: { times: 200 } }] });
    guess('first');
    expect(locks.explain(anAccount(1))).toMatchObject({ distinct: 1, networks: [{ network: STRANGER, wrong: 1 }] });
  });

  test('a secret that was refused since it was admitted is one of them', async () => {
    const { enter, guess, locks } = await startBench();
    enter('held', { from: HOME, by: 'known-good' });
    guess('held', { account: anAccount(1, { credentialVersion: 2 }) });
    expect(locks.explain(anAccount(1, { credentialVersion: 2 })).distinct).toBe(0);
  });

  test('of one account are nothing on another', async () => {
    const { enter, guess, locks } = await startBench();
    enter('held', { from: HOME });
    guess('held', { account: anAccount(2) });
    expect(locks.explain(anAccount(2)).distinct).toBe(1);
  });
});

describe('the ceiling of an account', () => {
  const botnet = (i: number): string => `203.0.113.${i % 250}`;
  const attack = (bench: Awaited<ReturnType<typeof startBench>>, n: number): number => {
    let checked = 0;
    for (let i = 0; i < n; i++) if (bench.guess(`botnet ${i}`, { from: botnet(i) }) === 'rejected') checked += 1;
    return checked;
  };

  test('100 distinct wrong secrets from all strangers close it to them, never to the others', async () => {
    const bench = await startBench();
    bench.enter('right', { from: HOME });
    expect(attack(bench, 500)).toBe(CEILING);
    expect(bench.guess('botnet 0', { from: botnet(200) })).toBe('account');
    expect(bench.enter('right', { from: '192.0.2.200' })).toBe('account');
    expect(bench.enter('right', { from: HOME })).toBe('accepted');
    expect(bench.guesses(10, { from: HOME })).toBe(10);
    expect(bench.guess('x', { account: anAccount(2) })).toBe('rejected');
    expect(named(bench.events, 'signin.lock-set')).toMatchObject([{ kind: 'account', accountId: 1, distinct: 100 }]);
    expect(named(bench.events, 'signin.near-lock')).toMatchObject([{ kind: 'account', accountId: 1, distinct: 90 }]);
  });

  test('ends after 30 days, or with the secret', async () => {
    const bench = await startBench();
    attack(bench, 200);
    expect(bench.guess('x', { account: anAccount(1, { credentialVersion: 2 }) })).toBe('rejected');
    const other = await startBench();
    attack(other, 200);
    await other.clock.pass(KNOWN_MS - 1);
    expect(other.guess('x')).toBe('account');
    await other.clock.pass(1);
    expect(other.guess('x')).toBe('rejected');
    expect(named(other.events, 'signin.lock-ended')).toMatchObject([{ kind: 'account', accountId: 1, why: 'expired' }]);
  });

  test('a burst from everywhere gets no further', async () => {
    const { locks, attempt } = await startBench();
    const begun = Array.from({ length: 500 }, (_, i) => locks.begin(anAccount(1), attempt(`burst ${i}`, botnet(i))));
    expect(begun.filter((each) => typeof each === 'function')).toHaveLength(CEILING);
  });

  test('what a customer mistyped before a right secret from there is taken back', async () => {
    const bench = await startBench();
    for (let i = 0; i < 60; i++) {
      bench.guess(`typo ${i}`, { from: botnet(i) });
      bench.guess(`other typo ${i}`, { from: botnet(i) });
      expect(bench.enter('right', { from: botnet(i) })).toBe('accepted');
    }
    expect(bench.locks.explain(anAccount(1)).distinct).toBe(0);
  });
});

describe('spraying', () => {
  test('one secret on many accounts is not checked for strangers any more, wherever it comes from', async () => {
    const { guess, enter, clock, events } = await startBench();
    enter('hunter2', { from: HOME });
    const of = (i: number) => ({ account: anAccount(100 + i), from: `203.0.113.${i}` });
    for (let i = 0; i < SPRAYED_ACCOUNTS; i++) expect(guess('hunter2', of(i))).toBe('rejected');
    for (let i = SPRAYED_ACCOUNTS; i < 200; i++) expect(guess('hunter2', of(i))).toBe('spray');
    expect(guess('nobody has this', of(201))).toBe('rejected');
    expect(enter('hunter2', { from: HOME })).toBe('accepted');
    expect(named(events, 'signin.lock-set')).toMatchObject([{ kind: 'secret', distinct: SPRAYED_ACCOUNTS }]);
    await clock.pass(HOUR);
    expect(guess('hunter2', of(202))).toBe('rejected');
    expect(guess('hunter2', of(203))).toBe('spray');
  });

  test('many login names from one network, unknown ones too, stop its strangers, not its customers', async () => {
    const { guess, enter, clock } = await startBench();
    enter('right');
    const name = (i: number) => (i % 2 === 0 ? { account: anAccount(100 + i) } : { account: undefined, login: `nobody${i}@example` });
    // One success there was in this hour, so two names more are let pass.
    for (let i = 0; i < SPRAYED_NAMES + 2; i++) expect(guess(`secret ${i}`, name(i))).toBe('rejected');
    for (let i = 50; i < 60; i++) expect(guess(`secret ${i}`, name(i))).toBe('spray');
    expect(enter('right')).toBe('accepted');
    expect(guess('mistyped')).toBe('rejected');
    expect(guess('x', { ...name(70), from: HOME })).toBe('rejected');
    await clock.pass(HOUR);
    for (let i = 100; i < 100 + SPRAYED_NAMES; i++) expect(guess(`more ${i}`, name(i))).toBe('rejected');
    await clock.pass(HOUR);
    expect(guess('x', name(200))).toBe('spray');
    await clock.pass(HOUR);
    expect(guess('x', name(200))).toBe('rejected');
  });

  test.each(['127.0.0.1', '100.64.1.2', '203.0.113.9'])('shared range, %s: never as a network', async (from) => {
    const { guess } = await startBench({ settings: { sharedRanges: ['203.0.113.0/24'] } });
    for (let i = 0; i < 100; i++) expect(guess(`secret ${i}`, { account: anAccount(100 + i), from })).toBe('rejected');
  });

  test('secrets of before never feed it', async () => {
    const { guess, enter } = await startBench();
    const customers = Array.from({ length: 60 }, (_, i) => anAccount(i + 1));
    for (const account of customers) {
      enter('welcome', { account, from: `198.51.100.${account.id}` });
      enter(`own ${account.id}`, { account, from: `198.51.100.${account.id}` });
    }
    // All of them in one office, with phones that kept the first password.
    for (const account of customers) expect(guess('welcome', { account })).toBe('rejected');
    for (const account of customers) expect(enter(`own ${account.id}`, { account })).toBe('accepted');
  });

  test('customers with a success there never feed it', async () => {
    const { guess, enter } = await startBench();
    for (let i = 0; i < 60; i++) enter('right', { account: anAccount(i) });
    for (let i = 0; i < 60; i++) expect(guess('caps lock', { account: anAccount(i) })).toBe('rejected');
    expect(guess('caps lock', { account: anAccount(999) })).toBe('rejected');
  });
});

describe('shared ranges', () => {
  test('a success from one address spares the whole range the ceiling, not a stranger\'s address the ladder', async () => {
    const bench = await startBench({ settings: { sharedRanges: ['203.0.113.0/24'] } });
    bench.enter('right', { from: '203.0.113.1' });
    for (let i = 0; i < 200; i++) bench.guess(`x ${i}`, { from: `192.0.2.${i}` });
    expect(bench.enter('right', { from: '192.0.2.250' })).toBe('account');
    // The phone's address of tomorrow.
    expect(bench.enter('right', { from: '203.0.113.2' })).toBe('accepted');
    expect(bench.guesses(20, { from: '203.0.113.3' })).toBe(6);
    let checked = 6;
    for (let hours = 0; hours < 24; hours++) {
      await bench.clock.pass(2 * HOUR);
      checked += bench.guesses(20, { from: '203.0.113.3', as: `hour ${hours}` });
    }
    expect(checked).toBe(6 + 4 + 23 * 10);
  });
});

test('names that are nobody\'s are locked as accounts are', async () => {
  const { guess } = await startBench();
  const answers = (account: ReturnType<typeof anAccount> | undefined, login: string) =>
    Array.from({ length: 150 }, (_, i) => guess(`wrong ${i} ${login}`, { account, login, from: `203.0.113.${i % 20}` }));
  expect(answers(undefined, 'nobody@example')).toEqual(answers(anAccount(7), 'customer7@example'));
});

test('events and explanations hold no secret', async () => {
  const { guesses, locks, events } = await startBench();
  guesses(10, { as: 'topsecret' });
  expect(named(events, 'signin.near-lock')).toMatchObject([{ kind: 'pair', accountId: 1, network: STRANGER, distinct: 5 }]);
  expect(named(events, 'signin.lock-set')).toMatchObject([{ kind: 'pair', accountId: 1, network: STRANGER, distinct: 6, minutes: 1 }]);
  expect(JSON.stringify([events, locks.explain(anAccount(1))])).not.toContain('topsecret');
});
