import { expect, test } from 'vitest';
import { CausewayError } from '#errors/index.ts';
import { createManualClock } from '#events/manual-clock.testing.ts';
import type { ImapConnection } from '#imap/connection.ts';
import { makePass } from './pass-cookie.ts';
import type { Pool } from './pool.ts';
import { createWatch } from './watch.ts';

const JANE = makePass(1, 1, 1);
const turn = (): Promise<void> => new Promise((resolve) => void setImmediate(resolve));

/** Connections that idle until they are told to end, one after the other. */
function world({ idles = true, fails = 0 } = {}) {
  const clock = createManualClock();
  let arrive = (): void => {};
  let quieten = (): void => {};
  let uses = 0;
  let idling = 0;
  const pool = {
    async useForLong(_pass, _signal, work) {
      uses += 1;
      if (uses <= fails) throw new CausewayError('unavailable', 'the home is away');
      const quiet = new AbortController();
      quieten = () => quiet.abort();
      const connection = {
        capabilities: new Set(idles ? ['IDLE'] : []),
        examine: async () => {},
        idle: (onData: () => void, end: AbortSignal) => {
          arrive = onData;
          idling += 1;
          return new Promise<void>((resolve) => end.addEventListener('abort', () => ((idling -= 1), resolve())));
        },
      } as unknown as ImapConnection;
      return work(connection, quiet.signal);
    },
  } as Pool;
  return { watch: createWatch({ pool, clock }), clock, arrive: () => arrive(), quieten: () => quieten(), uses: () => uses, idling: () => idling };
}

test('one connection for all listeners; news are gathered; nobody is watched when all are gone', async () => {
  const { watch, clock, arrive, uses, idling } = world();
  const told = [0, 0];
  const gone = [new AbortController(), new AbortController()];
  for (const at of [0, 1]) expect(watch.listen(JANE, gone[at]!.signal, () => void (told[at]! += 1))).toBe(true);
  await turn();
  expect([uses(), idling()]).toEqual([1, 1]);
  const before = [...told];
  for (let n = 0; n < 50; n += 1) arrive();
  await clock.pass(300);
  expect(told.map((n, at) => n - before[at]!)).toEqual([1, 1]);
  gone[0]!.abort();
  await turn();
  expect(idling()).toBe(1);
  gone[1]!.abort();
  await turn();
  expect(idling()).toBe(0);
});

test('after a hold, an outage and its own renewal all are told, since something may have come meanwhile', async () => {
  const { watch, clock, quieten, uses } = world({ fails: 1 });
  let told = 0;
  watch.listen(JANE, new AbortController().signal, () => void (told += 1));
  await turn();
  expect(told).toBe(0);
  await clock.pass(5_000);
  await turn();
  expect([uses(), told]).toEqual([2, 1]);
  quieten();
  await turn();
  expect([uses(), told]).toEqual([3, 2]);
  await clock.pass(26 * 60_000);
  await turn();
  expect([uses(), told]).toEqual([4, 3]);
  watch.close();
});

test('without IDLE it looks from time to time; listeners are bounded', async () => {
  const { watch, clock, uses } = world({ idles: false });
  const gone = new AbortController();
  const answers = Array.from({ length: 21 }, () => watch.listen(JANE, gone.signal, () => {}));
  // One function a listener: the last is one too many.
  expect(answers.filter(Boolean)).toHaveLength(20);
  await clock.pass(61_000);
  await turn();
  expect(uses()).toBeGreaterThanOrEqual(3);
  gone.abort();
});
