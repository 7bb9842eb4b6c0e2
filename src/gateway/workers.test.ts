import { expect, test, vi } from 'vitest';
import type { PlatformConfig } from '#config/index.ts';
import { ABANDONED_MS } from '#directory/route/route.ts';
import { silent } from '#events/index.ts';
import { createManualClock } from '#events/manual-clock.testing.ts';
import type { Attempt, Verdict } from '#signin/verdict.ts';
import type { FromWorker, ToWorker } from './messages.ts';
import { createInHolds } from './in-holds.ts';
import { createRegistry } from './registry.ts';
import { createGatewayWorkers } from './workers.ts';

const ATTEMPT: Attempt = { protocol: 'imap', login: 'joe', secret: 'pw', network: '127.0.0.1' };
const ACCEPTED: Verdict = { verdict: 'accepted', accountId: 7, address: 'joe@example.net', home: 'old' };

/** `old` writes no copies of what is sent, `new` does. */
const PLATFORMS = Object.fromEntries(['old', 'new'].map((name) => [name, { submission: { sentCopies: name === 'new' } as PlatformConfig['submission'] }]));

function setUp(attempt = async (_: Attempt, register: (accountId: number) => unknown): Promise<Verdict> => (register(7), ACCEPTED)) {
  const clock = createManualClock();
  const workers = createGatewayWorkers({ attempt, couldJudge: () => true, inHolds: createInHolds(PLATFORMS), clock, emit: silent });
  const add = () => {
    const sent: ToWorker[] = [];
    let receive: (message: FromWorker) => void = () => {};
    let exit: () => void = () => {};
    workers.add({ send: (message) => void sent.push(message), onMessage: (callback) => void (receive = callback), onExit: (callback) => void (exit = callback) });
    return {
      sent,
      says: async (message: FromWorker): Promise<void> => {
        receive(message);
        await turn();
      },
      exits: async (): Promise<void> => {
        exit();
        await turn();
      },
      last: () => sent.at(-1),
    };
  };
  return { clock, workers, add, hold: workers.participant };
}

const turn = (): Promise<void> => new Promise((resolve) => void setImmediate(resolve));
const askOf = (message: ToWorker | undefined): number => (message !== undefined && 'ask' in message ? message.ask : -1);

test('a session is registered before its verdict is sent, until it is closed', async () => {
  const decided = Promise.withResolvers<Verdict>();
  const { workers, add } = setUp((_, register) => (register(7), decided.promise));
  const worker = add();
  await worker.says({ t: 'attempt', id: 1, attempt: ATTEMPT });
  expect([workers.sessions(), worker.sent]).toEqual([1, []]);
  decided.resolve(ACCEPTED);
  await turn();
  expect(worker.sent).toEqual([{ t: 'verdict', id: 1, verdict: ACCEPTED }]);
  await worker.says({ t: 'closed', id: 1 });
  expect(workers.sessions()).toBe(0);
});

test('nothing is registered after a refusal, a failure, or a client that went; accepted without registering is none', async () => {
  const verdicts: (() => Promise<Verdict>)[] = [
    async () => ({ verdict: 'rejected', reason: 'secret' }),
    async () => { throw new Error('broken'); },
    async () => ACCEPTED,
  ];
  let registers = true;
  const { workers, add } = setUp(async (_, register) => {
    if (registers) register(7);
    return (verdicts.shift() as () => Promise<Verdict>)();
  });
  const worker = add();
  await worker.says({ t: 'attempt', id: 1, attempt: ATTEMPT });
  await worker.says({ t: 'attempt', id: 2, attempt: ATTEMPT });
  registers = false;
  await worker.says({ t: 'attempt', id: 3, attempt: ATTEMPT });
  const internal = { verdict: 'unavailable', reason: 'internal' };
  expect(worker.sent.map((message) => message.t === 'verdict' && message.verdict)).toEqual([{ verdict: 'rejected', reason: 'secret' }, internal, internal]);
  expect(workers.sessions()).toBe(0);

  const decided = Promise.withResolvers<Verdict>();
  let aborted = false;
  const going = setUp((_, register, ...[signal]: unknown[]) => {
    register(7);
    (signal as AbortSignal).addEventListener('abort', () => (aborted = true));
    return decided.promise;
  });
  const other = going.add();
  await other.says({ t: 'attempt', id: 1, attempt: ATTEMPT });
  await other.says({ t: 'abandon', id: 1 });
  decided.resolve(ACCEPTED);
  await turn();
  expect([aborted, other.sent, going.workers.sessions()]).toEqual([true, [], 0]);
});

test('an account without a session is quiet at once', async () => {
  const { hold } = setUp();
  expect(await hold.freeze(7, 1, 2_000)).toBe('quiet');
  await hold.cut(7);
});

test('a freeze asks after the verdict, of every worker; one busy is busy', async () => {
  const decided = Promise.withResolvers<Verdict>();
  const { add, hold } = setUp((_, register) => (register(7), decided.promise));
  const [one, two] = [add(), add()];
  await one.says({ t: 'attempt', id: 1, attempt: ATTEMPT });
  await two.says({ t: 'attempt', id: 1, attempt: ATTEMPT });
  const answer = hold.freeze(7, 1, 2_000);
  await turn();
  expect([one.sent, two.sent]).toEqual([[], []]);
  decided.resolve(ACCEPTED);
  await turn();
  expect(one.sent.map(({ t }) => t)).toEqual(['verdict', 'freeze']);
  await one.says({ t: 'frozen', ask: askOf(one.last()), answer: 'quiet' });
  await two.says({ t: 'frozen', ask: askOf(two.last()), answer: 'busy' });
  expect(await answer).toBe('busy');
  hold.thaw(7);
  expect([one.last(), two.last()]).toEqual([{ t: 'thaw', accountId: 7 }, { t: 'thaw', accountId: 7 }]);
});

test('a worker that does not answer is busy, and its cut is not reported', async () => {
  const { add, hold, clock } = setUp();
  const worker = add();
  await worker.says({ t: 'attempt', id: 1, attempt: ATTEMPT });
  const frozen = hold.freeze(7, 1, 2_000);
  await turn();
  clock.advance(2_000);
  expect(await frozen).toBe('busy');
  const cut = hold.cut(7);
  clock.advance(6_000);
  await expect(cut).rejects.toMatchObject({ code: 'unavailable' });
});

test('a cut is reported when the worker has cut and every session is closed', async () => {
  const { add, hold } = setUp();
  const worker = add();
  const quiet = async (): Promise<void> => {
    const frozen = hold.freeze(7, 1, 2_000);
    await turn();
    await worker.says({ t: 'frozen', ask: askOf(worker.last()), answer: 'quiet' });
    expect(await frozen).toBe('quiet');
  };
  await worker.says({ t: 'attempt', id: 1, attempt: ATTEMPT });
  await quiet();
  const failed = expect(hold.cut(7)).rejects.toThrow('it hangs');
  await worker.says({ t: 'cut-done', ask: askOf(worker.last()), failed: 'it hangs' });
  await failed;
  const early = expect(hold.cut(7)).rejects.toThrow('still registered');
  await worker.says({ t: 'cut-done', ask: askOf(worker.last()) });
  await early;
  const cut = hold.cut(7);
  await worker.says({ t: 'closed', id: 1 });
  await worker.says({ t: 'cut-done', ask: askOf(worker.last()) });
  await cut;
});

test('a worker that dies quiet is cut; one that dies busy leaves its accounts busy for a while', async () => {
  const { workers, add, hold, clock } = setUp();
  const worker = add();
  await worker.says({ t: 'attempt', id: 1, attempt: ATTEMPT });
  const frozen = hold.freeze(7, 1, 2_000);
  await turn();
  await worker.says({ t: 'frozen', ask: askOf(worker.last()), answer: 'quiet' });
  expect(await frozen).toBe('quiet');
  const cut = hold.cut(7);
  await worker.exits();
  await cut;
  expect(workers.sessions()).toBe(0);
  expect(await hold.freeze(7, 2, 2_000)).toBe('quiet');

  const second = add();
  await second.says({ t: 'attempt', id: 1, attempt: ATTEMPT });
  const dying = hold.freeze(7, 3, 2_000);
  await turn();
  await second.exits();
  expect(await dying).toBe('busy');
  expect(await hold.freeze(7, 4, 2_000)).toBe('busy');
  clock.advance(10_000);
  expect(await hold.freeze(7, 5, 2_000)).toBe('quiet');
});

test('a session is ended by the token of its registration', async () => {
  let token: unknown;
  const { add, workers } = setUp(async (_, register) => ((token = register(7)), ACCEPTED));
  const worker = add();
  await worker.says({ t: 'attempt', id: 5, attempt: ATTEMPT });
  workers.end(token as number, 'Sign in again.');
  expect(worker.last()).toEqual({ t: 'end', id: 5, text: 'Sign in again.' });
  workers.endAccount(7, 'Suspended.');
  expect(worker.last()).toEqual({ t: 'end', id: 5, text: 'Suspended.' });
});

test('a hold neither waits for nor ends submission at a platform that writes no copies; it can be ended all the same', async () => {
  for (const home of ['old', 'new']) {
    const { workers, add, hold } = setUp(async (_, register) => (register(7), { ...ACCEPTED, home }));
    const worker = add();
    await worker.says({ t: 'attempt', id: 1, attempt: { ...ATTEMPT, protocol: 'submission' } });
    const frozen = hold.freeze(7, 1, 2_000);
    await turn();
    expect(worker.last()?.t).toBe(home === 'old' ? 'verdict' : 'freeze');
    if (home === 'new') await worker.says({ t: 'frozen', ask: askOf(worker.last()), answer: 'busy' });
    expect(await frozen).toBe(home === 'old' ? 'quiet' : 'busy');
    if (home === 'old') await hold.cut(7);
    workers.endAccount(7, 'Not this one.', 'imap');
    expect(worker.last()?.t).not.toBe('end');
    workers.endAccount(7, 'Suspended.', 'submission');
    expect([workers.sessions(), worker.last()]).toEqual([1, { t: 'end', id: 1, text: 'Suspended.' }]);
    await worker.exits();
    expect(await hold.freeze(7, 2, 2_000)).toBe(home === 'old' ? 'quiet' : 'busy');
  }
});

test('in the worker, too, such a session is nobody’s in a hold', async () => {
  const registry = createRegistry({ clock: createManualClock(), onLeft: () => {} });
  const inHold = registry.take(1, 7);
  const apart = registry.take(2, 7, false);
  inHold.leave();
  expect(await registry.freeze(7, 2_000)).toBe('quiet');
  await registry.cut(7);
  expect([apart.frozen(), registry.size]).toEqual([false, 1]);
});

test('a home that was given up: sessions that are not quiet are ended, and one that is being dialled comes to nothing', async () => {
  const clock = createManualClock();
  const left: number[] = [];
  const registry = createRegistry({ clock, onLeft: (id) => void left.push(id) });
  const session = (quiet: boolean) => {
    const { promise: closed, resolve } = Promise.withResolvers<void>();
    const abandon = vi.fn(resolve);
    return { freeze: () => (quiet ? Promise.resolve() : closed), thaw: () => {}, cut: async () => resolve(), end: () => {}, abandon, closed };
  };
  const [hanging, late, other] = [session(false), session(false), session(false)];
  registry.take(1, 7).open(hanging);
  const dialling = registry.take(2, 7);
  registry.take(3, 8).open(other);
  const freeze = registry.freeze(7, 2_000, true);
  await turn();
  expect(left).toEqual([]);
  clock.advance(ABANDONED_MS);
  expect(await freeze).toBe('quiet');
  await dialling.left;
  expect([hanging, other].map(({ abandon }) => abandon.mock.calls.length)).toEqual([1, 0]);
  expect(left.sort()).toEqual([1, 2]);
  await registry.cut(7);
  registry.thaw(7);
  expect(dialling.frozen()).toBe(true);
  dialling.open(late);
  expect(late.abandon).toHaveBeenCalled();
});
