import { expect, test } from 'vitest';
import { nextStepOf } from './next-step.ts';

test('an act by the name that the audit has for it', () => expect(nextStepOf({ act: 'account.unlock', text: '' })).toEqual({ kind: 'act', name: 'unlock' }));
test('a case for level two', () => expect(nextStepOf({ act: 'case.escalate', text: '' })).toEqual({ kind: 'escalate' }));
test('a case', () => expect(nextStepOf({ act: 'case.open', text: '' })).toEqual({ kind: 'case' }));
test('what this page cannot do is said, and no button lies', () => {
  expect(nextStepOf({ text: 'Wait' })).toEqual({ kind: 'said' });
  expect(nextStepOf({ act: 'plan.pause', text: 'Pause' })).toEqual({ kind: 'said' });
});
