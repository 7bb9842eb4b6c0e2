/**
 * What is done with a case: writing, giving it to somebody, priority, handing it on, calling back, closing.
 *
 * Invariants: each act is one transaction with its audit row and its event; one with a key happens once. Two who act at
 * once do so one after the other, and who has not seen the last answer does not give another one.
 */
import { sql } from 'kysely';
import { CausewayError } from '#errors/index.ts';
import { readOneDeclared } from '#incident/declared/index.ts';
import { audit, type Store, type Tx } from '#store/index.ts';
import type { Made, Priority } from './api.ts';
import { dueOf } from './clocks.ts';
import { type Freeze, keepEvidence } from './open.ts';
import { lockCase, mustBeLive, putEntry } from './rows.ts';
import { tell } from './tell.ts';

type Asked = { readonly id: number; readonly by: string };
type Written = Asked & { readonly key: string; readonly text?: string | undefined };

/** @throws CausewayError `conflict` when another has answered since `seen`, or the case is closed */
export async function addEntry(tx: Tx, { id, by, key, kind, text, seen }: Asked & { readonly key: string; readonly kind: 'note' | 'answer' | 'call'; readonly text: string; readonly seen?: number | undefined }): Promise<Made> {
  const row = await lockCase(tx, id);
  const entry = await putEntry(tx, { caseId: id, key, by, kind, text });
  if (!entry.made) return entry;
  if (kind !== 'note') {
    mustBeLive(row);
    await mustHaveSeen(tx, id, entry.id, by, seen);
    await sql`update desk_case set first_answer_at = coalesce(first_answer_at, now()) where id = ${id}`.execute(tx.db());
  }
  await audit(tx, { actor: by, act: kind === 'note' ? 'case.noted' : 'case.answered', subject: `case:${id}`, detail: { entry: entry.id, kind } });
  await tell(tx, kind === 'answer' ? 'case.answered' : 'case.entry', id, { by, text });
  return entry;
}

async function mustHaveSeen(tx: Tx, id: number, mine: number, by: string, seen: number | undefined): Promise<void> {
  if (seen === undefined) return;
  const { rows } = await sql<{ by: string }>`
    select by from desk_entry where case_id = ${id} and id > ${seen} and id < ${mine} and kind in ('answer', 'update', 'call') and by <> ${by} order by id desc limit 1`.execute(tx.db());
  if (rows[0] !== undefined) throw new CausewayError('conflict', `${rows[0].by} has answered meanwhile`, { remedy: 'Read it, then answer again if it is still needed.' });
}

export async function assign(tx: Tx, { id, by, to }: Asked & { readonly to: string | null }): Promise<void> {
  const row = await lockCase(tx, id);
  if (row.assignee === to) return;
  mustBeLive(row);
  await sql`update desk_case set assignee = ${to} where id = ${id}`.execute(tx.db());
  await putEntry(tx, { caseId: id, by, kind: 'act', text: to === null ? 'Given back to the queue.' : `Given to ${to}.` });
  await audit(tx, { actor: by, act: 'case.assigned', subject: `case:${id}`, detail: { from: row.assignee, to } });
  await tell(tx, 'case.assigned', id, { by });
}

export async function setPriority(tx: Tx, { id, by, priority }: Asked & { readonly priority: Priority }): Promise<void> {
  const row = await lockCase(tx, id);
  if (row.priority === priority) return;
  mustBeLive(row);
  const { answerDue, solutionDue } = dueOf(priority, row.opened_at.getTime());
  await sql`update desk_case set priority = ${priority}, answer_due = ${new Date(answerDue)}, solution_due = ${new Date(solutionDue)} where id = ${id}`.execute(tx.db());
  await putEntry(tx, { caseId: id, by, kind: 'act', text: `Priority: ${priority}, was ${row.priority}.` });
  await audit(tx, { actor: by, act: 'case.prioritised', subject: `case:${id}`, detail: { from: row.priority, to: priority } });
  await tell(tx, 'case.changed', id, { by });
}

/** From one to two, with a note and the evidence as it is now; nobody has it then. @throws CausewayError `conflict` when it is there already */
export async function escalate(store: Store, freeze: Freeze, { id, by, key, text }: Written & { readonly text: string }): Promise<Made> {
  const { rows } = await sql<{ account_id: number | null }>`select account_id from desk_case where id = ${id}`.execute(store.db());
  const account = rows[0]?.account_id ?? undefined;
  const frozen = account === undefined ? undefined : await freeze(account);
  return store.transaction(async (tx) => {
    const row = await lockCase(tx, id);
    const entry = await putEntry(tx, { caseId: id, key, by, kind: 'hand-over', text });
    if (!entry.made) return entry;
    mustBeLive(row);
    if (row.level === 2) throw new CausewayError('conflict', `the case ${id} is with level two already`);
    await sql`update desk_case set level = 2, assignee = null where id = ${id}`.execute(tx.db());
    if (frozen !== undefined) await keepEvidence(tx, id, 'escalated', frozen);
    await audit(tx, { actor: by, act: 'case.escalated', subject: `case:${id}`, why: text.slice(0, 500), detail: { from: row.assignee } });
    await tell(tx, 'case.escalated', id, { by, text });
    return entry;
  });
}

/** Promises a call. @param at ms since the epoch */
export async function promiseCallBack(tx: Tx, { id, by, key, at, phone, text }: Written & { readonly at: number; readonly phone: string }): Promise<Made> {
  const row = await lockCase(tx, id);
  const entry = await putEntry(tx, { caseId: id, key, by, kind: 'act', text: `To be called back at ${new Date(at).toISOString().slice(0, 16).replace('T', ' ')} UTC: ${phone}${text === undefined ? '' : `\n${text}`}` });
  if (!entry.made) return entry;
  mustBeLive(row);
  await sql`update desk_case set state = 'waiting', call_back_at = ${new Date(at)}, call_back_phone = ${phone} where id = ${id}`.execute(tx.db());
  await audit(tx, { actor: by, act: 'case.call-back-promised', subject: `case:${id}`, detail: { at: new Date(at).toISOString() } });
  await tell(tx, 'case.changed', id, { by });
  return entry;
}

/** The call was tried. Where nobody was reached the promise stands. */
export async function calledBack(tx: Tx, { id, by, key, reached, text }: Written & { readonly reached: boolean }): Promise<Made> {
  const row = await lockCase(tx, id);
  const entry = await putEntry(tx, { caseId: id, key, by, kind: reached ? 'call' : 'act', text: `${reached ? 'Called back.' : 'Called back; nobody answered.'}${text === undefined ? '' : `\n${text}`}` });
  if (!entry.made) return entry;
  if (row.call_back_at === null) throw new CausewayError('conflict', `nobody was promised a call in the case ${id}`);
  if (reached) {
    await sql`
      update desk_case set call_back_at = null, call_back_phone = null, state = case state when 'waiting' then 'open' else state end,
        first_answer_at = coalesce(first_answer_at, now()) where id = ${id}`.execute(tx.db());
  }
  await audit(tx, { actor: by, act: 'case.called-back', subject: `case:${id}`, detail: { reached } });
  await tell(tx, 'case.entry', id, { by, text });
  return entry;
}

/** @param text said to the customer, where something is */
export async function closeCase(tx: Tx, { id, by, key, text }: Written): Promise<Made> {
  const row = await lockCase(tx, id);
  const entry = await putEntry(tx, { caseId: id, key, by, kind: text === undefined ? 'act' : 'answer', text: text ?? 'Closed.' });
  if (!entry.made) return entry;
  mustBeLive(row);
  await sql`
    update desk_case set state = 'closed', closed_at = now(), call_back_at = null, call_back_phone = null,
      first_answer_at = case when ${text !== undefined} then coalesce(first_answer_at, now()) else first_answer_at end where id = ${id}`.execute(tx.db());
  await audit(tx, { actor: by, act: 'case.closed', subject: `case:${id}` });
  if (text !== undefined) await tell(tx, 'case.answered', id, { by, text });
  await tell(tx, 'case.closed', id, { by });
  return entry;
}

export async function reopenCase(tx: Tx, { id, by, key, text }: Written): Promise<Made> {
  const row = await lockCase(tx, id);
  const entry = await putEntry(tx, { caseId: id, key, by, kind: 'act', text: `Opened again.${text === undefined ? '' : `\n${text}`}` });
  if (!entry.made) return entry;
  if (row.state !== 'closed') throw new CausewayError('conflict', `the case ${id} is ${row.state}`);
  // An incident that is over will answer nobody any more.
  const incident = row.incident_id === null ? undefined : await readOneDeclared(tx, row.incident_id);
  await sql`update desk_case set state = 'open', closed_at = null, incident_id = ${incident?.endedAt === undefined ? row.incident_id : null} where id = ${id}`.execute(tx.db());
  await audit(tx, { actor: by, act: 'case.reopened', subject: `case:${id}` });
  await tell(tx, 'case.reopened', id, { by, text });
  return entry;
}
