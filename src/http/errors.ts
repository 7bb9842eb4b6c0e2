/**
 * What a failure is in HTTP.
 *
 * Invariants: 401 is never said of an outage: whatever may be otherwise later is 503 with Retry-After, 429 or 409. The
 * sentence for the customer and the message for the engineer are two, and neither has a secret in it. What is no
 * CausewayError says nothing of itself.
 */
import { CausewayError, type ErrorCode } from '#errors/index.ts';

const STATUS: Readonly<Record<ErrorCode, number>> = {
  usage: 400,
  input: 422,
  'not-found': 404,
  conflict: 409,
  limit: 429,
  refused: 403,
  unavailable: 503,
  aborted: 503,
  protocol: 502,
  'check-failed': 500,
  config: 500,
  internal: 500,
};

/** A store that is started again, and a platform that fails over, are back in seconds; a client asks again once or twice. */
export const RETRY_AFTER_SECONDS = 5;

export type Failure = {
  readonly status: number;
  readonly code: ErrorCode;
  readonly message: string;
  /** What may be shown to a customer. */
  readonly sentence: string | undefined;
  readonly retryAfterSeconds: number | undefined;
};

export function failureOf(error: unknown): Failure {
  if (!(error instanceof CausewayError)) {
    return { status: 500, code: 'internal', message: 'An error of ours: its request id is in the log.', sentence: undefined, retryAfterSeconds: undefined };
  }
  // A state that stays: nothing is gained by asking again.
  const status = error.code === 'unavailable' && !error.retryable ? STATUS.conflict : STATUS[error.code];
  return {
    status,
    code: error.code,
    message: error.remedy === undefined ? error.message : `${error.message}. ${error.remedy}`,
    sentence: error.customerText,
    retryAfterSeconds: status === 503 || status === 429 ? RETRY_AFTER_SECONDS : undefined,
  };
}
