import { describe, expect, test } from 'vitest';
import { CausewayError } from '#errors/index.ts';
import { unavailable } from '#store/failure.ts';
import { finalFailure, judge, passingFailure } from './failure.ts';

describe('what an error means for a move', () => {
  test('a store that is away is waited for without end', () => {
    expect(judge(unavailable(new Error('No space left on device')))).toMatchObject({ kind: 'again', attempts: Number.POSITIVE_INFINITY });
  });
  test('a platform that is away is waited for, and then it needs a person', () => {
    expect(judge(new CausewayError('unavailable', 'refused'))).toMatchObject({ kind: 'again', attempts: 20, failure: 'unavailable' });
  });
  test('an unexplained no is tried three times; a clear one fails at once', () => {
    expect(judge(passingFailure('append', 'no'))).toMatchObject({ kind: 'again', attempts: 3, failure: 'append' });
    expect(judge(finalFailure('too-big', 'too big'))).toMatchObject({ kind: 'fail', failure: 'too-big' });
    expect(judge(new Error('odd'))).toMatchObject({ kind: 'again', attempts: 3, failure: 'internal' });
  });
});
