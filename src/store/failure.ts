import { DatabaseError } from 'pg';
import { CausewayError, messageOf } from '#errors/index.ts';

/**
 * What a failed statement means to its caller. Invariant: a store that is down, hung, full, restarting or out of
 * reach is `unavailable`; a constraint that said no stays pg's own DatabaseError, for the caller to judge.
 */

/**
 * SQLSTATE classes and codes under which the same call may succeed later: connection, resources (53100 is a full
 * disk), operator, system errors; then timeouts and deadlocks, a standby that is not yet primary, and log-in refusals
 * (an operator at work on pg_hba.conf).
 */
const PASSING_CLASSES = ['08', '53', '57', '58', '28'];
const PASSING_CODES = new Set(['25P03', '25006', '3D000', '40001', '40P01', '55P03']);

/** A statement's error as the house says it. */
export function storeFailure(error: unknown): unknown {
  if (error instanceof CausewayError) return error;
  if (error instanceof DatabaseError) {
    const state = error.code ?? '';
    if (!PASSING_CLASSES.includes(state.slice(0, 2)) && !PASSING_CODES.has(state)) return error;
    return unavailable(error);
  }
  // pg throws TypeError for a parameter that it cannot encode: the caller's mistake. All else is the connection.
  return error instanceof TypeError ? error : unavailable(error);
}

const failures = new WeakSet<Error>();

/** The error for a store that could not be used. */
export function unavailable(cause: unknown, remedy?: string): CausewayError {
  const error = new CausewayError('unavailable', `the store cannot be used now: ${messageOf(cause)}`, { cause, remedy });
  failures.add(error);
  return error;
}

/** Whether it was the store that could not be used, and nothing else: no fault of what the caller was doing. */
export function isStoreUnavailable(error: unknown): boolean {
  return error instanceof Error && failures.has(error);
}

/** Whether the connection that gave this error must not be used again. */
export function breaksConnection(error: unknown): boolean {
  if (error instanceof DatabaseError) return error.severity === 'FATAL' || error.severity === 'PANIC';
  return !(error instanceof TypeError);
}

/** Whether a unique (23505) constraint refused the row; `constraint` narrows it to the one of that name. */
export function isUniqueViolation(error: unknown, constraint?: string): boolean {
  return (
    error instanceof DatabaseError &&
    error.code === '23505' &&
    (constraint === undefined || error.constraint === constraint)
  );
}
