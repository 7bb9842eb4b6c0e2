import { describe, expect, test } from 'vitest';
import { fakeHash } from './fake-hasher.testing.ts';
import { createWorld, enrol, type World } from './testing.ts';

type Case = {
  name: string;
  authority: 'ours' | 'old';
  hashed?: boolean;
  presented: 'right' | 'wrong';
  before?: (world: World) => void;
  expected: string;
};

const gone = (world: World): void => void (world.store.mode = 'gone');
const hangs = (world: World): void => void (world.store.mode = 'hangs');
const platformIs = (mode: World['platform']['mode']) => (world: World): void => void (world.platform.mode = mode);
const allGone = (world: World): void => {
  gone(world);
  platformIs('dead')(world);
};

const CASES: Case[] = [
  { name: 'ours, right', authority: 'ours', presented: 'right', expected: 'accepted' },
  { name: 'ours, wrong', authority: 'ours', presented: 'wrong', expected: 'rejected secret' },
  { name: 'ours, right, store gone', authority: 'ours', presented: 'right', before: gone, expected: 'accepted' },
  { name: 'ours, wrong, store gone', authority: 'ours', presented: 'wrong', before: gone, expected: 'unavailable store' },
  { name: 'ours, wrong, store hangs', authority: 'ours', presented: 'wrong', before: hangs, expected: 'unavailable store' },
  { name: 'ours, no hash', authority: 'ours', hashed: false, presented: 'right', expected: 'unavailable no-hash' },
  { name: 'ours, no room to hash', authority: 'ours', presented: 'right', before: (w) => void (w.hasher.mode = 'full'), expected: 'unavailable overload' },
  { name: 'ours, right, platform dead', authority: 'ours', presented: 'right', before: platformIs('dead'), expected: 'accepted' },
  { name: 'platform, hash matches', authority: 'old', presented: 'right', expected: 'accepted' },
  { name: 'platform, hash matches, platform dead', authority: 'old', presented: 'right', before: platformIs('dead'), expected: 'accepted' },
  { name: 'platform, hash matches, platform hangs', authority: 'old', presented: 'right', before: platformIs('hangs'), expected: 'accepted' },
  { name: 'platform, hash matches, all gone', authority: 'old', presented: 'right', before: allGone, expected: 'accepted' },
  { name: 'platform, no hash, right', authority: 'old', hashed: false, presented: 'right', expected: 'accepted' },
  { name: 'platform, no hash, right, store gone', authority: 'old', hashed: false, presented: 'right', before: gone, expected: 'accepted' },
  { name: 'platform, no room to hash, right', authority: 'old', presented: 'right', before: (w) => void (w.hasher.mode = 'full'), expected: 'accepted' },
  { name: 'platform, wrong', authority: 'old', presented: 'wrong', expected: 'rejected secret' },
  { name: 'platform, no hash, wrong', authority: 'old', hashed: false, presented: 'wrong', expected: 'rejected secret' },
  { name: 'platform, wrong, dead', authority: 'old', presented: 'wrong', before: platformIs('dead'), expected: 'unavailable verifier-down' },
  { name: 'platform, wrong, hangs', authority: 'old', presented: 'wrong', before: platformIs('hangs'), expected: 'unavailable verifier-down' },
  { name: 'platform, wrong, refuses all', authority: 'old', presented: 'wrong', before: platformIs('refuses-all'), expected: 'unavailable verifier-unproven' },
  { name: 'platform, no hash, right, refuses all', authority: 'old', hashed: false, presented: 'right', before: platformIs('refuses-all'), expected: 'unavailable verifier-unproven' },
  { name: 'platform, wrong, store gone', authority: 'old', presented: 'wrong', before: gone, expected: 'unavailable store' },
];

const said = (verdict: { verdict: string; reason?: string }): string => [verdict.verdict, verdict.reason].filter(Boolean).join(' ');

describe('the order of a verdict', () => {
  test.each(CASES)('$name: $expected', async ({ authority, hashed, presented, before, expected }) => {
    const world = await createWorld();
    const customer = enrol(world, 1, 'right', { authority, hashed: hashed ?? true });
    before?.(world);
    const verdict = await world.verdict(customer.address, presented);
    expect(said(verdict)).toBe(expected);
    expect(world.sessions).toHaveLength(expected === 'accepted' ? 1 : 0);
    await world.signIn.close();
    expect(JSON.stringify(world.events)).not.toContain(presented === 'right' ? '"right"' : '"wrong"');
  });

  test('a send-blocked account reads its mail; at submission its secret is judged, and the block is told only to a right one', async () => {
    const world = await createWorld();
    const customer = enrol(world, 1, 'right', { state: 'send-blocked' });
    for (const known of [false, true]) {
      world.client.protocol = 'submission';
      expect(said(await world.verdict(customer.address, 'right')), String(known)).toBe('unavailable send-blocked');
      expect(said(await world.verdict(customer.address, 'wrong'))).toBe('rejected secret');
      expect(world.sessions).toHaveLength(known ? 1 : 0);
      world.client.protocol = 'imap';
      expect(said(await world.verdict(customer.address, 'right'))).toBe('accepted');
    }
    expect(world.figures.get('signin.unavailable') ?? 0).toBe(0);
    await world.signIn.close();
  });

  test.each(['suspended', 'closed'] as const)('a %s account has its own answer, whatever is presented', async (state) => {
    const world = await createWorld();
    const customer = enrol(world, 1, 'right', { state });
    for (const secret of ['right', 'wrong']) expect(said(await world.verdict(customer.address, secret))).toBe(`unavailable ${state}`);
    expect(world.figures.size).toBe(0);
    expect(world.platform.asked).toEqual([]);
  });

  test('an unknown login name is rejected by the store, with the work of a check', async () => {
    const world = await createWorld();
    expect(said(await world.verdict('nobody@example', 'x'))).toBe('rejected unknown-name');
    expect(world.hasher.checks).toBe(1);
    world.store.mode = 'gone';
    expect(said(await world.verdict('nobody@example', 'x'))).toBe('unavailable store');
  });

  test('a login name that the copy does not have yet is found in the store', async () => {
    const world = await createWorld();
    world.store.put({ id: 9, address: 'new@example', state: 'active', authority: 'ours', credentialVersion: 1, loginNames: [], hash: { encoded: fakeHash('s'), origin: 'ours' } });
    expect(said(await world.verdict('new@example', 's'))).toBe('accepted');
  });

  test('what cannot be judged is not judged', async () => {
    const world = await createWorld();
    const customer = enrol(world, 1, 'right', { authority: 'ours' });
    for (const secret of ['\uFFFD', 'a\0b', 'x'.repeat(1025)]) expect(said(await world.verdict(customer.address, secret))).toBe('unavailable undecodable');
  });

  test('a client that left is not waited for, and no figure counts it', async () => {
    const world = await createWorld();
    const customer = enrol(world, 1, 'right', { hashed: false });
    world.platform.mode = 'hangs';
    const stop = new AbortController();
    const running = world.attempt(customer.address, 'right', stop.signal);
    await world.clock.pass(100);
    stop.abort();
    expect(said(await running)).toBe('unavailable aborted');
    expect([...world.figures.keys()].filter((name) => name.startsWith('signin'))).toEqual([]);
    await world.signIn.close();
  });
});

describe('known good', () => {
  test('admits in the turn of the attempt, with everything dead and no hash', async () => {
    const world = await createWorld();
    const customer = enrol(world, 1, 'right', { hashed: false });
    expect(said(await world.verdict(customer.address, 'right'))).toBe('accepted');
    world.store.mode = 'hangs';
    world.platform.mode = 'hangs';
    world.hasher.mode = 'full';
    const running = world.attempt(customer.address, 'right');
    expect(world.sessions).toHaveLength(2);
    expect(said(await running)).toBe('accepted');
  });

  test('is of one credential version', async () => {
    const world = await createWorld();
    const customer = enrol(world, 1, 'old one', { authority: 'ours' });
    await world.verdict(customer.address, 'old one');
    world.store.put({ ...customer, credentialVersion: 2, hash: { encoded: fakeHash('new one'), origin: 'ours' } });
    world.store.publish();
    expect(said(await world.verdict(customer.address, 'old one'))).toBe('rejected secret');
    expect(said(await world.verdict(customer.address, 'new one'))).toBe('accepted');
  });

  test('is revalidated beside after 15 minutes; a healthy refusal ends digest, hash and session', async () => {
    const world = await createWorld();
    const customer = enrol(world, 1, 'first');
    await world.verdict(customer.address, 'first');
    await world.clock.pass(1000);
    world.platform.secrets.set(customer.address, 'second');
    await world.clock.pass(14 * 60_000);
    const asked = world.platform.asked.length;
    await world.verdict(customer.address, 'first');
    await world.clock.pass(10_000);
    expect(world.platform.asked).toHaveLength(asked);

    await world.clock.pass(2 * 60_000);
    expect(said(await world.attempt(customer.address, 'first'))).toBe('accepted');
    const session = world.sessions.at(-1)!.token;
    await world.clock.pass(20_000);
    expect(world.dropped).toEqual([{ accountId: 1, version: 1, hashMatched: true }]);
    expect(world.ended).toEqual([{ accountId: 1, session }]);
    world.store.publish();
    expect(said(await world.verdict(customer.address, 'first'))).toBe('rejected secret');
    expect(said(await world.verdict(customer.address, 'second'))).toBe('accepted');
    await world.clock.pass(1000);
    // The first was imported, and proven by the platform at once.
    expect(world.stored.map(({ origin, version }) => [origin, version])).toEqual([['captured', 1], ['captured', 2]]);
  });

  test('a platform that says no to everybody ends nothing', async () => {
    const world = await createWorld();
    const customer = enrol(world, 1, 'right');
    await world.verdict(customer.address, 'right');
    await world.clock.pass(16 * 60_000);
    world.platform.mode = 'refuses-all';
    for (let i = 0; i < 20; i++) {
      expect(said(await world.verdict(customer.address, 'right'))).toBe('accepted');
      await world.clock.pass(30_000);
    }
    expect(world.ended).toEqual([]);
    expect(world.dropped).toEqual([]);
  });

  test('a platform that says no to a third, its sentinel not among them, is disbelieved by its refusals of held secrets', async () => {
    const world = await createWorld();
    const customers = Array.from({ length: 30 }, (_, i) => enrol(world, i + 1, `secret ${i}`));
    const stranger = enrol(world, 99, 'unknown to us', { hashed: false });
    for (const [i, { address }] of customers.entries()) await world.verdict(address, `secret ${i}`);
    await world.clock.pass(16 * 60_000);
    for (const { address } of customers.slice(0, 10)) world.platform.refuses.add(address);
    world.platform.refuses.add(stranger.address);
    for (const [i, { address }] of customers.entries()) expect(said(await world.attempt(address, `secret ${i}`))).toBe('accepted');
    await world.clock.pass(1000);
    expect(said(await world.verdict(stranger.address, 'unknown to us'))).toBe('unavailable verifier-unproven');
    await world.clock.pass(30_000);
    expect(world.dropped).toEqual([]);
    expect(world.ended).toEqual([]);
    expect(world.events.map(({ name }) => name)).toContain('signin.refusals-doubted');
  });

  test('an admission by hash is checked beside at once', async () => {
    const world = await createWorld();
    const customer = enrol(world, 1, 'stale');
    world.platform.secrets.set(customer.address, 'fresh');
    expect(said(await world.verdict(customer.address, 'stale'))).toBe('accepted');
    await world.clock.pass(20_000);
    expect(world.dropped).toEqual([{ accountId: 1, version: 1, hashMatched: true }]);
    expect(world.ended).toHaveLength(1);
  });
});

describe('known bad', () => {
  test('ours: spares the hash, never the confirmation', async () => {
    const world = await createWorld();
    const customer = enrol(world, 1, 'right', { authority: 'ours' });
    await world.verdict(customer.address, 'wrong');
    expect(world.hasher.checks).toBe(1);
    expect(said(await world.verdict(customer.address, 'wrong'))).toBe('rejected secret');
    expect(world.hasher.checks).toBe(1);
    // Changed to it elsewhere; this instance has not heard of it.
    world.store.put({ ...customer, credentialVersion: 2, hash: { encoded: fakeHash('wrong'), origin: 'ours' } });
    expect(said(await world.verdict(customer.address, 'wrong'))).toBe('accepted');
    world.store.mode = 'gone';
    expect(said(await world.verdict(customer.address, 'other'))).toBe('unavailable store');
  });

  test('platform: the same wrong secret again is asked again, without our hash, and is no new guess', async () => {
    const world = await createWorld();
    const customer = enrol(world, 1, 'right');
    for (let i = 0; i < 12; i++) expect(said(await world.verdict(customer.address, 'wrong'))).toBe('rejected secret');
    expect(world.hasher.checks).toBe(1);
    expect(world.platform.asked.length).toBeGreaterThanOrEqual(12);
    for (let i = 0; i < 4; i++) expect(said(await world.verdict(customer.address, `guess ${i}`))).toBe('rejected secret');
    expect(said(await world.verdict(customer.address, 'guess 4'))).toBe('unavailable budget');
    expect(said(await world.verdict(customer.address, 'wrong'))).toBe('rejected secret');
    expect(said(await world.verdict(customer.address, 'right'))).toBe('accepted');
  });

  test('a secret accepted soon after it was rejected is counted as suspect', async () => {
    const world = await createWorld();
    const customer = enrol(world, 1, 'right', { hashed: false });
    await world.verdict(customer.address, 'next');
    world.platform.secrets.set(customer.address, 'next');
    expect(said(await world.verdict(customer.address, 'next'))).toBe('accepted');
    expect(world.figures.get('signin.false-rejection old')).toBe(1);
  });
});

describe('what a check learns', () => {
  test('a secret that the platform accepted is captured', async () => {
    const world = await createWorld();
    const customer = enrol(world, 1, 'right', { hashed: false });
    await world.verdict(customer.address, 'right');
    await world.clock.pass(100);
    expect(world.stored).toEqual([{ accountId: 1, encoded: fakeHash('right'), origin: 'captured', version: 1 }]);
  });

  test('ours: another scheme is hashed anew', async () => {
    const world = await createWorld();
    const crypt = `{SHA512-CRYPT}$6$saltsalt$${'a'.repeat(86)}`;
    enrol(world, 1, 'x', { authority: 'ours', hash: { encoded: crypt, origin: 'imported' } });
    await world.verdict('customer1@example', crypt.slice('{SHA512-CRYPT}'.length));
    await world.clock.pass(100);
    expect(world.stored.map(({ origin }) => origin)).toEqual(['ours']);
  });

  test('equal secrets in flight are asked once; a wrong one once more for those who came later', async () => {
    const world = await createWorld();
    const customer = enrol(world, 1, 'right', { hashed: false });
    const all = Promise.all(Array.from({ length: 50 }, () => world.attempt(customer.address, 'right')));
    await world.clock.pass(1000);
    expect(new Set((await all).map(said))).toEqual(new Set(['accepted']));
    expect(world.platform.asked).toHaveLength(1);
    const wrong = Promise.all(Array.from({ length: 50 }, () => world.attempt(customer.address, 'wrong')));
    await world.clock.pass(5000);
    expect(new Set((await wrong).map(said))).toEqual(new Set(['rejected secret']));
    expect(world.platform.asked.length).toBeLessThanOrEqual(5);
  });

  test('who joins a check of a secret that became right meanwhile is not told that it is wrong', async () => {
    const world = await createWorld();
    const customer = enrol(world, 1, 'right', { hashed: false });
    expect(said(await world.verdict(enrol(world, 2, 'x', { hashed: false }).address, 'wrong'))).toBe('rejected secret');
    const early = world.attempt(customer.address, 'next');
    // The platform looked at 5 ms; its NO is on its way.
    await world.clock.pass(8);
    world.platform.secrets.set(customer.address, 'next');
    const late = world.attempt(customer.address, 'next');
    await world.clock.pass(5000);
    expect(said(await early)).toBe('rejected secret');
    expect(said(await late)).toBe('accepted');
  });
});

describe('a platform that has been refusing everybody', () => {
  test('and recovers right after its refusal is asked again, since nobody had watched it before', async () => {
    const world = await createWorld();
    const customer = enrol(world, 1, 'right', { hashed: false });
    world.platform.mode = 'refuses-all';
    const running = world.attempt(customer.address, 'right');
    await world.clock.pass(12);
    world.platform.mode = 'well';
    await world.clock.pass(5000);
    expect(said(await running)).toBe('accepted');
    expect(world.platform.asked).toHaveLength(2);
  });

  test('makes verdicts given since its last proof suspect', async () => {
    const world = await createWorld();
    const customer = enrol(world, 1, 'right', { hashed: false });
    await world.verdict(customer.address, 'wrong');
    world.platform.mode = 'refuses-all';
    await world.clock.pass(5000);
    expect(world.figures.get('signin.false-rejection old')).toBe(1);
    expect(world.figures.get('sentinel.refused old')).toBeGreaterThan(0);
  });
});

test('a platform that refused the sentinel is not believed for a minute, and is asked again for those whom it may let in', async () => {
  const world = await createWorld();
  const customer = enrol(world, 1, 'right', { hashed: false });
  const told = async (secret: string): Promise<string> => said(await world.verdict(customer.address, secret, 10_000));
  expect(await told('wrong 0')).toBe('rejected secret');
  world.platform.mode = 'refuses-all';
  await world.clock.pass(2_500);
  world.platform.mode = 'well';
  // The sentinel has been accepted again and again since; what the platform refuses meanwhile may be a right secret.
  for (let n = 1; n <= 3; n += 1) {
    expect(await told(`wrong ${n}`)).toBe('unavailable verifier-unproven');
    await world.clock.pass(12_000);
  }
  expect(await told('right')).toBe('accepted');
  await world.clock.pass(30_000);
  expect(await told('wrong 4')).toBe('rejected secret');
});

describe('a held account', () => {
  test('waits, and is entered at its new home', async () => {
    const world = await createWorld();
    const customer = enrol(world, 1, 'right');
    await world.verdict(customer.address, 'right');
    world.hold.begin(1);
    const running = world.attempt(customer.address, 'right');
    await world.clock.pass(3000);
    expect(world.sessions).toHaveLength(1);
    world.hold.end(1, 'new');
    expect(await running).toMatchObject({ verdict: 'accepted', home: 'new' });
    expect(world.sessions.at(-1)!.route.home).toBe('new');
  });

  test.each(['right', 'wrong'])('%s: unavailable after ten seconds', async (secret) => {
    const world = await createWorld();
    const customer = enrol(world, 1, 'right');
    world.hold.begin(1);
    const running = world.attempt(customer.address, secret);
    await world.clock.pass(10_001);
    expect(said(await running)).toBe('unavailable held');
  });

  test('a NO from before the hold is not given: the platform is asked again after it', async () => {
    const world = await createWorld();
    const customer = enrol(world, 1, 'right', { hashed: false });
    world.platform.refuses.add(customer.address);
    const running = world.attempt(customer.address, 'right');
    await world.clock.pass(8);
    world.hold.begin(1);
    await world.clock.pass(4000);
    world.platform.refuses.clear();
    world.hold.end(1, 'new');
    await world.clock.pass(4000);
    expect(await running).toMatchObject({ verdict: 'accepted', home: 'new' });
  });
});

test('figures and events name the home, not the account', async () => {
  const world = await createWorld();
  const customer = enrol(world, 1, 'right');
  await world.verdict(customer.address, 'right');
  await world.verdict(customer.address, 'wrong');
  expect(world.figures.get('signin.accepted old')).toBe(1);
  expect(world.figures.get('signin.rejected old')).toBe(1);
  expect(world.figures.get('sentinel.accepted old')).toBeGreaterThan(0);
  const verdicts = world.events.filter(({ name }) => name === 'signin.verdict').map(({ fields }) => fields);
  expect(verdicts).toMatchObject([
    { verdict: 'accepted', reason: 'hash', platform: 'old', accountId: 1 },
    { verdict: 'rejected', reason: 'secret', platform: 'old', accountId: 1 },
  ]);
});
