/**
 * A server's definite no, and the response code that came with it.
 *
 * Invariants: a message holds the command's name and the server's words, never an argument that we sent. The server's
 * words are cut and freed of control characters, since they go to logs and screens.
 */
import { CausewayError, type Details, type ErrorCode } from '#errors/index.ts';
import type { Response, ResponseCode } from '#wire/imap/response.ts';

export type Tagged = Extract<Response, { kind: 'tagged' }>;

/** What the server answered: NO, BAD or BYE. */
export type Refusal = { readonly status: 'NO' | 'BAD' | 'BYE'; readonly code?: ResponseCode; readonly text: string };

const refusals = new WeakMap<Error, Refusal>();

/** Long enough for the sentences that servers send; longer ones are not for a log line. */
const TEXT_LIMIT = 200;

/** An error that remembers the server's answer, for `responseCodeOf` and `refusalOf`. */
export function refusal(code: ErrorCode, what: string, answer: Refusal, details: Details = {}): CausewayError {
  const words = [answer.status, answer.code === undefined ? '' : `[${answer.code.name}]`, answer.text]
    .filter((word) => word !== '')
    .join(' ');
  const error = new CausewayError(code, `${what}: ${printable(words)}`, details);
  refusals.set(error, answer);
  return error;
}

/** The name of the response code, in upper case, that came with a server's NO, BAD or BYE: `TRYCREATE`, `OVERQUOTA`. */
export function responseCodeOf(error: unknown): string | undefined {
  return refusalOf(error)?.code?.name;
}

/** The server's whole answer, when the error tells of one. */
export function refusalOf(error: unknown): Refusal | undefined {
  return error instanceof Error ? refusals.get(error) : undefined;
}

/** Errors within errors: more than any of ours are wrapped. */
const DEPTH = 8;

/** The answers that an error tells of, and those that its causes tell of, each with the error that has it. */
export function* refusalsIn(error: unknown): Generator<{ readonly error: Error; readonly answer: Refusal }> {
  let cause = error;
  for (let depth = 0; depth < DEPTH && cause instanceof Error; depth += 1, cause = cause.cause) {
    const answer = refusals.get(cause);
    if (answer !== undefined) yield { error: cause, answer };
  }
}

function printable(text: string): string {
  // eslint-disable-next-line no-control-regex -- they are what is taken out
  const clean = text.replaceAll(/[\u0000-\u001f\u007f-\u009f]/g, ' ');
  return clean.length > TEXT_LIMIT ? `${clean.slice(0, TEXT_LIMIT)}…` : clean;
}
