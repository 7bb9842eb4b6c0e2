/**
 * What the way there taught serves the way back: a move begins with the ledger of the account's last move in the other
 * direction, turned round, so that a rollback copies only what came since, and deletes only what went.
 *
 * Invariants: only pairs whose copy was read back are turned, since only of those both sides are known to hold the same
 * bytes. Nothing is believed for long: the first pass lists both sides, and a row of which either side no longer has its
 * message, or its mailbox's life, falls away there. A row that this direction has already stays as it is.
 */
import { sql } from 'kysely';
import type { Tx } from '#store/index.ts';
import type { MoveRow } from '../claim.ts';

/** For a move that begins. `size` stands for what the source will say of RFC822.SIZE; where it says another, the copy is read again. */
export async function turnBack(tx: Tx, { id, account_id: accountId, source, target }: MoveRow): Promise<void> {
  // In one statement, since of most accounts there is nothing to turn.
  await sql`
    with turned as (insert into ledger (account_id, source, target, mailbox, source_uidvalidity, source_uid, target_mailbox, target_uidvalidity,
      target_uid, fingerprint, internal_date, internal_date_text, flags, size, target_size, read_back)
    select account_id, target, source, target_mailbox, target_uidvalidity, target_uid, mailbox, source_uidvalidity,
      source_uid, fingerprint, internal_date, internal_date_text, flags, size, size, true
    from ledger where account_id = ${accountId} and source = ${target} and target = ${source} and read_back
    on conflict do nothing)
    -- Mailboxes get the names back that they had. One that was deleted meanwhile goes there, too: "created".
    insert into mailbox_pair (move_id, source_mailbox, target_mailbox, source_uidvalidity, target_uidvalidity, created)
    select ${id}, target_mailbox, source_mailbox, target_uidvalidity, source_uidvalidity, true
    from mailbox_pair where move_id = (
      select id from move where account_id = ${accountId} and source = ${target} and target = ${source} and state = 'moved'
      order by id desc limit 1)
    on conflict do nothing`.execute(tx.db());
}
