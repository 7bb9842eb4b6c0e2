/** What an act on a case begins and ends with: the locked row, and the entry that says what was done. */
import { sql } from 'kysely';
import { CausewayError } from '#errors/index.ts';
import type { Tx } from '#store/index.ts';
import { type CaseState, type EntryKind, type Level, MOST_ENTRIES, type Priority } from './api.ts';

export type CaseRow = {
  readonly id: number;
  readonly account_id: number | null;
  readonly state: CaseState;
  readonly level: Level;
  readonly priority: Priority;
  readonly assignee: string | null;
  readonly incident_id: string | null;
  readonly opened_at: Date;
  readonly first_answer_at: Date | null;
  readonly call_back_at: Date | null;
};

/** Of two who act on a case at once the second waits for the first. @throws CausewayError `not-found` */
export async function lockCase(tx: Tx, id: number): Promise<CaseRow> {
  const { rows } = await sql<CaseRow>`
    select id, account_id, state, level, priority, assignee, incident_id, opened_at, first_answer_at, call_back_at
    from desk_case where id = ${id} for no key update`.execute(tx.db());
  if (rows[0] === undefined) throw new CausewayError('not-found', `there is no case ${id}`);
  return rows[0];
}

/** @throws CausewayError `conflict` */
export function mustBeLive({ id, state }: Pick<CaseRow, 'id' | 'state'>): void {
  if (state === 'open' || state === 'waiting') return;
  throw new CausewayError('conflict', `the case ${id} is ${state}`, state === 'closed' ? { remedy: 'Open it again first.' } : {});
}

export type NewEntry = { readonly caseId: number; readonly key?: string; readonly by: string; readonly kind: Exclude<EntryKind, 'update'>; readonly text: string };

/** @returns `made` false: it was there, and so is all else that came with it @throws CausewayError `limit` */
export async function putEntry(tx: Tx, { caseId, key, by, kind, text }: NewEntry): Promise<{ id: number; made: boolean }> {
  const { rows: before } = await sql<{ id: number | null; count: number }>`
    select max(id) filter (where key = ${key ?? null}::uuid) as id, count(*)::int as count from desk_entry where case_id = ${caseId}`.execute(tx.db());
  const { id, count } = before[0]!;
  if (id !== null) return { id, made: false };
  if (count >= MOST_ENTRIES) throw new CausewayError('limit', `a case has at most ${MOST_ENTRIES} entries`, { remedy: 'Close it and open another one.' });
  const { rows } = await sql<{ id: number }>`
    insert into desk_entry (case_id, key, by, kind, text) values (${caseId}, ${key ?? null}, ${by}, ${kind}, ${text}) returning id`.execute(tx.db());
  return { id: rows[0]!.id, made: true };
}
