/**
 * What cases have to do with each other and with incidents: merging, and the link by which an update answers them.
 *
 * Invariants: a case is linked to one incident at most, and never to one that is over, since nothing would answer it. A
 * case that was merged is changed no more; what was written in it stays in it.
 */
import { sql } from 'kysely';
import { CausewayError } from '#errors/index.ts';
import { audit, type Tx } from '#store/index.ts';
import { lockCase, mustBeLive, putEntry } from './rows.ts';
import { tell } from './tell.ts';

type Asked = { readonly id: number; readonly by: string };

/** @throws CausewayError `conflict` for itself, for a case that is not open, and for another account's */
export async function mergeCase(tx: Tx, { id, by, into }: Asked & { readonly into: number }): Promise<void> {
  if (id === into) throw new CausewayError('conflict', 'a case is not merged into itself');
  // In one order, so that two who merge the same two never wait for each other.
  const [first, second] = [await lockCase(tx, Math.min(id, into)), await lockCase(tx, Math.max(id, into))];
  const [from, to] = id < into ? [first, second] : [second, first];
  mustBeLive(from);
  mustBeLive(to);
  if (from.account_id !== null && to.account_id !== null && from.account_id !== to.account_id) throw new CausewayError('conflict', 'these are cases of two accounts: what is said in one would be told to the other');
  if (from.call_back_at !== null) throw new CausewayError('conflict', `somebody was promised a call in the case ${id}`, { remedy: 'Call back first, or merge the other one into it.' });
  await sql`update desk_case set state = 'merged', merged_into = ${into}, closed_at = now(), call_back_at = null, call_back_phone = null where id = ${id}`.execute(tx.db());
  // A promise that was made in the one is kept in the other.
  await sql`
    update desk_case t set account_id = coalesce(t.account_id, f.account_id), incident_id = coalesce(t.incident_id, f.incident_id), level = greatest(t.level, f.level),
      answer_due = least(t.answer_due, f.answer_due), solution_due = least(t.solution_due, f.solution_due)
    from desk_case f where t.id = ${into} and f.id = ${id}`.execute(tx.db());
  await putEntry(tx, { caseId: id, by, kind: 'act', text: `Goes on in case ${into}.` });
  await putEntry(tx, { caseId: into, by, kind: 'act', text: `Case ${id} goes on here.` });
  await audit(tx, { actor: by, act: 'case.merged', subject: `case:${id}`, detail: { into } });
  await tell(tx, 'case.merged', id, { by });
}

/** @param incident undefined: it is about something else @throws CausewayError `not-found`, `conflict` for an incident that is over */
export async function linkCase(tx: Tx, { id, by, incident }: Asked & { readonly incident: string | undefined }): Promise<void> {
  const row = await lockCase(tx, id);
  if (row.incident_id === (incident ?? null)) return;
  mustBeLive(row);
  const title = incident === undefined ? undefined : await openIncident(tx, incident);
  await sql`update desk_case set incident_id = ${incident ?? null} where id = ${id}`.execute(tx.db());
  await putEntry(tx, { caseId: id, by, kind: 'act', text: title === undefined ? 'Not of an incident any more.' : `Of the incident: ${title}` });
  await audit(tx, { actor: by, act: title === undefined ? 'case.unlinked' : 'case.linked', subject: `case:${id}`, detail: { incident: incident ?? row.incident_id } });
  await tell(tx, 'case.changed', id, { by });
}

/** Held until the transaction's end: an incident that is ended meanwhile has this case among its own. */
async function openIncident(tx: Tx, id: string): Promise<string> {
  const { rows } = await sql<{ title: string; ended_at: Date | null }>`select title, ended_at from declared_incident where id = ${id} for key share`.execute(tx.db());
  if (rows[0] === undefined) throw new CausewayError('not-found', 'there is no such incident');
  if (rows[0].ended_at !== null) throw new CausewayError('conflict', 'this incident is over: its cases were answered');
  return rows[0].title;
}

/**
 * For the act on an account: its newest live case that is of no incident is linked, so that updates answer it.
 * @returns the case; undefined where it has none @throws CausewayError as `linkCase`
 */
export async function linkLiveCase(tx: Tx, { account, incident, by }: { readonly account: number; readonly incident: string; readonly by: string }): Promise<number | undefined> {
  const { rows } = await sql<{ id: number }>`
    select id from desk_case where account_id = ${account} and state in ('open', 'waiting') and incident_id is null order by id desc limit 1`.execute(tx.db());
  const id = rows[0]?.id;
  if (id !== undefined) await linkCase(tx, { id, by, incident });
  return id;
}

/** Takes that back, where the case is still of that incident and not answered by its end. */
export async function unlinkCase(tx: Tx, { id, incident, by }: Asked & { readonly incident: string }): Promise<void> {
  const row = await lockCase(tx, id);
  if (row.incident_id === incident && (row.state === 'open' || row.state === 'waiting')) await linkCase(tx, { id, by, incident: undefined });
}
