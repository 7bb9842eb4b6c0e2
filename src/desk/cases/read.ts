/** Reading cases: queues, one case with all that was written in it, its frozen evidence. Nothing here writes. */
import { sql } from 'kysely';
import type { z } from 'zod';
import { CausewayError } from '#errors/index.ts';
import type { Store } from '#store/index.ts';
import type { CaseEvidence } from '../screen/evidence.ts';
import { type CaseLine, CASES_PAGE, type CasesPage, type CaseSeen, type CaseState, type casesQuery, type EntryKind, type Level, MOST_ENTRIES, type Priority, type Queue, type QueueCounts } from './api.ts';
import { othersAt } from './looking.ts';

type Reads = Pick<Store, 'db'>;

const HOUR_MS = 3_600_000;

type LineRow = {
  id: number; account_id: number | null; address: string | null; name: string | null; subject: string; state: CaseState; level: Level; priority: Priority;
  assignee: string | null; incident_id: string | null; opened_at: Date; opened_by: string; answer_due: Date; solution_due: Date; first_answer_at: Date | null;
  closed_at: Date | null; merged_into: number | null; call_back_at: Date | null; call_back_phone: string | null;
};

const LINE = sql`c.id, c.account_id, a.address, nullif(k.name, '') as name, c.subject, c.state, c.level, c.priority, c.assignee, c.incident_id, c.opened_at, c.opened_by,
  c.answer_due, c.solution_due, c.first_answer_at, c.closed_at, c.merged_into, c.call_back_at, c.call_back_phone`;
const FROM = sql`desk_case c left join account a on a.id = c.account_id left join customer k on k.account_id = c.account_id`;
/** The nearest of what was promised: the order of every queue. */
const PRESSING = sql`floor(extract(epoch from case when c.call_back_at is not null then least(c.call_back_at, c.solution_due) when c.first_answer_at is null then least(c.answer_due, c.solution_due) else c.solution_due end) * 1000)::bigint`;
const LIVE = sql`c.state in ('open', 'waiting')`;

/** @param now ms since the epoch */
function inQueue(queue: Queue, name: string, now: number) {
  const due = (ms: number) => sql`c.call_back_at <= ${new Date(now + ms)}`;
  const atLevel = (level: Level) => sql`${LIVE} and c.level = ${level} and (c.state = 'open' or ${due(0)})`;
  switch (queue) {
    case 'level-one':
      return atLevel(1);
    case 'level-two':
      return atLevel(2);
    case 'mine':
      return sql`${LIVE} and c.assignee = ${name}`;
    case 'call-backs':
      return sql`${LIVE} and ${due(HOUR_MS)}`;
    case 'all':
      return sql`true`;
  }
}

/** @param name who asks: whose cases are `mine` */
export async function readCases(store: Reads, { queue, account, incident, closed, after }: z.infer<typeof casesQuery>, { name, now }: { readonly name: string; readonly now: number }): Promise<CasesPage> {
  const [afterAt, afterId] = after?.split('~').map(Number) ?? [0, 0];
  const { rows } = await sql<LineRow & { pressing: number }>`
    select * from (select ${LINE}, ${PRESSING} as pressing from ${FROM}
      where ${inQueue(queue, name, now)} and ${closed ? sql`true` : LIVE}
        ${account === undefined ? sql`` : sql`and c.account_id = ${account}`} ${incident === undefined ? sql`` : sql`and c.incident_id = ${incident}`}) found
    where (pressing, id) > (${afterAt}::bigint, ${afterId}::bigint)
    order by pressing, id limit ${CASES_PAGE + 1}`.execute(store.db());
  const page = rows.slice(0, CASES_PAGE);
  const last = rows.length > CASES_PAGE ? page.at(-1) : undefined;
  return { cases: page.map(lineOf), next: last === undefined ? undefined : `${last.pressing}~${last.id}` };
}

export async function countQueues(store: Reads, { name, now }: { readonly name: string; readonly now: number }): Promise<QueueCounts> {
  const counted = (queue: Exclude<Queue, 'all'>) => sql`jsonb_build_object('cases', count(*) filter (where ${inQueue(queue, name, now)}), 'late', count(*) filter (where ${inQueue(queue, name, now)} and ${PRESSING} < ${now}::bigint))`;
  const { rows } = await sql<QueueCounts>`
    select ${counted('level-one')} as "level-one", ${counted('level-two')} as "level-two", ${counted('mine')} as mine, ${counted('call-backs')} as "call-backs"
    from desk_case c where ${LIVE}`.execute(store.db());
  return rows[0]!;
}

/** @throws CausewayError `not-found` */
export async function readLine(store: Reads, id: number): Promise<CaseLine> {
  const { rows } = await sql<LineRow>`select ${LINE} from ${FROM} where c.id = ${id}`.execute(store.db());
  if (rows[0] === undefined) throw new CausewayError('not-found', `there is no case ${id}`);
  return lineOf(rows[0]);
}

/** @param name who asks @throws CausewayError `not-found` */
export async function readCase(store: Store, id: number, name: string): Promise<CaseSeen> {
  const [line, entries, evidence, others, merged] = await Promise.all([
    readLine(store, id),
    sql<{ id: number; at: Date; by: string; kind: EntryKind; text: string; update_id: number | null }>`
      select id, at, by, kind, text, update_id from desk_entry where case_id = ${id} order by id limit ${2 * MOST_ENTRIES}`.execute(store.db()),
    sql<{ id: number; at: Date; why: 'opened' | 'escalated' }>`select id, at, why from desk_evidence where case_id = ${id} order by id`.execute(store.db()),
    othersAt(store, id, name),
    sql<{ id: number }>`select id from desk_case where merged_into = ${id} order by id`.execute(store.db()),
  ]);
  return {
    case: line,
    entries: entries.rows.map(({ at, update_id: updateId, ...entry }) => ({ ...entry, at: at.getTime(), updateId: updateId ?? undefined })),
    evidence: evidence.rows.map((each) => ({ ...each, at: each.at.getTime() })),
    others,
    merged: merged.rows.map((each) => each.id),
  };
}

/** As it was then. @throws CausewayError `not-found` */
export async function readFrozen(store: Reads, caseId: number, evidenceId: number): Promise<object> {
  const { rows } = await sql<{ frozen: object }>`select frozen from desk_evidence where id = ${evidenceId} and case_id = ${caseId}`.execute(store.db());
  if (rows[0] === undefined) throw new CausewayError('not-found', `the case ${caseId} has no evidence ${evidenceId}`);
  return rows[0].frozen;
}

/** For the screen: an account's cases, the latest first, 20 at most. */
export async function casesOf(store: Reads, accountId: number): Promise<CaseEvidence[]> {
  const { rows } = await sql<{ id: number; state: string; subject: string; opened_at: Date; closed_at: Date | null; incident_id: string | null }>`
    select id, state, subject, opened_at, closed_at, incident_id from desk_case where account_id = ${accountId} order by id desc limit 20`.execute(store.db());
  return rows.map(({ opened_at: opened, closed_at: closed, incident_id: incidentId, ...row }) => ({
    ...row, openedAt: opened.getTime(), ...(closed === null ? {} : { closedAt: closed.getTime() }), ...(incidentId === null ? {} : { incidentId }),
  }));
}

function lineOf(row: LineRow): CaseLine {
  const live = row.closed_at === null;
  return {
    id: row.id,
    account: row.account_id === null ? undefined : { id: row.account_id, address: row.address!, name: row.name ?? undefined },
    subject: row.subject,
    state: row.state,
    level: row.level,
    priority: row.priority,
    assignee: row.assignee ?? undefined,
    incidentId: row.incident_id ?? undefined,
    openedAt: row.opened_at.getTime(),
    openedBy: row.opened_by,
    answerDue: live && row.first_answer_at === null ? row.answer_due.getTime() : undefined,
    solutionDue: live ? row.solution_due.getTime() : undefined,
    firstAnswerAt: row.first_answer_at?.getTime(),
    closedAt: row.closed_at?.getTime(),
    mergedInto: row.merged_into ?? undefined,
    callBack: row.call_back_at === null ? undefined : { at: row.call_back_at.getTime(), phone: row.call_back_phone! },
  };
}
