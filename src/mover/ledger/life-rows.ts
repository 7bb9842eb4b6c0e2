/** Writes down which lives mailboxes have (lives.ts). */
import { sql } from 'kysely';
import type { Tx } from '#store/index.ts';
import type { MoveRow } from '../claim.ts';
import type { Place } from './ledger.ts';

/** The present lives of pairs of mailboxes of a move. */
export async function writeLives(tx: Tx, move: Pick<MoveRow, 'id' | 'account_id' | 'source'>, places: readonly Place[]): Promise<void> {
  await sql`with seen as (${seenRows(move, places)})
    update mailbox_pair set source_uidvalidity = life."sourceUidValidity", target_uidvalidity = life."targetUidValidity"
    from jsonb_to_recordset(${JSON.stringify(places)}::jsonb) as life(mailbox text, "sourceUidValidity" bigint, "targetUidValidity" bigint)
    where move_id = ${move.id} and source_mailbox = life.mailbox`.execute(tx.db());
}

/** UIDVALIDITY values of the source, so that no mailbox of the target is given one of them. */
export async function writeSeen(tx: Tx, move: Pick<MoveRow, 'account_id' | 'source'>, lives: readonly Pick<Place, 'mailbox' | 'sourceUidValidity'>[]): Promise<void> {
  await seenRows(move, lives).execute(tx.db());
}

const seenRows = (move: Pick<MoveRow, 'account_id' | 'source'>, lives: readonly Pick<Place, 'mailbox' | 'sourceUidValidity'>[]) => sql`
  insert into uidvalidity_seen (account_id, platform, mailbox, uidvalidity)
    select ${move.account_id}, ${move.source}, mailbox, "sourceUidValidity"
    from jsonb_to_recordset(${JSON.stringify(lives)}::jsonb) as life(mailbox text, "sourceUidValidity" bigint) on conflict do nothing`;
