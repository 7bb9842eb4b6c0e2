import { expect, test } from 'vitest';
import { createManualClock, type ManualClock } from '#events/manual-clock.testing.ts';
import { type Admission, createAdmission, type Kind } from './admission.ts';

const never = new AbortController().signal;
const turn = (): Promise<void> => new Promise((resolve) => void setImmediate(resolve));

type Asking = { readonly begun: boolean; readonly error: unknown; end(): Promise<void> };

function world(bounds: Partial<Parameters<typeof createAdmission>[1]> = {}): { clock: ManualClock; admission: Admission; ask(accountId: number, kind?: Kind, home?: string, signal?: AbortSignal): Promise<Asking> } {
  const clock = createManualClock(0);
  const admission = createAdmission(clock, { perAccount: 4, mostOfAccount: 10, atWork: 8, ...bounds });
  return {
    clock,
    admission,
    async ask(accountId, kind = 'look', home = 'old', signal = never) {
      let leave: (() => void) | undefined;
      let error: unknown;
      admission.enter({ accountId, home, kind }, signal).then(
        (given) => void (leave = given),
        (thrown) => void (error = thrown),
      );
      await turn();
      return {
        get begun() {
          return leave !== undefined;
        },
        get error() {
          return error;
        },
        async end() {
          leave?.();
          await turn();
        },
      };
    },
  };
}

const begun = (all: readonly Asking[]): number => all.filter((one) => one.begun).length;

test('an account has so many at work, the others wait in their order, and too many are told so', async () => {
  const { admission, ask } = world();
  const asked: Asking[] = [];
  for (let n = 0; n < 10; n += 1) asked.push(await ask(1));
  expect(begun(asked)).toBe(4);
  expect((await ask(1)).error).toMatchObject({ code: 'limit' });
  // Another account is not in their way.
  expect((await ask(2)).begun).toBe(true);
  await asked[2]!.end();
  expect([asked[4]!.begun, asked[5]!.begun]).toEqual([true, false]);
  // What is over counts no more, however often it is ended.
  await asked[2]!.end();
  expect(asked[5]!.begun).toBe(false);
  const more = await ask(1);
  expect([more.error, more.begun]).toEqual([undefined, false]);
  for (const one of [...asked, more]) await one.end();
  expect(admission.waiting()).toBe(0);
});

test('a home that is full takes nothing from another, and lets go on whoever may first', async () => {
  const { ask } = world();
  const full: Asking[] = [];
  for (let id = 1; id <= 9; id += 1) full.push(await ask(id));
  expect(begun(full)).toBe(8);
  expect((await ask(20, 'look', 'new')).begun).toBe(true);
  await full[0]!.end();
  expect(full[8]!.begun).toBe(true);
});

test('what is looked at goes before searches; half of an account is for it', async () => {
  const { ask } = world({ atWork: 2 });
  const [one, two] = [await ask(1), await ask(2)];
  const search = await ask(3, 'search');
  const look = await ask(4);
  expect([search.begun, look.begun]).toEqual([false, false]);
  await one.end();
  expect([search.begun, look.begun]).toEqual([false, true]);
  await two.end();
  expect(search.begun).toBe(true);

  const other = world();
  const searches = [await other.ask(1, 'search'), await other.ask(1, 'search'), await other.ask(1, 'search')];
  expect(begun(searches)).toBe(2);
  expect([(await other.ask(1)).begun, (await other.ask(1)).begun, (await other.ask(1)).begun]).toEqual([true, true, false]);
});

test('a few searches are always at work, and many only while the others are quick', async () => {
  const { clock, ask } = world({ atWork: 100 });
  const looks = async (count: number, ms: number): Promise<void> => {
    for (let n = 0; n < count; n += 1) {
      const look = await ask(1_000);
      await clock.pass(ms);
      await look.end();
    }
  };
  await looks(20, 50);
  const many: Asking[] = [];
  for (let id = 1; id <= 40; id += 1) many.push(await ask(id, 'search'));
  expect(begun(many)).toBe(32);
  await looks(40, 400);
  // Others are slow: those that are at work are finished, and no more than a few begun while anything else is.
  const look = await ask(1_001);
  for (const each of many.slice(0, 28)) await each.end();
  expect(begun(many.slice(32))).toBe(0);
  await many[28]!.end();
  expect(begun(many.slice(32))).toBe(1);
  // Nothing else is asked for: nobody is slower for them.
  await look.end();
  expect(begun(many.slice(32))).toBe(8);
});

test('nobody waits for ever, and who goes gives up the place', async () => {
  const { admission, clock, ask } = world({ atWork: 1 });
  const first = await ask(1);
  const gone = new AbortController();
  const [late, left] = [await ask(2), await ask(3, 'look', 'old', gone.signal)];
  gone.abort();
  await turn();
  expect([left.begun, left.error]).toEqual([false, expect.objectContaining({ code: 'aborted' })]);
  await clock.pass(20_000);
  expect([late.begun, late.error]).toEqual([false, expect.objectContaining({ code: 'unavailable', retryable: true })]);
  expect(admission.waiting()).toBe(0);
  await first.end();
  expect((await ask(4)).begun).toBe(true);
  expect(admission.tryEnter({ accountId: 5, home: 'old', kind: 'look' })).toBeUndefined();
  expect(admission.tryEnter({ accountId: 5, home: 'new', kind: 'look' })).toBeDefined();
});

test('beyond two thousand that wait a request is refused at once', async () => {
  const { admission, ask } = world({ atWork: 1 });
  for (let id = 0; id <= 2_000; id += 1) void admission.enter({ accountId: id, home: 'old', kind: 'look' }, never).catch(() => {});
  expect(admission.waiting()).toBe(2_000);
  expect((await ask(9_000)).error).toMatchObject({ code: 'unavailable' });
});
