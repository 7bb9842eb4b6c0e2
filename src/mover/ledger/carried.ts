/**
 * Where an account's messages were before it was moved, and where they went: the ledger, for who has to recognise them
 * at the new home.
 *
 * Invariants: only reads. A message counts as carried by a move only where it was at the source when that move ended: a
 * ledger row may be a later move's, and a receipt tells by UIDNEXT what was there. A rollback from a dead home has no
 * receipt: then every row counts.
 */
import { sql } from 'kysely';
import type { Store } from '#store/index.ts';
import type { ReceiptBody } from '../hold/receipt.ts';

/** A move that ended in a flip. */
export type Trip = {
  readonly accountId: number;
  readonly source: string;
  readonly target: string;
  readonly endedAt: Date;
  readonly pairs: readonly TripPair[];
};

/** `sourceUidNext`: what has a lower UID was there at the flip; undefined without a receipt. */
export type TripPair = {
  readonly sourceMailbox: string;
  readonly sourceUidValidity: number;
  readonly sourceUidNext: number | undefined;
  readonly targetMailbox: string;
  readonly targetUidValidity: number;
};

/** More moves than any account makes; those before are forgotten. */
const TRIPS = 12;

/** The account's moves, the first first. */
export async function readTrips(store: Store, accountId: number): Promise<Trip[]> {
  const { rows: moves } = await sql<{ id: number; source: string; target: string; endedAt: Date; receipt: string | null }>`
    select m.id, m.source, m.target, m.ended_at as "endedAt", (select body from receipt r where r.move_id = m.id and r.account_id = m.account_id order by r.id desc limit 1) as receipt
    from move m where m.account_id = ${accountId} and m.state = 'moved' order by m.id desc limit ${TRIPS}`.execute(store.db());
  if (moves.length === 0) return [];
  const { rows: pairs } = await sql<{ moveId: number; sourceMailbox: string; targetMailbox: string; sourceUidValidity: number; targetUidValidity: number }>`
    select move_id as "moveId", source_mailbox as "sourceMailbox", target_mailbox as "targetMailbox",
      source_uidvalidity as "sourceUidValidity", target_uidvalidity as "targetUidValidity"
    from mailbox_pair where move_id = any(${moves.map(({ id }) => id)}::bigint[]) and source_uidvalidity is not null and target_uidvalidity is not null`.execute(store.db());
  return moves.toReversed().map(({ id, source, target, endedAt, receipt }) => {
    const proven = receipt === null ? undefined : new Map((JSON.parse(receipt) as ReceiptBody).mailboxes.map((each) => [each.source.mailbox, each.source]));
    const own = pairs.filter(({ moveId }) => moveId === id).map(({ sourceMailbox, sourceUidValidity, targetMailbox, targetUidValidity }): TripPair => {
      const side = proven?.get(sourceMailbox);
      const sourceUidNext = proven === undefined ? undefined : side?.uidValidity === sourceUidValidity ? side.uidNext : 0;
      return { sourceMailbox, sourceUidValidity, sourceUidNext, targetMailbox, targetUidValidity };
    });
    return { accountId, source, target, endedAt, pairs: own };
  });
}

/** @param targetUids in the pair's mailbox at the target @returns by these, the UIDs that the messages had at the source */
export async function cameFrom(store: Store, trip: Trip, pair: TripPair, targetUids: readonly number[]): Promise<Map<number, number>> {
  const { rows } = await sql<{ from: number; to: number }>`
    select source_uid as "from", target_uid as "to" from ledger
    where ${inPair(trip, pair)} and target_mailbox = ${pair.targetMailbox} and target_uidvalidity = ${pair.targetUidValidity}
      and target_uid = any(${[...targetUids]}::bigint[])`.execute(store.db());
  return new Map(rows.flatMap(({ from, to }) => (from < (pair.sourceUidNext ?? Infinity) ? [[to, from]] : [])));
}

/** @param sourceUids in the pair's mailbox at the source @returns by these, the UIDs that the messages have at the target */
export async function wentTo(store: Store, trip: Trip, pair: TripPair, sourceUids: readonly number[]): Promise<Map<number, number>> {
  const { rows } = await sql<{ from: number; to: number }>`
    select source_uid as "from", target_uid as "to" from ledger
    where ${inPair(trip, pair)} and source_uid = any(${[...sourceUids]}::bigint[])
      and target_mailbox = ${pair.targetMailbox} and target_uidvalidity = ${pair.targetUidValidity}`.execute(store.db());
  return new Map(rows.map(({ from, to }) => [from, to]));
}

const inPair = ({ accountId, source, target }: Trip, pair: TripPair) => sql`account_id = ${accountId} and source = ${source} and target = ${target}
  and mailbox = ${pair.sourceMailbox} and source_uidvalidity = ${pair.sourceUidValidity}`;
