import { expect, test } from 'vitest';
import { CausewayError } from '#errors/index.ts';
import { createManualClock } from '#events/manual-clock.testing.ts';
import type { Answer } from '#gateway/ask-sign-in.ts';
import { createRegistry } from '#gateway/registry.ts';
import type { ImapConnection } from '#imap/connection.ts';
import { makePass } from './pass-cookie.ts';
import { createPool } from './pool.ts';
import { toldOf } from './refusal.ts';

const never = new AbortController().signal;
const turn = (): Promise<void> => new Promise((resolve) => void setImmediate(resolve));

function world() {
  const clock = createManualClock();
  const registry = createRegistry({ clock, onLeft: () => {} });
  const open = new Set<string>();
  const made: string[] = [];
  let asked = 0;
  let home = 'old';
  let held: Promise<void> | undefined;
  let verdict: (() => Promise<Answer>) | undefined;
  const pool = createPool({
    clock,
    async askAgain({ accountId }) {
      asked += 1;
      if (verdict !== undefined) return verdict();
      await held;
      return { verdict: { verdict: 'accepted', accountId, address: 'jane@isp.example', home, customer: { address: 'jane@isp.example', version: 1, loginNames: [], sendBlocked: false } }, place: registry.take(asked, accountId) };
    },
    async reach(at) {
      const name = `${at.home} ${made.length + 1}`;
      made.push(name);
      open.add(name);
      const closed = Promise.withResolvers<void>();
      const close = (): void => (open.delete(name), closed.resolve());
      return { name, closed: closed.promise, destroy: close, logout: async () => close() } as unknown as ImapConnection;
    },
  });
  return { clock, registry, pool, open, made, asked: () => asked, holds(until: Promise<void> | undefined): void {
      held = until;
    }, moves: (to: string) => void (home = to), says: (answer: typeof verdict) => void (verdict = answer) };
}

const nameOf = (connection: ImapConnection): string => (connection as unknown as { name: string }).name;
const JANE = makePass(1, 1, 1);

test('work goes over a connection that is there, over more when it is busy for long, over four at most', async () => {
  const { pool, made, asked, clock } = world();
  expect(await pool.use(JANE, never, async (connection) => nameOf(connection))).toBe('old 1');
  expect(await pool.use(JANE, never, async (connection) => nameOf(connection))).toBe('old 1');
  let running = 0;
  let most = 0;
  const ask = async (over: Promise<void>): Promise<void> =>
    pool.use(JANE, never, async () => {
      running += 1;
      most = Math.max(most, running);
      await over;
      running -= 1;
    });
  await Promise.all(Array.from({ length: 20 }, () => ask(turn())));
  expect([most, made.length, asked()]).toEqual([1, 1, 1]);
  const over = Promise.withResolvers<void>();
  const all = Promise.all(Array.from({ length: 20 }, () => ask(over.promise)));
  await clock.pass(50);
  expect([running, made.length, asked()]).toEqual([4, 4, 4]);
  over.resolve();
  await all;
  expect([most, made.length, asked()]).toEqual([4, 4, 4]);
});

test('what comes next goes over the connection that was taken last', async () => {
  const { pool, clock, made } = world();
  const over = Promise.withResolvers<void>();
  const name = async (connection: ImapConnection): Promise<string> => nameOf(connection);
  const long = pool.use(JANE, never, (connection) => over.promise.then(() => nameOf(connection)));
  await turn();
  const other = pool.use(JANE, never, name);
  await clock.pass(30);
  expect(made).toEqual(['old 1']);
  // One that had to wait for another connection has it to itself from then on.
  await clock.pass(20);
  expect(await other).toBe('old 2');
  expect(await pool.use(JANE, never, name)).toBe('old 2');
  over.resolve();
  expect(await long).toBe('old 1');
  expect(await pool.use(JANE, never, name)).toBe('old 2');
});

test('patient work goes when no other request is at work, over no further connection, and is not forgotten', async () => {
  const { pool, made, clock } = world();
  const [patient, other] = [await pool.begin(JANE, never), await pool.begin(JANE, never)];
  const done: string[] = [];
  const piece = patient.usePatiently(async () => void done.push('patient'));
  await other.use(async () => void done.push('other'));
  await clock.pass(100);
  expect([done, made]).toEqual([['other'], ['old 1']]);
  other.end();
  await piece;
  // Two that are patient do not wait for each other.
  const third = await pool.begin(JANE, never);
  await Promise.all([patient, third].map(({ usePatiently }) => usePatiently(async () => {})));
  // Somebody who is at work without end.
  const late = patient.usePatiently(async () => void done.push('late'));
  for (let n = 0; n < 12; n += 1) {
    await third.use(async () => void done.push('third'));
    await clock.pass(100);
  }
  await late;
  expect([done.indexOf('late') > 8, made]).toEqual([true, ['old 1']]);
  patient.end();
  third.end();
});

test('another browser shares what is open, once sign-in has heard of its pass; one that is over is told so', async () => {
  const { pool, made, asked, says } = world();
  const busy = Promise.withResolvers<void>();
  const first = Array.from({ length: 4 }, () => pool.use(JANE, never, () => busy.promise));
  await turn();
  const second = makePass(1, 1, 2);
  const waiting = pool.use(second, never, async (connection) => nameOf(connection));
  await turn();
  busy.resolve();
  await Promise.all(first);
  expect(['old 1', 'old 2', 'old 3', 'old 4']).toContain(await waiting);
  expect(await pool.use(second, never, async () => 'again')).toBe('again');
  expect([made.length, asked()]).toEqual([4, 5]);
  says(async () => ({ verdict: { verdict: 'unavailable', reason: 'pass-ended' }, place: undefined }) as Answer);
  await expect(pool.use(makePass(1, 1, 3), never, async () => {})).rejects.toSatisfy((error) => toldOf(error)?.code === 'signed-out');
});

test('what keeps its connection for long leaves those that were used to others, as long as there may be more', async () => {
  const { pool, made, clock } = world();
  const asked = async (): Promise<string> => pool.use(JANE, never, async (connection) => nameOf(connection));
  expect(await asked()).toBe('old 1');
  const over = Promise.withResolvers<void>();
  const idle = (): Promise<string> => pool.useForLong(JANE, never, async (connection) => over.promise.then(() => nameOf(connection)));
  const first = idle();
  await turn();
  expect(await asked()).toBe('old 1');
  // With none to be had beyond, it takes what there is.
  const busy = Promise.withResolvers<void>();
  const all = Array.from({ length: 3 }, () => pool.use(JANE, never, () => busy.promise));
  await clock.pass(50);
  expect(made).toHaveLength(4);
  busy.resolve();
  await Promise.all(all);
  const second = idle();
  await turn();
  over.resolve();
  expect([await first, ['old 1', 'old 3', 'old 4'].includes(await second), made.length]).toEqual(['old 2', true, 4]);
});

test('whose pass it is, and where he lives, is asked once while a connection is open', async () => {
  const { pool, asked, moves, registry } = world();
  const first = await pool.begin(JANE, never);
  expect(first.entered).toMatchObject({ home: 'old', customer: { address: 'jane@isp.example' } });
  first.end();
  (await pool.begin(JANE, never)).end();
  expect(asked()).toBe(1);
  registry.end(1, 'moved');
  await turn();
  moves('new');
  expect((await pool.begin(JANE, never)).entered).toMatchObject({ home: 'new' });
});

test('in a hold work waits; after a thaw it goes on where it was, after a cut at the new home', async () => {
  const { pool, registry, open, holds, moves } = world();
  await pool.use(JANE, never, async () => {});
  expect(await registry.freeze(1, 2_000)).toBe('quiet');
  let done = '';
  const waits = pool.use(JANE, never, async (connection) => void (done = nameOf(connection)));
  await turn();
  await turn();
  expect(done).toBe('');
  registry.thaw(1);
  await waits;
  expect(done).toMatch(/^old/);

  const hold = Promise.withResolvers<void>();
  holds(hold.promise);
  expect(await registry.freeze(1, 2_000)).toBe('quiet');
  const moved = pool.use(JANE, never, async (connection) => nameOf(connection));
  await turn();
  await turn();
  await registry.cut(1);
  expect(open.size).toBe(0);
  moves('new');
  hold.resolve();
  expect(await moved).toMatch(/^new/);
  expect([...open].every((name) => name.startsWith('new'))).toBe(true);
});

test('work that is under way is waited for; what only waits is told to end', async () => {
  const { pool, registry, clock } = world();
  const work = Promise.withResolvers<void>();
  const working = pool.use(JANE, never, () => work.promise);
  await turn();
  const freezing = registry.freeze(1, 2_000);
  await clock.pass(2_000);
  expect(await freezing).toBe('busy');
  registry.thaw(1);
  work.resolve();
  await working;

  const idling = pool.use(JANE, never, (_, signal) => new Promise<string>((resolve) => signal.addEventListener('abort', () => resolve('ended'))));
  await turn();
  expect(await registry.freeze(1, 2_000)).toBe('quiet');
  expect(await idling).toBe('ended');
});

test('a request that began is ended at the home where it began, and a hold waits for it; one that comes meanwhile waits for the hold', async () => {
  const { pool, registry, holds, moves } = world();
  const request = await pool.begin(JANE, never);
  const frozen = registry.freeze(1, 2_000);
  let quiet = false;
  void frozen.then(() => (quiet = true));
  const next = pool.begin(JANE, never);
  expect(await request.use(async (connection) => nameOf(connection))).toMatch(/^old/);
  expect(await request.use(async (connection) => nameOf(connection))).toMatch(/^old/);
  await turn();
  expect(quiet).toBe(false);
  const hold = Promise.withResolvers<void>();
  holds(hold.promise);
  request.end();
  expect(await frozen).toBe('quiet');
  await registry.cut(1);
  moves('new');
  hold.resolve();
  const later = await next;
  expect(later.entered.home).toBe('new');
  expect(await later.use(async (connection) => nameOf(connection))).toMatch(/^new/);
  // One whose connections were ended beside it does not go on elsewhere.
  const late = await pool.begin(JANE, never);
  registry.end(registry.size, 'ended');
  for (let id = 1; id < 10; id += 1) registry.end(id, 'ended');
  await turn();
  moves('third');
  await pool.use(JANE, never, async () => {});
  await expect(late.use(async () => {})).rejects.toThrow('was moved meanwhile');
});

test('a pass that is over is told so, once for all that wait with it; an outage as an outage', async () => {
  const { pool, says, asked } = world();
  says(async () => ({ verdict: { verdict: 'unavailable', reason: 'pass-ended' } }));
  const both = await Promise.allSettled([1, 2].map(() => pool.use(JANE, never, async () => {})));
  expect(both.map((each) => toldOf((each as PromiseRejectedResult).reason)?.code)).toEqual(['signed-out', 'signed-out']);
  expect(asked()).toBeLessThanOrEqual(2);
  says(async () => ({ verdict: { verdict: 'unavailable', reason: 'held' } }));
  await expect(pool.use(JANE, never, async () => {}).catch((error: unknown) => toldOf(error)?.status)).resolves.toBe(503);
  expect(pool.accounts()).toBe(0);
});

test('another pass of the account is asked about; when its connections are ended so is the first', async () => {
  const { pool, registry, asked, says, open } = world();
  const phone = makePass(1, 1, 2);
  await pool.use(JANE, never, async () => {});
  await pool.use(phone, never, async () => {});
  expect(asked()).toBe(2);
  await pool.use(phone, never, async () => {});
  expect(asked()).toBe(2);
  for (const id of [1, 2]) registry.end(id, 'Signed out.');
  await turn();
  expect(open.size).toBe(0);
  says(async () => ({ verdict: { verdict: 'unavailable', reason: 'pass-ended' } }));
  await expect(pool.use(phone, never, async () => {})).rejects.toThrow('pass-ended');
});

test('a connection whose work failed is not used again, but for a plain no', async () => {
  const { pool, made } = world();
  await expect(pool.use(JANE, never, async () => Promise.reject(new CausewayError('refused', 'no such mailbox')))).rejects.toThrow('no such');
  await pool.use(JANE, never, async () => {});
  expect(made).toHaveLength(1);
  await expect(pool.use(JANE, never, async () => Promise.reject(new CausewayError('protocol', 'garbage')))).rejects.toThrow('garbage');
  await pool.use(JANE, never, async () => {});
  expect(made).toHaveLength(2);
});

test('who goes is not served; what is not used is closed', async () => {
  const { pool, open, clock } = world();
  const gone = new AbortController();
  const work = Promise.withResolvers<void>();
  const busy = Array.from({ length: 4 }, () => pool.use(JANE, never, () => work.promise));
  await turn();
  let served = false;
  const waits = pool.use(JANE, gone.signal, async () => void (served = true));
  gone.abort();
  await expect(waits).rejects.toThrow('the browser went');
  work.resolve();
  await Promise.all(busy);
  expect(served).toBe(false);
  await clock.pass(110_000);
  expect([open.size, pool.accounts()]).toEqual([0, 0]);
});
