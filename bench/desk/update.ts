/**
 * One update answers the cases of an incident, and the process that answers is killed in the middle.
 *
 * Invariant: what is counted is read from the store when all is quiet: cases with the update among their entries, and
 * entries of it beyond the first of each.
 */
import { randomUUID } from 'node:crypto';
import { sql } from 'kysely';
import { addUpdate, declareIncident } from '#incident/declared/index.ts';
import type { Store } from '#store/index.ts';
import type { Office } from './office.ts';

export type Updated = { readonly updateS: number; readonly answered: number; readonly closed: number; readonly doubled: number };

/** When so many of the cases are answered, the process is killed. */
const KILL_AT = 0.3;
const LOOK_MS = 10;
const PATIENCE_MS = 60_000;
/** After the last: whatever were to answer a second time had the time to. */
const QUIET_MS = 5_000;

const pause = (ms: number): Promise<void> => new Promise((wake) => setTimeout(wake, ms));

/** Cases are opened and attached as technicians do it, by HTTP; each has its account's screen frozen in it. */
export async function openCases(url: string, incident: string, accounts: readonly number[], cookies: readonly string[]): Promise<void> {
  let next = 0;
  const post = async (path: string, cookie: string, body: unknown): Promise<{ id: number }> => {
    const answer = await fetch(new URL(path, url), { method: 'POST', headers: { 'content-type': 'application/json', 'sec-fetch-site': 'same-origin', cookie }, body: JSON.stringify(body) });
    if (!answer.ok) throw new Error(`${path}: ${answer.status} ${await answer.text()}`);
    return (await answer.json()) as { id: number };
  };
  const technician = async (cookie: string): Promise<void> => {
    while (next < accounts.length) {
      const { id } = await post('/api/desk/cases', cookie, { key: randomUUID(), account: accounts[next++]! });
      await post(`/api/desk/cases/${id}/incident`, cookie, { incident });
    }
  };
  await Promise.all(cookies.slice(0, 8).map(technician));
}

export async function answerAll(store: Store, office: Office, cases: number, cookies: readonly string[], say: (text: string) => void): Promise<Updated> {
  const incident = randomUUID();
  await store.transaction((tx) => declareIncident(tx, { id: incident, title: 'Sign-in is slow', components: ['sign-in'], impact: 'major', public: false, state: 'investigating', text: 'We look into it.', by: 'staff:bench' }));
  const { rows } = await sql<{ id: number }>`select id from account order by id limit ${cases}`.execute(store.db());
  say(`opening ${cases} cases`);
  await openCases(office.url, incident, rows.map(({ id }) => id), cookies);
  const began = performance.now();
  const { updateId } = await store.transaction((tx) => addUpdate(tx, { incidentId: incident, key: randomUUID(), state: 'resolved', text: 'It is mended. Your mail is there.', by: 'staff:bench' }));
  const count = async (): Promise<{ answered: number; entries: number; closed: number }> => {
    const { rows: found } = await sql<{ answered: number; entries: number; closed: number }>`
      select count(distinct e.case_id)::int as answered, count(*)::int as entries, count(distinct c.id) filter (where c.state = 'closed')::int as closed
      from desk_entry e join desk_case c on c.id = e.case_id where c.incident_id = ${incident} and e.update_id = ${updateId}`.execute(store.db());
    return found[0]!;
  };
  let killed = false;
  for (;;) {
    const { answered } = await count();
    if (!killed && answered >= cases * KILL_AT) {
      if (answered === cases) throw new Error('all was answered before the process could be killed');
      say(`${answered} are answered: the office's process ${office.killOffice()} is killed`);
      killed = true;
    }
    if (answered === cases) break;
    if (performance.now() - began > PATIENCE_MS) throw new Error(`${answered} of ${cases} cases are answered after a minute`);
    await pause(LOOK_MS);
  }
  const updateS = (performance.now() - began) / 1_000;
  await pause(QUIET_MS);
  const { answered, entries, closed } = await count();
  return { updateS, answered, closed, doubled: entries - answered };
}
