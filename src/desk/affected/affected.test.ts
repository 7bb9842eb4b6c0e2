import { sql } from 'kysely';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { migrations } from '#context/migrations.ts';
import { noteSignIns, type SignInSeen } from '#directory/index.ts';
import { addAccount } from '#directory/testing.ts';
import { type App, createApp, tellInJson } from '#http/app.ts';
import { actAs } from '#staff/testing.ts';
import { openTestStore, type TestStore } from '#store/testing.ts';
import { addAffectedRoutes } from './app.ts';
import { AFFECTED, AFFECTED_CSV, AFFECTED_LIST, type AffectedCounts, type AffectedList } from './api.ts';

let fixture: TestStore;
let app: App;
const ids: Record<string, number> = {};
let role: 'level-one' | undefined = 'level-one';

beforeAll(async () => {
  fixture = await openTestStore(migrations);
  app = createApp(() => {}, tellInJson);
  actAs(app, () => (role === undefined ? undefined : { id: 1, name: 'ada', role }));
  addAffectedRoutes(app, { store: fixture.store });
  for (const [name, home] of [['fine', 'old'], ['out', 'old'], ['back', 'old'], ['moved', 'new'], ['quiet', 'old']] as const) ids[name] = await addAccount(fixture.store, { address: `${name}@isp.example`, home, authority: home });
  ids['evil'] = await addAccount(fixture.store, { address: '=cmd@isp.example' });
  const seen = (name: string, minutesAgo: number, more: Partial<SignInSeen> = {}): SignInSeen => {
    const at = new Date(Date.now() - minutesAgo * 60_000);
    return { accountId: ids[name]!, protocol: 'imap', network: '192.0.2.1', device: 'iPhone Mail 22', outcome: 'accepted', means: 'password', reason: '', firstAt: at, lastAt: at, times: 1, ...more };
  };
  const waiting = { outcome: 'waiting', means: 'none', reason: 'verifier-down' } as const;
  await noteSignIns(fixture.store, [
    seen('fine', 10), seen('fine', 5, { device: 'iPhone Mail 23' }),
    seen('out', 30), seen('out', 3, waiting),
    seen('back', 30, waiting), seen('back', 2),
    seen('moved', 4, { protocol: 'pop3', device: '' }),
    seen('quiet', 300),
    seen('evil', 1, { device: '@SUM(A1)', outcome: 'rejected', means: 'none', reason: 'secret' }),
  ]);
  await sql`insert into incident (id, instance, kind, platform, protocols, began_at, occurrences, accounts) values (gen_random_uuid(), 'one', 'sentinel', 'new', '{}', now(), 9, 40)`.execute(fixture.store.db());
  await sql`insert into desk_case (key, account_id, subject, priority, incident_id, opened_by, answer_due, solution_due) values (gen_random_uuid(), ${ids['fine']}, 'slow', 'normal', gen_random_uuid(), 'staff:ada', now(), now())`.execute(fixture.store.db());
  await sql`with p as (insert into plan (name, source, target, state, gates) values ('p', 'old', 'new', 'running', '{}') returning id), w as (insert into wave (plan_id, number, name, state) select id, 2, 'two', 'running' from p returning id) insert into wave_account select id, ${ids['moved']} from w`.execute(fixture.store.db());
});
afterAll(() => fixture.close());

async function ask<T>(path: string): Promise<T> {
  const response = await app.request(path, {}, { incoming: { socket: {} } });
  expect(response.status).toBe(200);
  return (await response.json()) as T;
}
const listed = async (query: string): Promise<string[]> => (await ask<AffectedList>(`${AFFECTED_LIST}?${query}`)).accounts.map(({ address }) => address.split('@')[0]!);

test('counts: each account once for each value, whatever version of a program it has', async () => {
  const { accounts, by } = await ask<AffectedCounts>(AFFECTED);
  expect(accounts).toBe(5);
  const of = (part: keyof typeof by): Record<string, number> => Object.fromEntries(by[part].map(({ value, accounts: n }) => [value, n]));
  expect(of('platform')).toEqual({ old: 4, new: 1 });
  expect(of('wave')).toEqual({ none: 4, 2: 1 });
  expect(of('protocol')).toEqual({ imap: 4, pop3: 1 });
  expect(of('client')).toEqual({ 'iPhone, Mail': 3, '“@SUM(A1)”': 1, 'not known': 1 });
  expect(of('verdict')).toEqual({ accepted: 4, unavailable: 2, rejected: 1 });
  expect(of('reason')).toEqual({ 'verifier-down': 2, secret: 1 });
  expect(of('incident')).toEqual({ out: 3, in: 2 });
});

test.each([
  ['verdict=unavailable', ['out', 'back']],
  ['verdict=unavailable&out=true', ['out']],
  ['platform=new', ['moved']],
  ['wave=2', ['moved']],
  ['wave=0&protocol=imap&client=iPhone%2C+Mail', ['fine', 'out', 'back']],
  ['incident=in', ['fine', 'moved']],
  ['incident=out&platform=old', ['out', 'back', '=cmd']],
  ['reason=secret', ['=cmd']],
  ['since=0&platform=old', ['fine', 'out', 'back', 'quiet', '=cmd']],
])('list: %s', async (query, names) => {
  expect(await listed(query)).toEqual(names);
});

test('as CSV, in which nothing is a formula', async () => {
  const response = await app.request(`${AFFECTED_CSV}?verdict=rejected`, {}, { incoming: { socket: {} } });
  expect(response.headers.get('content-type')).toBe('text/csv; charset=utf-8');
  const lines = (await response.text()).split('\r\n');
  expect(lines).toHaveLength(3);
  expect(lines[1]).toMatch(new RegExp(`^${ids['evil']},"'=cmd@isp\\.example","old",,"no","imap","“@SUM\\(A1\\)”","rejected","secret","\\d{4}-`));
});

test('what is no filter is told, and who is not signed in sees nothing', async () => {
  expect((await app.request(`${AFFECTED}?verdict=happy`, {}, { incoming: { socket: {} } })).status).toBe(422);
  expect((await app.request(`${AFFECTED}?colour=red`, {}, { incoming: { socket: {} } })).status).toBe(422);
  role = undefined;
  for (const path of [AFFECTED, AFFECTED_LIST, AFFECTED_CSV]) expect((await app.request(path, {}, { incoming: { socket: {} } })).status).toBe(401);
  role = 'level-one';
});
