import { expect, test } from 'vitest';
import { createOutbox } from './outbox.ts';
import type { Outcome } from './submit.ts';

function harness() {
  let now = 0;
  let timers: { at: number; run: () => void }[] = [];
  const sent: string[] = [];
  const answers: Outcome[] = [];
  const later: Outcome[] = [];
  const backs: (boolean | undefined)[] = [];
  const outbox = createOutbox<string>({
    async submit(what) {
      sent.push(what);
      return answers.shift() ?? { kind: 'sent' };
    },
    outcome: async () => later.shift() ?? { kind: 'sent' },
    takeBack: async () => backs.shift(),
    after(ms, run) {
      const timer = { at: now + ms, run };
      timers.push(timer);
      return () => void (timers = timers.filter((each) => each !== timer));
    },
    now: () => now,
  });
  return {
    outbox, sent, answers, later, backs,
    step: () => outbox.entries[0]?.step,
    async pass(ms: number) {
      const end = now + ms;
      for (let next; (next = timers.filter(({ at }) => at <= end).sort((a, b) => a.at - b.at)[0]) !== undefined; ) {
        now = next.at;
        const due = next;
        timers = timers.filter((each) => each !== due);
        due.run();
        for (let turn = 0; turn < 10; turn += 1) await Promise.resolve();
      }
      now = end;
      for (let turn = 0; turn < 10; turn += 1) await Promise.resolve();
    },
  };
}

test('it is sent after the moment, once', async () => {
  const { outbox, sent, pass, step } = harness();
  outbox.add('a', 10_000);
  await pass(9_999);
  expect(sent).toEqual([]);
  expect(outbox.isBusy).toBe(true);
  await pass(600_000);
  expect(sent).toEqual(['a']);
  expect(step()).toEqual({ kind: 'sent' });
  expect(outbox.isBusy).toBe(false);
});

test('what is taken back is not sent; what is sent cannot be taken back', async () => {
  const { outbox, sent, pass } = harness();
  const first = outbox.add('a', 10_000);
  await pass(5_000);
  expect(await outbox.takeBack(first)).toBe('a');
  await pass(600_000);
  expect(sent).toEqual([]);
  expect(outbox.entries).toEqual([]);
  const second = outbox.add('b', 10_000);
  await pass(10_000);
  expect(await outbox.takeBack(second)).toBeUndefined();
  outbox.dismiss(second);
  expect(outbox.entries).toEqual([]);
});

test('at once, on demand, and not a second time', async () => {
  const { outbox, sent, pass } = harness();
  const key = outbox.add('a', 10_000);
  outbox.sendNow(key);
  outbox.sendNow(key);
  await pass(600_000);
  expect(sent).toEqual(['a']);
});

test('where the server keeps it, the page may go, and what became of it is told', async () => {
  const { outbox, pass, answers, later, step } = harness();
  answers.push({ kind: 'held', submissionId: 'X', until: 10_000 });
  later.push({ kind: 'held', submissionId: 'X', until: 10_000 }, { kind: 'unreachable' }, { kind: 'refused', type: 'refusedLater', sentence: undefined, addresses: [] });
  outbox.add('a', 0);
  await pass(0);
  expect(step()).toEqual({ kind: 'held', submissionId: 'X', until: 10_000, isLate: false });
  expect(outbox.isBusy).toBe(false);
  await pass(11_000);
  expect(step()).toMatchObject({ kind: 'held', isLate: true });
  await pass(2_000 + 4_000);
  expect(step()?.kind).toBe('refused');
});

test('what the server keeps is taken back there; too late is too late', async () => {
  const { outbox, pass, answers, backs, step, sent } = harness();
  answers.push({ kind: 'held', submissionId: 'X', until: 10_000 }, { kind: 'held', submissionId: 'Y', until: 20_000 });
  const first = outbox.add('a', 0);
  await pass(0);
  backs.push(true);
  expect(await outbox.takeBack(first)).toBe('a');
  expect(outbox.entries).toEqual([]);
  const second = outbox.add('b', 0);
  await pass(0);
  backs.push(false);
  expect(await outbox.takeBack(second)).toBeUndefined();
  await pass(60_000);
  expect(step()).toEqual({ kind: 'sent' });
  expect(sent).toEqual(['a', 'b']);
});

test('an outage is waited for; it can still be taken back', async () => {
  const { outbox, sent, pass, answers, step } = harness();
  answers.push({ kind: 'unreachable' }, { kind: 'unreachable' });
  const key = outbox.add('a', 0);
  await pass(0);
  expect(step()?.kind).toBe('delayed');
  outbox.dismiss(key);
  expect(outbox.entries).toHaveLength(1);
  await pass(2_000 + 4_000);
  expect(sent).toEqual(['a', 'a', 'a']);
  expect(step()?.kind).toBe('sent');
  answers.push({ kind: 'unreachable' });
  const other = outbox.add('b', 0);
  await pass(0);
  expect(await outbox.takeBack(other)).toBe('b');
  await pass(600_000);
  expect(sent.filter((each) => each === 'b')).toHaveLength(1);
});

test('refused and unknown stay until they are seen, and are not tried again', async () => {
  const { outbox, sent, pass, answers } = harness();
  answers.push({ kind: 'refused', type: 'x', sentence: 'No.', addresses: [] }, { kind: 'unknown' });
  const keys = [outbox.add('a', 0), outbox.add('b', 0)];
  await pass(600_000);
  expect(outbox.entries.map(({ step }) => step.kind)).toEqual(['refused', 'unknown']);
  expect(sent).toEqual(['a', 'b']);
  for (const key of keys) outbox.dismiss(key);
  expect(outbox.entries).toEqual([]);
});
