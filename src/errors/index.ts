/**
 * The one error type of the house.
 *
 * Invariants: `message` is for the engineer, `customerText` for the customer, and no secret is in either. `retryable`
 * says whether the same call may succeed later with nothing changed. A command line maps `code` to an exit status.
 */

/** Classes of failure. Each has one exit status (see `exitStatus`). */
export type ErrorCode =
  | 'usage' // the command line or a request's words
  | 'config' // the configuration file
  | 'input' // an import file, a plan, a receipt
  | 'not-found'
  | 'conflict' // a state that does not allow this
  | 'protocol' // a peer said what it may not say
  | 'limit' // a cap was reached
  | 'unavailable' // a dependency is down, slow or refused us
  | 'refused' // a peer gave a definite no
  | 'aborted'
  | 'check-failed' // a verification ended, and the answer is no
  | 'internal';

export type Details = {
  readonly retryable?: boolean;
  /** What a customer may read. */
  readonly customerText?: string;
  /** Where the fault is: `file:line:column`, `host:port`, a login name. */
  readonly place?: string;
  /** What the reader can do about it. */
  readonly remedy?: string;
  readonly cause?: unknown;
};

export class CausewayError extends Error {
  override readonly name = 'CausewayError';
  readonly code: ErrorCode;
  readonly retryable: boolean;
  readonly customerText: string | undefined;
  readonly place: string | undefined;
  readonly remedy: string | undefined;

  constructor(code: ErrorCode, message: string, details: Details = {}) {
    super(message, details.cause === undefined ? undefined : { cause: details.cause });
    this.code = code;
    this.retryable = details.retryable ?? (code === 'unavailable' || code === 'aborted');
    this.customerText = details.customerText;
    this.place = details.place;
    this.remedy = details.remedy;
  }
}

/** Whether trying again later may help. Unknown errors count as not retryable, but for the network's own. */
export function isRetryable(error: unknown): boolean {
  if (error instanceof CausewayError) return error.retryable;
  return isNetworkError(error);
}

const NETWORK_CODES = new Set(['ECONNREFUSED', 'ECONNRESET', 'EPIPE', 'ETIMEDOUT', 'EHOSTUNREACH', 'ENETUNREACH', 'ENOENT']);

/** A connection that could not be made or that broke, as Node reports it. */
export function isNetworkError(error: unknown): boolean {
  return error instanceof Error && 'code' in error && NETWORK_CODES.has(String(error.code));
}

/** The message of anything that was thrown. */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

/** `message`, then where and what to do, on one line each. */
export function explain(error: unknown): string {
  if (!(error instanceof CausewayError)) return messageOf(error);
  const lines = [error.place === undefined ? error.message : `${error.place}: ${error.message}`];
  if (error.remedy !== undefined) lines.push(`  ${error.remedy}`);
  return lines.join('\n');
}

/** Exit statuses after sysexits.h where it has one that fits. */
const STATUS: Record<ErrorCode, number> = {
  usage: 64,
  config: 78,
  input: 65,
  'not-found': 67,
  conflict: 70,
  protocol: 76,
  limit: 75,
  unavailable: 69,
  refused: 77,
  aborted: 75,
  'check-failed': 1,
  internal: 70,
};

export function exitStatus(error: unknown): number {
  return error instanceof CausewayError ? STATUS[error.code] : 70;
}
