/**
 * Written once, answered everywhere: an update of a declared incident becomes an answer in each of its cases, with the
 * customer's own facts, and ends them when it ends.
 *
 * Invariants: an update is in a case once at most (a unique row), and what comes with it (clocks, closing, event, audit) in
 * the same transaction; so whichever process is killed wherever, what it had not committed is done by the next one, and
 * what it had is not done again. A case gets its updates in their order. Cases that were closed, merged or taken off the
 * incident meanwhile are left alone. A case in which somebody was promised a call is answered and stays open: no update
 * keeps that promise.
 */
import { sql } from 'kysely';
import { readOneDeclared } from '#incident/declared/index.ts';
import { auditEach, type Store, type Tx } from '#store/index.ts';
import { factsOf, type WaveForecasts } from './facts.ts';
import { answerOf } from './fill.ts';
import { tellEach } from './tell.ts';

export type AnswerOptions = { readonly forecasts: WaveForecasts; readonly timeZone: string };

/** Cases of one transaction: a tenth of a second, so that a technician's act never waits long for a row. */
const BATCH = 100;
const BY = 'incident';

/** Lists the cases of updates that were written since. Any number of processes may try at once. @returns how many cases were listed */
export async function listDue(tx: Tx): Promise<number> {
  const { rows } = await sql<{ update_id: number; incident_id: string }>`
    with fresh as (
      insert into desk_fanned (update_id)
      select id from incident_update where id > coalesce((select max(update_id) from desk_fanned), 0) order by id
      on conflict do nothing returning update_id
    )
    select f.update_id, u.incident_id from fresh f join incident_update u on u.id = f.update_id order by f.update_id`.execute(tx.db());
  let listed = 0;
  for (const { update_id: updateId, incident_id: incident } of rows) {
    const { numAffectedRows } = await sql`
      insert into desk_due (case_id, update_id) select id, ${updateId} from desk_case where incident_id = ${incident} and state in ('open', 'waiting')`.execute(tx.db());
    listed += Number(numAffectedRows ?? 0n);
  }
  return listed;
}

type Claimed = { readonly case_id: number; readonly update_id: number; readonly account_id: number | null; readonly promised: boolean; readonly live: boolean; readonly incident_id: string; readonly state: string; readonly text: string; readonly text_es: string | null };

/** Answers a batch of them. @returns how many were taken: 0 when nothing is left that no other process has */
export async function answerBatch(store: Store, options: AnswerOptions): Promise<number> {
  return store.transaction(async (tx) => {
    const { rows } = await sql<Claimed>`
      select d.case_id, d.update_id, c.account_id, c.call_back_at is not null as promised,
        c.state in ('open', 'waiting') and c.incident_id is not distinct from u.incident_id as live, u.incident_id, u.state, u.text, u.text_es
      from desk_due d join desk_case c on c.id = d.case_id join incident_update u on u.id = d.update_id
      where not exists (select from desk_due earlier where earlier.case_id = d.case_id and earlier.update_id < d.update_id)
      order by d.update_id, d.case_id limit ${BATCH}
      for update of d skip locked for no key update of c skip locked`.execute(tx.db());
    if (rows.length === 0) return 0;
    const live = rows.filter((row) => row.live);
    for (const [updateId, cases] of Map.groupBy(live, (row) => row.update_id)) await answer(tx, updateId, cases, options);
    await sql`
      delete from desk_due d using unnest(${rows.map((row) => row.case_id)}::bigint[], ${rows.map((row) => row.update_id)}::bigint[]) as done (case_id, update_id)
      where d.case_id = done.case_id and d.update_id = done.update_id`.execute(tx.db());
    return rows.length;
  });
}

async function answer(tx: Tx, updateId: number, cases: readonly Claimed[], options: AnswerOptions): Promise<void> {
  const { incident_id: incident, state, text, text_es: textEs } = cases[0]!;
  const title = (await readOneDeclared(tx, incident))?.title;
  const over = state === 'resolved';
  const facts = await factsOf(tx, cases.flatMap(({ account_id: account }) => (account === null ? [] : [account])), options);
  const texts = cases.map(({ account_id: account, promised }) =>
    answerOf({ text, textEs: textEs ?? undefined, over: over && !promised }, { ...(account === null ? {} : facts.get(account)), ...(title === undefined ? {} : { incident: title }) }));
  const ids = cases.map((row) => row.case_id);
  await sql`
    insert into desk_entry (case_id, by, kind, text, update_id)
    select id, ${BY}, 'update', text, ${updateId} from unnest(${ids}::bigint[], ${texts}::text[]) as told (id, text)`.execute(tx.db());
  const closed = over ? cases.filter(({ promised }) => !promised).map((row) => row.case_id) : [];
  await sql`
    update desk_case set first_answer_at = coalesce(first_answer_at, now()),
      state = case when id = any(${closed}::bigint[]) then 'closed' else state end,
      closed_at = case when id = any(${closed}::bigint[]) then now() end
    where id = any(${ids}::bigint[])`.execute(tx.db());
  await tellEach(tx, 'case.answered', ids, { by: BY, texts });
  await tellEach(tx, 'case.closed', closed, { by: BY });
  await auditEach(tx, ids.map((id) => `case:${id}`), { actor: BY, act: 'case.answered', detail: { incident, update: updateId } });
  await auditEach(tx, closed.map((id) => `case:${id}`), { actor: BY, act: 'case.closed', detail: { incident, update: updateId } });
}

/** Until nothing is left to do now. @returns how many answers this process gave or passed over */
export async function answerAll(store: Store, options: AnswerOptions): Promise<number> {
  await store.transaction(listDue);
  let done = 0;
  for (;;) {
    const taken = await answerBatch(store, options);
    done += taken;
    if (taken === 0) return done;
  }
}
