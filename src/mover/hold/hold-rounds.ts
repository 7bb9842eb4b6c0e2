/**
 * A hold's two rounds, its beginning, and its end without a flip.
 *
 * Invariants: what is read after `cutAll` shows all that the account's sessions and deliveries did. A back-out is the same
 * compare-and-set as a flip, so both cannot happen; it may be done by anybody, and twice.
 */
import { sql } from 'kysely';
import { holdState, readRoute } from '#directory/route/acknowledgements.ts';
import { askCut, backOut, beginHold } from '#directory/route/phases.ts';
import { SILENT_MS } from '#directory/route/route.ts';
import { CausewayError } from '#errors/index.ts';
import type { Tx } from '#store/index.ts';
import type { Visit } from '../visit.ts';

/** Often at first, since answers mostly come within some 20 ms; then rarer, since somebody is at work for up to 2 s. */
const POLL_MS = 5;
const LATE_POLL_MS = 50;
const LATE_AFTER_MS = 300;

/** Why a hold was given up without anything having failed. */
type Why = 'busy' | 'silent' | 'late' | 'expired';

const putOff = new WeakMap<Error, Why>();

export function giveUp(why: Why, message: string): CausewayError {
  const error = new CausewayError('conflict', message, { retryable: true });
  putOff.set(error, why);
  return error;
}

/** @returns undefined when something failed */
export function whyGivenUp(error: unknown): Why | undefined {
  return error instanceof Error ? putOff.get(error) : undefined;
}

/**
 * Ends a hold without a flip, in the move's row and in the route. Also for a hold that a former owner left, and for one
 * that another process has backed out already.
 */
export async function endHold(tx: Tx, moveId: number, accountId: number, epoch: number): Promise<void> {
  await backOut(tx, accountId, epoch);
  await sql`update move set state = 'following', epoch = null, held_at = null, backed_out = backed_out + 1
    where id = ${moveId} and state = 'held'`.execute(tx.db());
}

/** What the rounds of a hold need. */
export type Holding = Pick<Visit, 'claim' | 'move' | 'store' | 'clock'>;

/** @returns the hold's epoch; undefined when the route does not allow it now */
export function begin(visit: Holding, abandoned = false): Promise<number | undefined> {
  const { account_id: accountId, id } = visit.move;
  return visit.claim.transaction(async (tx) => {
    const route = await readRoute(tx, accountId);
    if (route === undefined || route.home !== visit.move.source) return undefined;
    const epoch = await beginHold(tx, accountId, route.epoch, abandoned);
    if (epoch === undefined) return undefined;
    await sql`update move set state = 'held', epoch = ${epoch}, held_at = clock_timestamp() where id = ${id}`.execute(tx.db());
    return epoch;
  });
}

/** Both rounds: no session or delivery of the account reaches its home any more. @throws CausewayError `conflict` when somebody is busy or silent */
export async function cutAll(visit: Holding, epoch: number, onQuiet = (): void => {}): Promise<void> {
  await answers(visit, epoch, 'freeze');
  onQuiet();
  if (!(await visit.claim.transaction((tx) => askCut(tx, visit.move.account_id, epoch)))) throw giveUp('expired', 'the hold ended before the cut');
  await answers(visit, epoch, 'cut');
}

/** Waits until every listed instance has given the answer that the round is for. */
async function answers(visit: Holding, epoch: number, stage: 'freeze' | 'cut'): Promise<void> {
  const began = visit.clock.monotonic();
  for (;;) {
    const state = await holdState(visit.store, visit.move.account_id, epoch);
    const waited = visit.clock.monotonic() - began;
    if (state === undefined || state.stage !== stage || state.deadlinePassed) throw giveUp('expired', 'the hold was ended by its deadline');
    if (state.busy > 0) throw giveUp('busy', 'a session or a delivery of the account is busy');
    if (state.quiet === state.listed) return;
    if (state.silent || waited > SILENT_MS) throw giveUp('silent', `no answer from ${state.missing.join(', ')}`);
    await visit.clock.sleep(waited < LATE_AFTER_MS ? POLL_MS : LATE_POLL_MS, visit.claim.signal);
  }
}
