/**
 * What an error means for a move: go on later, or wait for a person.
 *
 * Invariants: an error with a failure class that is final fails the move at once; any other is tried again, with a
 * bounded number of attempts in a row without progress. What a platform says of itself and of this moment is no word on
 * the account, whatever command it answered: it is waited for as an outage is, and a wish for fewer commands for ever. A message never holds a secret: it is made of names, UIDs and
 * the platform's own words.
 */
import { CausewayError, isRetryable, messageOf } from '#errors/index.ts';
import { refusalOf, refusalsIn, responseCodeOf } from '#imap/refusal.ts';
import { isStoreUnavailable } from '#store/index.ts';
import type { FailureClass } from './tables.ts';
import { asksToSlowDown, slowingOf } from './limits/throttle.ts';

type Class = { readonly failure: FailureClass; readonly final: boolean };

const classes = new WeakMap<Error, Class>();

/** An error that fails the move at once. */
export function finalFailure(failure: FailureClass, message: string, cause?: unknown): CausewayError {
  const error = new CausewayError('check-failed', message, { cause, retryable: false });
  classes.set(error, { failure, final: true });
  return error;
}

/** An error of a known class that a later attempt may not meet. */
export function passingFailure(failure: FailureClass, message: string, cause?: unknown): CausewayError {
  const error = new CausewayError('check-failed', message, { cause, retryable: true });
  classes.set(error, { failure, final: false });
  return error;
}

/** The class that an error was given here. */
export function classOf(error: unknown): Class | undefined {
  return error instanceof Error ? classes.get(error) : undefined;
}

/** With back-off up to a minute these are a quarter of an hour: an outage is waited out, a lasting one needs a person. */
const ATTEMPTS = 20;
/** A definite no that is not ours to explain: once may be a hiccup of the platform, three times are not. */
const ATTEMPTS_AGAINST_NO = 3;

export type Judgement =
  | { readonly kind: 'again'; readonly attempts: number; readonly failure: FailureClass; readonly message: string }
  | { readonly kind: 'fail'; readonly failure: FailureClass; readonly message: string };

export function judge(error: unknown): Judgement {
  const message = messageOf(error);
  const known = classOf(error);
  if (known?.final === true) return { kind: 'fail', failure: known.failure, message };
  // A full disk under the store may last for hours, and says nothing against the account.
  if (isStoreUnavailable(error)) return { kind: 'again', attempts: Number.POSITIVE_INFINITY, failure: 'unavailable', message };
  if (slowingOf(error) !== undefined) return { kind: 'again', attempts: Number.POSITIVE_INFINITY, failure: 'unavailable', message };
  if (isPassing(error)) return { kind: 'again', attempts: ATTEMPTS, failure: 'unavailable', message };
  if (known !== undefined) return { kind: 'again', attempts: ATTEMPTS_AGAINST_NO, failure: known.failure, message };
  if (isRetryable(error)) return { kind: 'again', attempts: ATTEMPTS, failure: 'unavailable', message };
  return { kind: 'again', attempts: ATTEMPTS_AGAINST_NO, failure: 'internal', message };
}

/** Half a second, doubled to a minute, with jitter of a third so that moves which failed together do not return together. */
export function backOffMs(attempt: number): number {
  return Math.min(60_000, 500 * 2 ** Math.min(attempt, 10)) * (2 / 3 + Math.random() / 3);
}

/** Response codes (RFC 5530) with which a platform asks to try later; so does one that asks to slow down. */
const LATER = new Set(['UNAVAILABLE', 'INUSE', 'SERVERBUG', 'TRYCREATE', 'EXPUNGEISSUED']);

/** Response codes of a state of the platform that passes (RFC 5530 section 3), whatever was asked. */
const PASSING = new Set(['UNAVAILABLE', 'INUSE']);

function isPassing(error: unknown): boolean {
  return [...refusalsIn(error)].some(({ answer }) => PASSING.has(answer.code?.name ?? ''));
}

/** Whether a platform's no asks to try later, whatever was refused. */
export function isLater(error: unknown): boolean {
  const answer = refusalOf(error);
  return answer !== undefined && (LATER.has(answer.code?.name ?? '') || asksToSlowDown(answer));
}

/** In this order: "message too large for your quota" is about the quota, "line too long" about what is in the message. */
const WORDS: readonly [RegExp, FailureClass][] = [
  [/quota|mailbox (is )?full|storage (limit|exceeded)|insufficient (space|storage)/i, 'quota'],
  [/\blines? (is |are )?too long/i, 'content'],
  [/too (big|large|long)|(exceeds?|exceeded|maximum).{0,40}(size|limit|length)|size limit/i, 'too-big'],
  [/virus|infected|malware|NUL|null (byte|char)|invalid (header|message|character)|8.?bit|bare (LF|newline)|zero.?length/i, 'content'],
  [/invalid date/i, 'date'],
  [/flag|keyword/i, 'flags'],
];

/** The error for a message that the target refused. `where` names mailbox and message. */
export function appendFailure(error: unknown, where: string): unknown {
  const answer = refusalOf(error);
  if (answer === undefined || !(error instanceof CausewayError) || error.code !== 'refused') return error;
  const code = responseCodeOf(error);
  if (isLater(error)) return new CausewayError('unavailable', error.message, { cause: error });
  const message = `the target refuses ${where}: ${error.message}`;
  if (code === 'OVERQUOTA') return finalFailure('quota', message, error);
  if (code === 'TOOBIG') return finalFailure('too-big', message, error);
  for (const [words, failure] of WORDS) if (words.test(answer.text)) return finalFailure(failure, message, error);
  return passingFailure('append', message, error);
}
