/**
 * A rollback from a home that is dead: back to the former one, as it was followed last, with a record of what may be
 * missing. For when the new platform, not the old one, is what broke.
 *
 * Invariants: nothing is read from the dead home and nothing proven, so there is no receipt; the record (`loss`) is written
 * in the transaction of the flip. It is fenced as any hold is: every listed instance has cut, so nobody's command or
 * delivery reaches the dead home after the flip, should it come back. A home that hangs never gets quiet: what is under
 * way there is ended by the instances, in the freeze round (`abandoned` in directory/route). What is still there is merged when it can be read
 * again (merge.ts), by a row that is written in the same transaction.
 */
import { sql } from 'kysely';
import { messageOf } from '#errors/index.ts';
import type { Clock } from '#events/clock.ts';
import type { Emit } from '#events/index.ts';
import { readRoute } from '#directory/route/acknowledgements.ts';
import { flip, setFollowing } from '#directory/route/phases.ts';
import type { Store } from '#store/index.ts';
import type { Claim } from '../claim.ts';
import { homeAbandoned, holdEnded, moveState } from '../events.ts';
import { finalFailure } from '../failure.ts';
import { begin, cutAll, endHold, type Holding } from '../hold/hold-rounds.ts';
import { putOffMs } from '../hold/put-off.ts';

type Parts = { readonly store: Store; readonly clock: Clock; readonly emit: Emit };

/** The first try to read the dead platform again. */
const MERGE_AFTER_MS = 15_000;

/** One round: one hold. The route is copying or following, as for any move that is about to hold. */
export async function abandonHome(claim: Claim, { store, clock, emit }: Parts): Promise<'done' | { readonly afterMs: number }> {
  const move = claim.row;
  const holding: Holding = { claim, move, store, clock };
  const subject = { move: move.id, account: move.account_id };
  await claim.transaction(async (tx) => {
    const route = await readRoute(tx, move.account_id);
    if (route?.phase === 'copying') await setFollowing(tx, move.account_id, route.epoch);
    await sql`update move set state = 'following' where id = ${move.id}`.execute(tx.db());
  });
  const began = clock.monotonic();
  const ms = (): number => Math.round(clock.monotonic() - began);
  const epoch = await begin(holding, true);
  if (epoch === undefined) return { afterMs: putOffMs(move.backed_out) };
  try {
    await cutAll(holding, epoch);
    await commit(holding, epoch);
  } catch (error) {
    await claim.transaction((tx) => endHold(tx, move.id, move.account_id, epoch));
    emit(holdEnded, { ...subject, outcome: 'lost', ms: ms(), message: messageOf(error) });
    return { afterMs: putOffMs(move.backed_out) };
  }
  emit(holdEnded, { ...subject, outcome: 'flipped', ms: ms() });
  emit(homeAbandoned, { ...subject, platform: move.source });
  emit(moveState, { ...subject, state: 'moved' });
  return 'done';
}

function commit({ claim, move }: Holding, epoch: number): Promise<void> {
  const { id, account_id: accountId, source, target } = move;
  return claim.transaction(async (tx) => {
    // Without a complete pass since the flip, what was there at the flip is what the former home has.
    await sql`insert into loss (move_id, account_id, platform, followed_at)
      select ${id}, ${accountId}, ${source}, coalesce(m.followed_at, (
        select max(ended_at) from move where account_id = ${accountId} and state = 'moved' and target = ${source}), m.requested_at)
      from move m where m.id = ${id}`.execute(tx.db());
    await sql`update move set state = 'moved', owner = null, owner_until = null, error = null, failure = null,
        ended_at = clock_timestamp(), hold_ms = extract(epoch from clock_timestamp() - held_at) * 1000
      where id = ${id}`.execute(tx.db());
    await sql`with merging as (
        insert into move (account_id, source, target, back, next_at)
        values (${accountId}, ${source}, ${target}, 'merging', clock_timestamp() + ${MERGE_AFTER_MS} * interval '1 millisecond') returning id)
      insert into mailbox_pair (move_id, source_mailbox, target_mailbox, source_uidvalidity, target_uidvalidity, created)
      select merging.id, source_mailbox, target_mailbox, source_uidvalidity, target_uidvalidity, created
      from mailbox_pair, merging where move_id = ${id}`.execute(tx.db());
    claim.fence();
    if (!(await flip(tx, accountId, epoch, target))) throw finalFailure('state', 'the hold ended before the flip');
  });
}
