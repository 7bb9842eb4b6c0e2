import { afterAll, beforeAll, expect, test } from 'vitest';
import { systemClock } from '#events/clock.ts';
import type { Emit } from '#events/index.ts';
import { sql } from 'kysely';
import { noteCrowded } from '../limits/crowded.ts';
import { lanesFor, overLanes } from './lanes.ts';
import { type Bench, mail, openBench } from '../testing.ts';
import { createThrottle } from '../limits/throttle.ts';
import type { Visit } from '../visit.ts';

function visitOf(widen?: () => Promise<unknown>) {
  const ended: string[] = [];
  const events: string[] = [];
  let opened = 0;
  const connection = (name: string) => ({ name, logout: async () => void ended.push(`${name} logout`), destroy: () => void ended.push(`${name} destroy`) });
  const emit: Emit = (event) => void events.push(event.name);
  const visit = {
    source: connection('first'),
    target: connection('first'),
    move: { id: 1, account_id: 1 },
    emit,
    spent: () => false,
    crowded: () => false,
    widen:
      widen ??
      (async () => {
        opened += 1;
        return [connection(`source ${opened}`), connection(`target ${opened}`)];
      }),
  } as unknown as Visit;
  return { visit, ended, events, opened: () => opened };
}

const nameOf = ({ source }: Visit): string => (source as unknown as { name: string }).name;
const turn = () => new Promise(setImmediate);

test('each item is carried once, by as many at once as there are lanes, and the connections of lanes are ended', async () => {
  const { visit, ended } = visitOf();
  const carried: string[] = [];
  const by = new Set<string>();
  let running = 0;
  let most = 0;
  await overLanes(visit, [...'abcdefgh'], 3, (lane) => async (item) => {
    running += 1;
    most = Math.max(most, running);
    carried.push(item);
    by.add(nameOf(lane));
    await turn();
    running -= 1;
  });
  expect(carried.toSorted()).toEqual([...'abcdefgh']);
  expect(most).toBe(3);
  expect([...by].sort()).toEqual(['first', 'source 1', 'source 2']);
  expect(ended.toSorted()).toEqual(['source 1 logout', 'source 2 logout', 'target 1 logout', 'target 2 logout']);
});

test('after a failure nothing is begun, what is under way is finished, and its lanes are told to end', async () => {
  const { visit, ended } = visitOf();
  const begun: string[] = [];
  const finished: string[] = [];
  const spent: boolean[] = [];
  const failing = overLanes(visit, [...'abcdef'], 2, (lane) => async (item) => {
    begun.push(item);
    await turn();
    if (item === 'a') throw new Error('the first lane broke');
    await turn();
    await turn();
    spent.push(lane.spent());
    finished.push(item);
  });
  await expect(failing).rejects.toThrow('the first lane broke');
  expect(begun).toEqual(['a', 'b']);
  expect(finished).toEqual(['b']);
  expect(spent).toEqual([true]);
  expect(ended.toSorted()).toEqual(['source 1 destroy', 'target 1 destroy']);
});

test('where a customer needs the connections, lanes beside the first end what they have in hand; all is carried by the first', async () => {
  const { visit, ended } = visitOf();
  let crowded = false;
  const carried: string[] = [];
  const spent: boolean[] = [];
  await overLanes({ ...visit, crowded: () => crowded }, [...'abcdef'], 3, (lane) => async (item) => {
    carried.push(`${item} ${nameOf(lane)}`);
    await turn();
    crowded = true;
    await turn();
    spent.push(lane.spent());
  });
  expect(carried.map((line) => line[0]).toSorted()).toEqual([...'abcdef']);
  expect(carried.slice(3).every((line) => line.endsWith(' first'))).toBe(true);
  // What is cut short is a further pass's; the first lane's is not.
  expect(spent.filter(Boolean)).toHaveLength(2);
  expect(ended.filter((line) => line.endsWith('logout'))).toHaveLength(4);
});

test('a lane has the next item that it asked for; one that ends gives it back, also when the first has ended before', async () => {
  const { visit } = visitOf();
  let crowded = false;
  const carried: string[] = [];
  const firstDone = Promise.withResolvers<void>();
  await overLanes({ ...visit, crowded: () => crowded }, [...'abcd'], 2, (lane, next) => async (item) => {
    carried.push(`${item} ${nameOf(lane)}`);
    if (item === 'a') await turn();
    if (item === 'b') {
      expect(next()).toBe('c');
      await firstDone.promise;
      crowded = true;
    }
    // The first has nothing left to do after this.
    if (item === 'd') setImmediate(() => setImmediate(firstDone.resolve));
  });
  expect(carried).toEqual(['a first', 'b source 1', 'd first', 'c first']);
});

test('a lane that is not let in is done without', async () => {
  const { visit, events } = visitOf(async () => {
    throw new Error('too many connections');
  });
  const carried: string[] = [];
  await overLanes(visit, [...'abc'], 3, (lane) => async (item) => {
    await turn();
    carried.push(`${item} ${nameOf(lane)}`);
  });
  expect(carried).toEqual(['a first', 'b first', 'c first']);
  expect(events).toEqual(['mover.lane-refused', 'mover.lane-refused']);
});

test('lanes are for much that is left, in several mailboxes', () => {
  expect(lanesFor({ messages: 200, bytes: 4_000_000 }, 12)).toBe(1);
  expect(lanesFor({ messages: 10_000, bytes: 353_000_000 }, 12)).toBe(3);
  expect(lanesFor({ messages: 10_000, bytes: 353_000_000 }, 1)).toBe(1);
  expect(lanesFor({ messages: 10, bytes: 500_000_000 }, 2)).toBe(2);
  expect(lanesFor({ messages: 0, bytes: 0 }, 0)).toBe(1);
});

let bench: Bench;
beforeAll(async () => {
  bench = await openBench();
});
afterAll(() => bench.close());

const MAILBOXES = ['INBOX', 'Sent', 'Archive', 'Archive/2020', 'Lists'];

test.each([true, false])('a large account arrives whole and in order with more lanes and without (let in: %s)', async (letIn) => {
  const address = `lanes-${letIn}@isp.example`;
  const mailboxes = Object.fromEntries(MAILBOXES.map((name, box) => [name, Array.from({ length: 500 }, (_, n) => mail(`${box} of ${n % 490}`, { flags: n % 3 === 0 ? ['\\Seen', 'Work'] : [] }))]));
  const id = await bench.account(address, mailboxes);
  let asked = 0;
  const throttle = {
    ...createThrottle(systemClock, 4),
    mayWiden() {
      asked += 1;
      return letIn;
    },
  };
  const moved = await bench.drive(await bench.request(id), { throttle });
  expect(moved.state).toBe('moved');
  // Once a round; a busy machine takes several.
  expect(asked).toBeGreaterThan(0);
  expect(await bench.contents('new', address)).toEqual(await bench.contents('old', address));
});

test('an account whose customer was refused for want of connections goes on with one pair; the others are not concerned', async () => {
  const address = 'crowded@isp.example';
  const mailboxes = Object.fromEntries(MAILBOXES.map((name) => [name, Array.from({ length: 500 }, (_, n) => mail(`${name} ${n}`))]));
  const account = await bench.account(address, mailboxes);
  const id = await bench.request(account);
  let asked = 0;
  const throttle = { ...createThrottle(systemClock, 4), mayWiden: () => (asked += 1) > 0 };
  const crowdedAt = async () => (await sql<{ at: Date | null }>`select crowded_at as at from move where id = ${id}`.execute(bench.store.db())).rows[0]!.at;
  // Nothing is copied yet: nobody can be in the way.
  await noteCrowded(bench.store, account);
  expect(await crowdedAt()).toBeNull();
  await sql`update move set state = 'copying' where id = ${id}`.execute(bench.store.db());
  await noteCrowded(bench.store, account);
  expect(await crowdedAt()).not.toBeNull();
  await sql`update move set state = 'queued' where id = ${id}`.execute(bench.store.db());
  expect(await bench.drive(id, { throttle })).toMatchObject({ state: 'moved' });
  expect(asked).toBe(0);
});

test('a claim hears with its renewal that a customer was refused', async () => {
  const account = await bench.account('renewed@isp.example', { INBOX: [mail('one')] });
  const id = await bench.request(account);
  const claims = bench.claims();
  const claim = (await claims.claim(id))!;
  await sql`update move set state = 'copying' where id = ${id}`.execute(bench.store.db());
  await noteCrowded(bench.store, account);
  expect(claim.crowded()).toBe(false);
  await claims.renew();
  expect(claim.crowded()).toBe(true);
  await sql`update move set crowded_at = now() - interval '11 minutes' where id = ${id}`.execute(bench.store.db());
  await claims.renew();
  expect(claim.crowded()).toBe(false);
  await claim.release();
});

test('an account that has no room for more is asked again after ten minutes, and the others at once', () => {
  let now = 0;
  const throttle = createThrottle({ ...systemClock, monotonic: () => now }, 4);
  throttle.crowded(1);
  expect([throttle.mayWiden(['old', 'new'], 1), throttle.mayWiden(['old', 'new'], 2)]).toEqual([false, true]);
  now += 600_000;
  expect(throttle.mayWiden(['old', 'new'], 1)).toBe(true);
});

test('what does not let in more is asked again after a minute', () => {
  let now = 0;
  const throttle = createThrottle({ ...systemClock, monotonic: () => now }, 4);
  expect(throttle.mayWiden(['old', 'new'], 1)).toBe(true);
  throttle.keepNarrow(['new']);
  expect(throttle.mayWiden(['old', 'new'], 1)).toBe(false);
  expect(throttle.mayWiden(['old'], 1)).toBe(true);
  now += 60_000;
  expect(throttle.mayWiden(['old', 'new'], 1)).toBe(true);
  throttle.slow('old', 1_000);
  now += 2_000;
  expect(throttle.mayWiden(['old', 'new'], 1)).toBe(false);
});
