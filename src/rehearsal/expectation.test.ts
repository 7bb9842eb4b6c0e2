import fc from 'fast-check';
import { expect, test } from 'vitest';
import { actsOf, apply, hold, type Possible, seeded, type Seen, type State, type Tally } from './expectation.ts';
import type { MailAct, Outcome } from './journal.ts';

const tally = (): Tally => ({ missing: 0, altered: 0, doubled: 0, examples: [] });
const home: State = { mailbox: 'INBOX', flags: '\\seen', internalDate: 1_000 };
const base = { account: 'a', mailbox: 'INBOX', key: 'k' } as const;
const judge = (acts: [MailAct, Outcome][], found: Seen[], copies?: State[]): Tally => {
  const expected = new Map<string, Possible>([['k', seeded('k', home)]]);
  for (const [act, outcome] of acts) apply(expected, act, outcome);
  const result = tally();
  hold('k', expected.get('k')!, copies, found, result);
  return result;
};
const seen = (state: Partial<Seen> = {}): Seen => ({ mailbox: 'INBOX', flags: '\\seen', internalDate: 1_000, sha: 'k', ...state });
const zeros = { missing: 0, altered: 0, doubled: 0 };

test('what was never touched must be there as it was', () => {
  expect(judge([], [seen()])).toMatchObject(zeros);
  expect(judge([], [])).toMatchObject({ missing: 1 });
  expect(judge([], [seen(), seen()])).toMatchObject({ doubled: 1 });
  expect(judge([], [seen({ sha: 'other' })])).toMatchObject({ altered: 1 });
  expect(judge([], [seen({ flags: '' })])).toMatchObject({ altered: 1 });
  expect(judge([], [seen({ internalDate: 2_000 })])).toMatchObject({ altered: 1 });
  expect(judge([], [seen({ mailbox: 'Trash' })])).toMatchObject({ altered: 1 });
});

test('an OK happened, a NO did not, silence is either', () => {
  const move: MailAct = { act: 'move', ...base, to: 'Trash' };
  expect(judge([[move, 'done']], [seen()])).toMatchObject({ altered: 1 });
  expect(judge([[move, 'done']], [seen({ mailbox: 'Trash' })])).toMatchObject(zeros);
  expect(judge([[move, 'refused']], [seen({ mailbox: 'Trash' })])).toMatchObject({ altered: 1 });
  expect(judge([[move, 'unknown']], [seen({ mailbox: 'Trash' })])).toMatchObject(zeros);
  expect(judge([[move, 'unknown']], [seen()])).toMatchObject(zeros);
  expect(judge([[move, 'unknown']], [seen(), seen({ mailbox: 'Trash' })])).toMatchObject({ doubled: 1 });
  expect(judge([[move, 'unknown']], [])).toMatchObject({ missing: 1 });
});

test('a later act tells where an undecided one went', () => {
  const acts: [MailAct, Outcome][] = [
    [{ act: 'move', ...base, to: 'Trash' }, 'unknown'],
    [{ act: 'flag', ...base, mailbox: 'Trash', add: ['\\Flagged'], remove: [] }, 'done'],
  ];
  expect(judge(acts, [seen({ mailbox: 'Trash', flags: '\\flagged \\seen' })])).toMatchObject(zeros);
  expect(judge(acts, [seen()])).toMatchObject({ altered: 1 });
});

test('what was deleted and is back is a double', () => {
  expect(judge([[{ act: 'expunge', ...base }, 'done']], [seen()])).toMatchObject({ doubled: 1 });
  expect(judge([[{ act: 'expunge', ...base }, 'unknown']], [seen()])).toMatchObject(zeros);
  expect(judge([[{ act: 'expunge', ...base }, 'unknown']], [])).toMatchObject(zeros);
});

test('true duplicates are counted as many as they are', () => {
  expect(judge([], [seen(), seen()], [home, home])).toMatchObject(zeros);
  expect(judge([], [seen()], [home, home])).toMatchObject({ missing: 1 });
  expect(judge([], [seen(), seen(), seen()], [home, home])).toMatchObject({ doubled: 1 });
});

test('a delivery without an answer may be there once or not', () => {
  const expected = new Map<string, Possible>();
  apply(expected, { act: 'deliver', account: 'a', key: 'id:1', sha: 's' }, 'unknown');
  for (const [found, result] of [[[], zeros], [[seen({ flags: '', sha: 's' })], zeros], [[seen({ flags: '', sha: 's' }), seen({ flags: '', sha: 's' })], { doubled: 1 }]] as const) {
    const t = tally();
    hold('k', expected.get('id:1')!, undefined, found, t);
    expect(t).toMatchObject(result);
  }
});

test('an act without an answer line is unknown', () => {
  expect(actsOf([{ id: 1, at: 0, act: 'expunge', ...base }, { id: 2, at: 0, act: 'expunge', ...base }, { answer: 2, outcome: 'done' }]).map((a) => a.outcome)).toEqual(['unknown', 'done']);
});

test('whichever of the undecided acts happened, the judge finds nothing wrong', () => {
  const act = fc.oneof(
    fc.record({ act: fc.constant('flag' as const), add: fc.subarray(['\\Flagged', 'x']), remove: fc.subarray(['\\Seen']) }),
    fc.record({ act: fc.constant('move' as const), to: fc.constantFrom('A', 'B') }),
  );
  fc.assert(
    fc.property(fc.array(fc.tuple(act, fc.constantFrom<Outcome>('done', 'refused', 'unknown'), fc.boolean()), { maxLength: 8 }), (script) => {
      const expected = new Map([['k', seeded('k', home)]]);
      const truth = new Map([['k', seeded('k', home)]]);
      for (const [partial, outcome, happened] of script) {
        const [now] = truth.get('k')!.states.values();
        const full = { ...base, ...partial, mailbox: (now as State).mailbox } as MailAct;
        apply(expected, full, outcome);
        apply(truth, full, outcome === 'unknown' ? (happened ? 'done' : 'refused') : outcome);
      }
      const [now] = truth.get('k')!.states.values();
      const result = tally();
      const state = now as State;
      hold('k', expected.get('k')!, undefined, [{ ...state, internalDate: 1_000, sha: 'k' }], result);
      expect(result).toMatchObject(zeros);
    }),
  );
});
