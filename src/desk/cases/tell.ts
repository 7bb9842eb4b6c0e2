/**
 * What the provider's own systems are told of cases, written in the transaction of what it tells of.
 *
 * Invariant: an event is there exactly when what it tells of happened, and has one delivery for each receiver; customers are told of answers only.
 */
import { sql } from 'kysely';
import type { Tx } from '#store/index.ts';

export const CASE_EVENTS = ['case.opened', 'case.entry', 'case.answered', 'case.assigned', 'case.escalated', 'case.changed', 'case.closed', 'case.reopened', 'case.merged'] as const;
export type CaseEvent = (typeof CASE_EVENTS)[number];

/** The receiver that is the customers' mail: no webhook may have its name. */
export const LETTERS = 'mail';

/** Of several cases the same, as one statement. @param texts what was written, case by case; empty: nothing was */
export async function tellEach(tx: Tx, kind: CaseEvent, caseIds: readonly number[], { by, texts }: { readonly by: string; readonly texts?: readonly string[] }): Promise<void> {
  if (caseIds.length === 0) return;
  await sql`
    with told as (
      insert into desk_event (kind, case_id, body)
      select ${kind}, c.id, jsonb_strip_nulls(jsonb_build_object('case', c.id, 'account', a.address, 'subject', c.subject, 'state', c.state, 'level', c.level,
        'priority', c.priority, 'assignee', c.assignee, 'incident', c.incident_id, 'mergedInto', c.merged_into, 'by', ${by}::text, 'text', nullif(of_case.text, '')))
      from unnest(${[...caseIds]}::bigint[], ${texts === undefined ? caseIds.map(() => '') : [...texts]}::text[]) as of_case (id, text)
      join desk_case c on c.id = of_case.id left join account a on a.id = c.account_id
      returning id
    )
    insert into desk_delivery (event_id, hook) select told.id, h.name from told join desk_hook h on h.name <> ${LETTERS} or ${kind === 'case.answered'}`.execute(tx.db());
}

export async function tell(tx: Tx, kind: CaseEvent, caseId: number, { by, text }: { readonly by: string; readonly text?: string | undefined }): Promise<void> {
  await tellEach(tx, kind, [caseId], { by, ...(text === undefined ? {} : { texts: [text] }) });
}
