import { expect, test } from 'vitest';
import { dueOf } from './due.ts';

const now = 1_800_000_000_000;
const min = (minutes: number): number => now + minutes * 60_000;
const none = { answerDue: undefined, solutionDue: undefined, callBack: undefined };

test('the nearest promise is the one that counts', () => {
  expect(dueOf({ answerDue: min(10), solutionDue: min(240), callBack: undefined }, now)).toMatchObject({ what: 'answer', isLate: false, text: 'answer within 10 min' });
  expect(dueOf({ answerDue: min(10), solutionDue: min(240), callBack: { at: min(5), phone: '1' } }, now)).toMatchObject({ what: 'call', text: 'call back within 5 min' });
});

test('what is late says how much', () => expect(dueOf({ ...none, solutionDue: min(-90) }, now)).toMatchObject({ isLate: true, text: 'solve: 1 h 30 min late' }));
test('a closed case has no clock', () => expect(dueOf(none, now)).toBeUndefined());
