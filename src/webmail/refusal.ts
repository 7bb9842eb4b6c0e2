/**
 * What a verdict is to a browser.
 *
 * Invariants: 401 in answer to a secret only for `rejected`, as everywhere (signin/reply-table.ts). A pass that is over
 * is told as `signed-out`, which blames nothing.
 */
import { CausewayError } from '#errors/index.ts';
import { type Refusal, replyFor } from '#signin/replies.ts';

export type Told = {
  readonly status: 401 | 403 | 409 | 429 | 503;
  readonly code:
    | 'rejected'
    | 'signed-out'
    | 'suspended'
    | 'closed'
    | 'scope'
    | 'second-step'
    | 'unavailable'
    | 'confirm' // the password is to be shown once more
    | 'passkey' // one that is not known here, or did not sign for us
    | 'code' // of a second step, and wrong
    | 'code-used'
    | 'code-limit' // too many wrong ones
    | 'too-late'; // what was begun is over: begin again
  readonly sentence: string;
  readonly retryAfterSeconds?: number;
};

const SIGNED_OUT: Told = { status: 401, code: 'signed-out', sentence: 'You have been signed out. Please sign in again.' };

export function tellRefusal(verdict: Refusal): Told {
  if (verdict.verdict === 'unavailable' && verdict.reason === 'pass-ended') return SIGNED_OUT;
  const [, status, sentence] = /^HTTP (\d{3}) (.*)$/.exec(replyFor(verdict, 'webmail', 'secret').line) ?? [];
  return { status: Number(status) as Told['status'], code: codeOf(verdict), sentence: sentence ?? '' };
}

function codeOf(verdict: Refusal): Told['code'] {
  if (verdict.verdict === 'rejected') return 'rejected';
  const { reason } = verdict;
  return reason === 'suspended' || reason === 'closed' || reason === 'scope' || reason === 'second-step' ? reason : 'unavailable';
}

const refusals = new WeakMap<CausewayError, Told>();

/** As an error, for where work is waited for. */
export function refusalOf(verdict: Refusal): CausewayError {
  const told = tellRefusal(verdict);
  const error = new CausewayError(told.status === 503 ? 'unavailable' : 'refused', `sign-in says ${verdict.verdict}: ${verdict.reason}`, { customerText: told.sentence });
  refusals.set(error, told);
  return error;
}

/** A refusal that is no verdict of sign-in, to be thrown. */
export function refusing(told: Told): CausewayError {
  const error = new CausewayError('refused', `the browser is told ${told.code}`, { customerText: told.sentence });
  refusals.set(error, told);
  return error;
}

/** What an error of the pool tells a browser, where sign-in refused. */
export function toldOf(error: unknown): Told | undefined {
  return error instanceof CausewayError ? refusals.get(error) : undefined;
}
