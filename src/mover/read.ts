/** What others may know of moves: for the command line and the waves. */
import { sql } from 'kysely';
import type { Store } from '#store/index.ts';
import type { ReceiptBody } from './hold/receipt.ts';
import { BESIDE, OPEN, type FailureClass, type MoveState, type MoverTables } from './tables.ts';

export type MoveStatus = {
  readonly id: number;
  readonly accountId: number;
  readonly address: string;
  readonly source: string;
  readonly target: string;
  readonly waveId: number | null;
  readonly state: MoveState;
  readonly messages: number;
  readonly bytes: number;
  readonly copiedMessages: number;
  /** With what has come of messages that are not there whole. */
  readonly copiedBytes: number;
  /** Attempts in a row without progress. */
  readonly attempt: number;
  readonly error: string | null;
  readonly failure: FailureClass | null;
  readonly backedOut: number;
  readonly holdMs: number | null;
  readonly requestedAt: Date;
  readonly startedAt: Date | null;
  readonly endedAt: Date | null;
};

const STATUS = sql`m.id, m.account_id as "accountId", a.address, m.source, m.target, m.wave_id as "waveId", m.state,
  m.messages, m.bytes, m.copied_messages as "copiedMessages", m.copied_bytes + m.under_way_bytes as "copiedBytes", m.attempt, m.error,
  m.failure, m.backed_out as "backedOut", m.hold_ms as "holdMs", m.requested_at as "requestedAt",
  m.started_at as "startedAt", m.ended_at as "endedAt"`;

/** What only keeps the former home current, or brings what was left behind, is nobody's move (follow-back.ts, merge.ts). */
const ASKED_FOR = sql`coalesce(m.back <> all(${[...BESIDE]}::text[]), true)`;

/** The moves with these ids, in their order. */
export async function readMoves(store: Store, ids: readonly number[]): Promise<MoveStatus[]> {
  const { rows } = await sql<MoveStatus>`select ${STATUS} from move m join account a on a.id = m.account_id
    where m.id = any(${[...ids]}::bigint[]) order by m.id`.execute(store.db());
  return rows;
}

/** An account's last move. */
export async function lastMove(store: Store, accountId: number): Promise<MoveStatus | undefined> {
  const { rows } = await sql<MoveStatus>`select ${STATUS} from move m join account a on a.id = m.account_id
    where m.account_id = ${accountId} and ${ASKED_FOR} order by m.id desc limit 1`.execute(store.db());
  return rows[0];
}

/** The move of an account that is going on, if there is one. */
export async function openMove(store: Store, accountId: number): Promise<MoveStatus | undefined> {
  const last = await lastMove(store, accountId);
  return last !== undefined && OPEN.includes(last.state) ? last : undefined;
}

/** Moves that are going on, those that are furthest along first. */
export async function openMoves(store: Store, limit = 100): Promise<MoveStatus[]> {
  const { rows } = await sql<MoveStatus>`select ${STATUS} from move m join account a on a.id = m.account_id
    where m.state in ('held', 'following', 'copying', 'queued') and ${ASKED_FOR}
    order by array_position(array['held', 'following', 'copying', 'queued'], m.state), m.id limit ${limit}`.execute(store.db());
  return rows;
}

/** Holds that ended in a flip, ms, in ascending order: for percentiles. */
export async function holdTimes(store: Store, limit = 100_000): Promise<number[]> {
  const { rows } = await sql<{ ms: number }>`
    select hold_ms as ms from move where state = 'moved' and hold_ms is not null order by id desc limit ${limit}`.execute(store.db());
  return rows.map(({ ms }) => ms).sort((a, b) => a - b);
}

/** A move that ended in a flip. `receipt`: undefined where the home that it left was dead. */
export type Arrival = { readonly id: number; readonly source: string; readonly target: string; readonly at: Date; readonly receipt: ReceiptBody | undefined };

/** How an account came to where it lives. */
export async function lastArrival(store: Store, accountId: number): Promise<Arrival | undefined> {
  const { rows } = await sql<Omit<Arrival, 'receipt'> & { body: string | null }>`
    select m.id, m.source, m.target, m.ended_at as at, (select r.body from receipt r where r.account_id = m.account_id and r.move_id = m.id order by r.id desc limit 1) as body
    from move m where m.account_id = ${accountId} and m.state = 'moved' order by m.id desc limit 1`.execute(store.db());
  const [last] = rows;
  if (last === undefined) return undefined;
  const { body, ...arrival } = last;
  return { ...arrival, receipt: body === null ? undefined : (JSON.parse(body) as ReceiptBody) };
}

/** An account's last receipt, as it was signed. */
export async function lastReceipt(store: Store, accountId: number): Promise<{ body: string; signature: string; keyId: string; at: Date } | undefined> {
  const row = await store
    .db<MoverTables>()
    .selectFrom('receipt')
    .select(['body', 'signature', 'key_id', 'at'])
    .where('account_id', '=', accountId)
    .orderBy('id', 'desc')
    .limit(1)
    .executeTakeFirst();
  return row && { body: row.body, signature: row.signature, keyId: row.key_id, at: row.at };
}
