import fc from 'fast-check';
import { expect, test } from 'vitest';
import { createSaving, pauseForSize, type SaveOutcome, type SaveState } from './saving.ts';

/** A clock by hand, and a platform that answers when it is told to. */
function harness() {
  let now = 0;
  let timers: { at: number; run: () => void }[] = [];
  const saved: string[] = [];
  const open: { content: string; answer: (outcome: SaveOutcome) => void }[] = [];
  const states: SaveState['kind'][] = [];
  const saving = createSaving<string>({
    save: (content) => new Promise((resolve) => open.push({ content, answer: resolve })),
    after(ms, run) {
      const timer = { at: now + ms, run };
      timers.push(timer);
      return () => void (timers = timers.filter((one) => one !== timer));
    },
    now: () => now,
    onState: ({ kind }) => states.push(kind),
    pauseFor: () => 3_000,
  });
  async function settle(): Promise<void> {
    for (let turn = 0; turn < 10; turn += 1) await Promise.resolve();
  }
  return {
    saving, saved, open, states,
    async pass(ms: number) {
      const end = now + ms;
      for (;;) {
        const next = timers.filter(({ at }) => at <= end).sort((a, b) => a.at - b.at)[0];
        if (next === undefined) break;
        now = next.at;
        timers = timers.filter((one) => one !== next);
        next.run();
        await settle();
      }
      now = end;
      await settle();
    },
    async answer(outcome: SaveOutcome) {
      const one = open.shift();
      if (one === undefined) throw new Error('nothing is being saved');
      if (outcome.kind === 'saved') saved.push(one.content);
      one.answer(outcome);
      await settle();
    },
  };
}

test('keys without a pause are saved every few seconds, the last ones too', async () => {
  const { saving, open, saved, pass, answer } = harness();
  for (let key = 0; key < 40; key += 1) {
    saving.typed(`k${key}`);
    await pass(100);
    if (open.length > 0) await answer({ kind: 'saved' });
  }
  expect(saved).toEqual(['k29']);
  await pass(3_000);
  await answer({ kind: 'saved' });
  expect(saved).toEqual(['k29', 'k39']);
  expect(saving.state).toMatchObject({ kind: 'saved' });
  await pass(60_000);
  expect(open).toHaveLength(0);
});

test('what is typed while a save runs is saved after it, never beside it', async () => {
  const { saving, open, pass, answer, saved } = harness();
  saving.typed('a');
  await pass(3_000);
  saving.typed('b');
  saving.typed('c');
  await pass(30_000);
  expect(open.map(({ content }) => content)).toEqual(['a']);
  await answer({ kind: 'saved' });
  expect(saving.state.kind).toBe('dirty');
  await pass(3_000);
  await answer({ kind: 'saved' });
  expect(saved).toEqual(['a', 'c']);
});

test('an outage is waited for, and goes on by itself with the newest', async () => {
  const { saving, open, pass, answer, saved } = harness();
  saving.typed('a');
  await pass(3_000);
  await answer({ kind: 'unreachable' });
  expect(saving.state.kind).toBe('waiting');
  saving.typed('b');
  await pass(1_000);
  await answer({ kind: 'unreachable' });
  await pass(1_999);
  expect(open).toHaveLength(0);
  saving.wake();
  await pass(0);
  await answer({ kind: 'saved' });
  expect(saved).toEqual(['b']);
});

test('tries in an outage get rarer, and never cease', async () => {
  const { saving, pass, open, answer } = harness();
  saving.typed('a');
  await pass(3_000);
  let tries = 0;
  for (let second = 0; second < 600; second += 1) {
    if (open.length > 0) {
      tries += 1;
      await answer({ kind: 'unreachable' });
    }
    await pass(1_000);
  }
  expect(tries).toBeGreaterThan(20);
  expect(tries).toBeLessThan(30);
});

test('a refusal is told, and not repeated until something is typed', async () => {
  const { saving, pass, open, answer } = harness();
  saving.typed('a');
  await pass(3_000);
  await answer({ kind: 'refused', sentence: 'The mailbox is full.' });
  expect(saving.state).toEqual({ kind: 'refused', sentence: 'The mailbox is full.' });
  await pass(600_000);
  expect(open).toHaveLength(0);
  saving.typed('b');
  await pass(30_000);
  expect(open.map(({ content }) => content)).toEqual(['b']);
});

test('a conflict waits for the choice, and keeps what is typed', async () => {
  const { saving, pass, open, answer, saved } = harness();
  saving.typed('a');
  await pass(3_000);
  await answer({ kind: 'conflict' });
  saving.typed('b');
  await pass(600_000);
  expect(open).toHaveLength(0);
  saving.resolved();
  await pass(0);
  await answer({ kind: 'saved' });
  expect(saved).toEqual(['b']);
});

test('a flush saves at once, and waits for the one that runs', async () => {
  const { saving, answer, open, pass } = harness();
  saving.typed('a');
  let ended: SaveState | undefined;
  void saving.flush().then((state) => (ended = state));
  await pass(0);
  saving.typed('b');
  expect(open).toHaveLength(1);
  await answer({ kind: 'saved' });
  expect(ended?.kind).toBe('dirty');
  void saving.flush().then((state) => (ended = state));
  await pass(0);
  await answer({ kind: 'saved' });
  expect(ended?.kind).toBe('saved');
  await expect(saving.flush()).resolves.toMatchObject({ kind: 'saved' });
});

test('after a stop nothing is saved', async () => {
  const { saving, pass, open } = harness();
  saving.typed('a');
  saving.stop();
  saving.typed('b');
  await pass(600_000);
  expect(open).toHaveLength(0);
});

test('large drafts are saved less often', () => {
  expect([pauseForSize(0), pauseForSize(1_000_000), pauseForSize(50_000_000)]).toEqual([3_000, 6_000, 60_000]);
});

test('whatever happens, the last that was typed is what is saved last', async () => {
  const step = fc.oneof(fc.constant('type'), fc.constant('wait'), fc.constant('saved'), fc.constant('unreachable'), fc.constant('conflict'), fc.constant('refused'), fc.constant('flush'));
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 40 }), async (steps) => {
      const { saving, pass, open, answer, saved } = harness();
      let typed = 0;
      for (const what of [...steps, 'type']) {
        if (what === 'type') saving.typed(`k${(typed += 1)}`);
        else if (what === 'wait') await pass(2_000);
        else if (what === 'flush') void saving.flush();
        else if (open.length > 0) await answer((what === 'refused' ? { kind: 'refused', sentence: 'no' } : { kind: what }) as SaveOutcome);
        expect(open.length).toBeLessThanOrEqual(1);
      }
      for (let turn = 0; turn < 5; turn += 1) {
        if (open.length > 0) await answer({ kind: 'saved' });
        saving.resolved();
        await pass(60_000);
      }
      expect(saved.at(-1)).toBe(`k${typed}`);
      expect(saving.state.kind).toBe('saved');
    }),
    { numRuns: 100 },
  );
});
