import { describe, expect, test } from 'vitest';
import { CausewayError } from '#errors/index.ts';
import { refusal } from '#imap/refusal.ts';
import { unavailable } from '#store/failure.ts';
import { appendFailure, finalFailure, judge, passingFailure } from './failure.ts';

describe('what an error means for a move', () => {
  test('a store that is away is waited for without end', () => {
    expect(judge(unavailable(new Error('No space left on device')))).toMatchObject({ kind: 'again', attempts: Number.POSITIVE_INFINITY });
  });
  test('a platform that is away is waited for, and then it needs a person', () => {
    expect(judge(new CausewayError('unavailable', 'refused'))).toMatchObject({ kind: 'again', attempts: 20, failure: 'unavailable' });
  });
  test('a platform that says that it asks for less is waited for without end, one that is busy as for an outage, whatever was asked', () => {
    const no = (code: string, text = 'Not now.') => passingFailure('mailbox', 'not opened', refusal('refused', 'SELECT', { status: 'NO', text, code: { name: code, tokens: [] } }));
    expect(judge(no('THROTTLED'))).toMatchObject({ kind: 'again', attempts: Number.POSITIVE_INFINITY, failure: 'unavailable' });
    for (const code of ['UNAVAILABLE', 'INUSE']) expect(judge(no(code))).toMatchObject({ kind: 'again', attempts: 20, failure: 'unavailable' });
    expect(judge(no('NOPERM'))).toMatchObject({ kind: 'again', attempts: 3, failure: 'mailbox' });
  });
  test('an unexplained no is tried three times; a clear one fails at once', () => {
    expect(judge(passingFailure('append', 'no'))).toMatchObject({ kind: 'again', attempts: 3, failure: 'append' });
    expect(judge(finalFailure('too-big', 'too big'))).toMatchObject({ kind: 'fail', failure: 'too-big' });
    expect(judge(new Error('odd'))).toMatchObject({ kind: 'again', attempts: 3, failure: 'internal' });
  });
  test.each([
    ['NO', 'Message contains NUL characters', 'content'],
    ['NO', 'Message contains bare newlines', 'content'],
    ['NO', 'Message contains invalid header', 'content'],
    ['NO', 'Zero-length message literal', 'content'],
    ['NO', 'Too many user flags in mailbox', 'flags'],
    ['BAD', 'Invalid date-time in Append command', 'date'],
  ] as const)('in the words of Cyrus: %s %s', (status, text, failure) => {
    const error = appendFailure(refusal('refused', 'APPEND', { status, text }), 'message 7 of "Sent" (12 bytes)');
    expect(judge(error)).toMatchObject({ kind: 'fail', failure, message: expect.stringContaining('message 7 of "Sent"') });
  });
});
