/**
 * One update answers many cases while the process that answers them is killed in the middle, and another takes over.
 */
import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { sql } from 'kysely';
import pg from 'pg';
import type { Connection, Store } from '../../src/store/index.ts';
import { seedCases, update } from '../../src/desk/cases/testing.ts';

export type Answered = {
  readonly answered: number;
  /** Cases with a second answer, closing or event to the same update. */
  readonly doubled: number;
  /** Answers that had been given when the process was killed. */
  readonly beforeKill: number;
};

/** Of the cases a technician, as it were, has the last ones open until the kill: else a quick machine would be through before it. */
const OPEN_SHARE = 1 / 8;

/** It takes seconds; only what hangs is to end here. */
const WITHIN_MS = 180_000;

export type AnswerAll = { readonly store: Store; readonly connection: Connection; readonly accounts: readonly number[]; readonly incident: string; readonly killAfter: number };

/** Ends when all are answered. @param killAfter so many answers @throws when it takes too long */
export async function answerAllCases({ store, connection, accounts, incident, killAfter }: AnswerAll): Promise<Answered> {
  const processes: ChildProcess[] = [];
  const technician = new pg.Client(connection);
  const start = async (): Promise<ChildProcess> => {
    const child = fork(join(import.meta.dirname, 'answerer.ts'), [JSON.stringify(connection)], { stdio: ['ignore', 'inherit', 'inherit', 'ipc'] });
    processes.push(child);
    await once(child, 'message');
    return child;
  };
  try {
    const first = await start();
    const cases = await seedCases(store, accounts, incident);
    await technician.connect();
    await technician.query('begin');
    await technician.query('select from desk_case where id = any($1) for no key update', [cases.slice(-Math.ceil(cases.length * OPEN_SHARE))]);
    const updateId = await update(store, incident, 'resolved', 'All is well again.');
    const begun = performance.now();
    const given = async (): Promise<number> => {
      const { rows } = await sql<{ n: number }>`select count(*)::int as n from desk_entry where update_id = ${updateId}`.execute(store.db());
      return rows[0]!.n;
    };
    const until = async (n: number): Promise<number> => {
      for (;;) {
        const count = await given();
        if (count >= n) return count;
        if (performance.now() - begun > WITHIN_MS) throw new Error(`${count} of ${cases.length} cases were answered in time`);
        await new Promise((resolve) => setTimeout(resolve, 5));
      }
    };
    await until(killAfter);
    first.kill('SIGKILL');
    await once(first, 'exit');
    const beforeKill = await given();
    await technician.query('rollback');
    await start();
    await until(cases.length);
    const { rows } = await sql<{ answered: number; doubled: number }>`
      select count(*) filter (where c.state = 'closed' and e.n > 0)::int as answered, count(*) filter (where e.n > 1 or a.n > 2 or v.n > 2)::int as doubled
      from desk_case c
      left join (select case_id, count(*) as n from desk_entry where update_id = ${updateId} group by case_id) e on e.case_id = c.id
      left join (select subject, count(*) as n from audit where actor = 'incident' group by subject) a on a.subject = 'case:' || c.id
      left join (select case_id, count(*) as n from desk_event group by case_id) v on v.case_id = c.id
      where c.id = any(${cases}::bigint[])`.execute(store.db());
    return { ...rows[0]!, beforeKill };
  } finally {
    for (const child of processes) child.kill('SIGKILL');
    await technician.end();
  }
}
