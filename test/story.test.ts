/**
 * The story's own morning: an outage of 26 minutes, changed passwords, forgotten devices, a sprayer behind the customers'
 * own addresses, and the reopening.
 */
import { expect, test } from 'vitest';
import { tokens } from '#signin/storm.testing.ts';
import { createWorld } from '#signin/testing.ts';
import { ACCOUNTS, type Device, FREE, makeTown, type Outcome } from './story/town.ts';

const MINUTE = 60_000;
/** Mail clients look every ten minutes: 5,600 devices make 9.3 sign-ins a second. */
const NORMAL_MS = 10 * MINUTE;
/** Four times the normal rate, a third of the reopening's. */
const CAPACITY = 40;
/**
 * The first checks of those who are not known good, and of the forgotten devices behind them; a device that was told to
 * come again in the middle of it does so after 75 s.
 */
const RAMP_MS = 2.5 * MINUTE;
/** Accounts that have signed in since they changed their passwords, and those of whose new one we hold a hash. */
const SEEN = 0.5;
const HASHED = 0.1;

test('the story: nobody is told a right password is wrong, nobody is locked, the sprayer is, and all are served soon', { timeout: 480_000 }, async () => {
  const world = await createWorld();
  const { clock, platform } = world;
  const town = makeTown(world, 28);
  await town.yesterday(SEEN, HASHED);
  const shape = tokens(clock, { capacity: CAPACITY, baseMs: 50 });
  platform.serve = () => shape.serve();

  platform.mode = 'hangs';
  await town.live(NORMAL_MS / 2, 5 * MINUTE);
  platform.mode = 'dead';
  await town.live(NORMAL_MS / 2, 8 * MINUTE);
  expect(world.incidents.open().map(({ kind }) => kind).toSorted()).toEqual(['known-unavailable', 'sentinel']);
  for (let id = 20; id <= ACCOUNTS; id += 20) town.changeOwn(id);
  world.store.publish();
  await town.live(NORMAL_MS / 2, 12 * MINUTE);
  // On its way up it says no to everybody.
  platform.mode = 'refuses-all';
  await town.live(NORMAL_MS / 2, MINUTE);
  const before = town.outcomes.splice(0);

  platform.mode = 'well';
  town.tellPlatform();
  const reopened = clock.monotonic();
  // One phone in ten is out of the house by now.
  for (const device of town.devices) if (!device.stale && town.random() < 0.1) device.network = `10.9.${device.accountId >> 8}.${device.accountId & 255}`;
  const spraying = town.spray(5 * MINUTE);
  await town.live(NORMAL_MS / 12, 6 * MINUTE);
  await spraying;
  const after = town.outcomes;

  const customers = (some: readonly Outcome[]) => some.filter((each): each is Outcome & { who: Device } => each.who !== 'sprayer');
  const everyone = customers([...before, ...after]);
  const right = customers(after).filter((each) => each.right);
  const share = (some: readonly Outcome[]): number => some.filter(({ verdict }) => verdict === 'accepted').length / some.length;

  // Nobody whose password is right is told that it is wrong; in the outage nobody is told anything of a password.
  expect(everyone.filter((each) => each.told && each.right)).toEqual([]);
  expect(before.filter(({ told }) => told)).toEqual([]);
  expect(everyone.filter(({ verdict }) => verdict === 'locked')).toEqual([]);
  expect(world.events.filter(({ name, fields }) => name === 'signin.lock-set' && fields['kind'] !== 'secret')).toEqual([]);
  // Forgotten devices are told the truth, when there is room to find it.
  expect(customers(after).filter((each) => each.who.stale && each.told).length).toBeGreaterThan(ACCOUNTS);

  // With the platform dead, whoever is known comes in, by what was accepted before or by what we hold.
  const known = customers(before).filter((each) => each.right && (each.who.accountId <= SEEN * ACCOUNTS || each.who.accountId > (1 - HASHED) * ACCOUNTS));
  expect(known.length).toBeGreaterThan(5_000);
  expect(share(known)).toBe(1);

  // The sprayer gets nowhere, and is hardly looked at.
  const { tries, checked } = town.sprayed();
  expect(after.filter((each) => each.who === 'sprayer' && each.verdict === 'accepted')).toEqual([]);
  expect(checked).toBeLessThan(0.01 * (tries - FREE));
  expect(share(right.filter(({ who }) => who.besideSprayer))).toBeGreaterThan(0.99);

  // All are served: nearly all at once, and everybody within the ramp.
  expect(right.length).toBeGreaterThan(15_000);
  expect(share(right.filter(({ at }) => at < reopened + RAMP_MS))).toBeGreaterThan(0.9);
  expect(share(right.filter(({ at }) => at >= reopened + RAMP_MS))).toBe(1);
  expect(new Set(right.filter(({ at, verdict }) => verdict === 'accepted' && at < reopened + RAMP_MS).map(({ who }) => who.accountId)).size).toBe(ACCOUNTS);
  expect(world.incidents.open()).toEqual([]);
});
