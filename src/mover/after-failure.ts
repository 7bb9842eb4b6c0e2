/**
 * The end of a round that something went wrong in.
 *
 * Invariants: a move that fails is settled on its source, with its error kept, and waits for a person; any other is tried
 * again. What another worker has taken over is not ours to judge.
 */
import { sql } from 'kysely';
import { CausewayError } from '#errors/index.ts';
import { isCrowded } from '#imap/crowded.ts';
import { readRoute } from '#directory/route/acknowledgements.ts';
import { settle } from '#directory/route/phases.ts';
import { isStoreUnavailable } from '#store/index.ts';
import type { Claim, MoveRow } from './claim.ts';
import { attemptFailed, moveFailed } from './events.ts';
import { backOffMs, judge } from './failure.ts';
import { noteNotFollowed } from './back/follow-back.ts';
import { endHold } from './hold/hold-rounds.ts';
import { isBeside } from './round-options.ts';
import type { Next, RoundOptions } from './round-options.ts';
import type { FailureClass } from './tables.ts';
import { isAt, LONGEST_NAMED_MS, slowingOf, unansweredAt } from './limits/throttle.ts';
import type { Slowing } from './limits/throttle.ts';

/** What a round did before it ended. */
export type Progress = { made: boolean; unclean: boolean };

/** What is to be done about an error: the move is given back, or has failed. @throws what the store throws */
export async function afterFailure(claim: Claim, options: RoundOptions, error: unknown, progress: Progress): Promise<Next> {
  const { row } = claim;
  if (isLost(claim)) {
    await claim.release({ unclean: true });
    return 'done';
  }
  const judgement = judge(error);
  const slowing = slowingOf(error);
  // Dovecot 2.4 says [LIMIT] of an account's own cap, too.
  if (isCrowded(error)) options.throttle?.crowded(row.account_id);
  else if (slowing !== undefined) slowDown(slowing, row, options);
  noteSilence(error, row, options);
  if (isBeside(row)) {
    options.emit(attemptFailed, { move: row.id, account: row.account_id, attempt: row.attempt + 1, message: judgement.message });
    await noteNotFollowed(claim, judgement, progress.unclean);
    return 'done';
  }
  const subject = { move: row.id, account: row.account_id };
  const attempt = progress.made ? 1 : row.attempt + (isStoreUnavailable(error) || slowing !== undefined ? 0 : 1);
  if (judgement.kind === 'fail' || attempt >= judgement.attempts) {
    await fail(claim, judgement.failure, judgement.message);
    options.emit(moveFailed, { ...subject, failure: judgement.failure, message: judgement.message });
    await claim.release();
    return 'done';
  }
  options.emit(attemptFailed, { ...subject, attempt, message: judgement.message });
  await claim.transaction(async (tx) => {
    await sql`update move set attempt = ${attempt}, error = ${judgement.message} where id = ${row.id}`.execute(tx.db());
  });
  const afterMs = Math.max(backOffMs(attempt), Math.min(slowing?.namedMs ?? 0, LONGEST_NAMED_MS));
  await claim.release({ nextInMs: afterMs, unclean: progress.unclean });
  return { afterMs };
}

/** A platform asked for fewer or slower commands: it gets fewer moves. */
function slowDown({ namedMs, place }: Slowing, { source, target }: MoveRow, { platforms, throttle }: RoundOptions): void {
  for (const name of [source, target]) {
    const platform = platforms[name];
    if (platform !== undefined && isAt(place, platform)) throttle?.slow(name, namedMs);
  }
}

/** A platform that did not answer is tried by fewer. */
function noteSilence(error: unknown, { source, target }: MoveRow, { platforms, throttle }: RoundOptions): void {
  const place = unansweredAt(error);
  if (place === undefined) return;
  for (const name of [source, target]) {
    const platform = platforms[name];
    if (platform !== undefined && isAt(place, platform)) throttle?.unanswered(name);
  }
}

/** Whether the move is another's now, or may be: then it is not ours to judge. */
function isLost(claim: Claim): boolean {
  try {
    claim.fence();
    return false;
  } catch (error) {
    return error instanceof CausewayError;
  }
}

/** The account stays on the source, and the error with the move. */
async function fail(claim: Claim, failure: FailureClass, message: string): Promise<void> {
  await claim.transaction(async (tx, { id, account_id: accountId, state, epoch }) => {
    if (state === 'held' && epoch !== null) await endHold(tx, id, accountId, epoch);
    const route = await readRoute(tx, accountId);
    if (route !== undefined && state !== 'queued') await settle(tx, accountId, route.epoch);
    await sql`update move set state = 'failed', owner = null, owner_until = null, failure = ${failure}, error = ${message},
      ended_at = clock_timestamp() where id = ${id}`.execute(tx.db());
  });
}
