import { sql } from 'kysely';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { addAccount } from '#directory/testing.ts';
import { silent } from '#events/index.ts';
import { type App, createApp, tellInJson } from '#http/app.ts';
import type { StaffMember } from '#staff/api.ts';
import { actAs } from '#staff/testing.ts';
import type { Store } from '#store/index.ts';
import { openTestStore, type TestStore } from '#store/testing.ts';
import type { PlanLoad } from '../load/api.ts';
import { addLoadRoutes } from '../load/routes.ts';
import type { CaseSeen, CasesPage, Macro, Made, Shifts } from './api.ts';
import { addCaseRoutes } from './routes.ts';
import { addShiftRoutes } from './shift-routes.ts';
import { declareOutage, deskMigrations } from './testing.ts';

const ADA: StaffMember = { id: 1, name: 'ada', role: 'level-one' };
const BO: StaffMember = { id: 2, name: 'bo', role: 'level-two' };
const LEA: StaffMember = { id: 3, name: 'lea', role: 'lead' };
let kept: TestStore;
let store: Store;
let app: App;
let who: StaffMember | undefined;
let account: number;
let known = { line: 'The phone still has the old password', screen: { evidence: { tries: 214 } } };

beforeAll(async () => {
  kept = await openTestStore(deskMigrations);
  ({ store } = kept);
  app = createApp(silent, tellInJson);
  actAs(app, () => who);
  addCaseRoutes(app, { store, freeze: async (id) => (id === account ? known : undefined), forecasts: async () => new Map(), timeZone: 'UTC' });
  addShiftRoutes(app, store);
  addLoadRoutes(app, store);
  account = await addAccount(store, { address: 'ann@example.org' });
});
afterAll(() => kept.close());
beforeEach(() => {
  who = ADA;
});

const key = (): string => crypto.randomUUID();
const env = { incoming: { socket: {} } };
async function ask<T>(path: string, body?: object, status = 200): Promise<T> {
  const answer = await app.request(`/api/desk${path}`, body === undefined ? {} : { method: 'POST', body: JSON.stringify(body), headers: { 'Content-Type': 'application/json' } }, env);
  const told = await answer.json();
  expect([path, answer.status, answer.status === status ? '' : told]).toEqual([path, status, '']);
  return told as T;
}
const open = async (more: object = {}): Promise<number> => (await ask<Made>('/cases', { key: key(), account, ...more })).id;
const seen = (id: number): Promise<CaseSeen> => ask(`/cases/${id}`);

test('one keystroke opens a case with the evidence as it was', async () => {
  const once = { key: key(), account };
  const { id, made } = await ask<Made>('/cases', once);
  expect(made).toBe(true);
  known = { line: 'all is well', screen: { evidence: { tries: 0 } } };
  expect(await ask<Made>('/cases', once)).toEqual({ id, made: false });
  const { case: line, evidence } = await seen(id);
  expect(line).toMatchObject({ subject: 'The phone still has the old password', assignee: 'ada', state: 'open', level: 1, priority: 'normal', openedBy: 'staff:ada', account: { id: account, address: 'ann@example.org' } });
  expect(line.answerDue! - line.openedAt).toBe(2 * 3_600_000);
  expect(evidence).toHaveLength(1);
  expect(await ask(`/cases/${id}/evidence/${evidence[0]!.id}`)).toEqual({ evidence: { tries: 214 } });
  await ask('/cases', { key: key(), account: 999_999 }, 404);
  await ask('/cases', { key: key() }, 422);
});

test('handing on needs a note, freezes the evidence again and gives the case to the other queue', async () => {
  const id = await open({ subject: 'no mail since noon' });
  await ask(`/cases/${id}/escalate`, { key: key() }, 400);
  known = { line: 'x', screen: { evidence: { tries: 7 } } };
  const handed = { key: key(), note: 'Tried the settings twice.' };
  expect(await ask<Made>(`/cases/${id}/escalate`, handed)).toMatchObject({ made: true });
  expect(await ask<Made>(`/cases/${id}/escalate`, handed)).toMatchObject({ made: false });
  await ask(`/cases/${id}/escalate`, { key: key(), note: 'again' }, 409);
  const { case: line, entries, evidence } = await seen(id);
  expect(line).toMatchObject({ level: 2 });
  expect(line.assignee).toBeUndefined();
  expect(entries.at(-1)).toMatchObject({ kind: 'hand-over', text: 'Tried the settings twice.', by: 'staff:ada' });
  expect(evidence.map(({ why }) => why)).toEqual(['opened', 'escalated']);
  expect(await ask(`/cases/${id}/evidence/${evidence[1]!.id}`)).toEqual({ evidence: { tries: 7 } });
  const inQueue = async (queue: string) => (await ask<CasesPage>(`/cases?queue=${queue}`)).cases.some((each) => each.id === id);
  expect([await inQueue('level-one'), await inQueue('level-two'), await inQueue('mine')]).toEqual([false, true, false]);
});

test('two who have a case open see each other; who has not seen the last answer gives none', async () => {
  const id = await open();
  expect(await ask(`/cases/${id}/presence`, { writing: false })).toEqual({ others: [] });
  who = BO;
  expect(await ask(`/cases/${id}/presence`, { writing: true })).toMatchObject({ others: [{ name: 'ada', writing: false }] });
  who = ADA;
  expect((await seen(id)).others).toMatchObject([{ name: 'bo', writing: true }]);
  const { id: note } = await ask<Made>(`/cases/${id}/entries`, { key: key(), kind: 'note', text: 'looking' });
  who = BO;
  await ask(`/cases/${id}/entries`, { key: key(), kind: 'answer', text: 'Change it in the phone.', seen: note });
  who = ADA;
  const late = { key: key(), kind: 'answer', text: 'Something else.' };
  await ask(`/cases/${id}/entries`, { ...late, seen: note }, 409);
  const { entries, case: line } = await seen(id);
  expect(entries.filter(({ kind }) => kind === 'answer')).toHaveLength(1);
  expect(line.answerDue).toBeUndefined();
  await ask(`/cases/${id}/entries`, { ...late, seen: entries.at(-1)!.id });
  await sql`update desk_looking set seen_at = seen_at - interval '26 seconds'`.execute(store.db());
  expect((await seen(id)).others).toEqual([]);
});

test('a call is promised, tried, and made', async () => {
  const id = await open();
  await ask(`/cases/${id}/call-back`, { key: key(), at: Date.now() + 60_000, phone: '+49 171 5550101', note: 'after five' });
  const promised = await ask<CasesPage>('/cases?queue=call-backs');
  expect(promised.cases.find((each) => each.id === id)).toMatchObject({ state: 'waiting', callBack: { phone: '+49 171 5550101' } });
  await ask(`/cases/${id}/call-back/done`, { key: key(), reached: false });
  expect((await seen(id)).case.callBack).toBeDefined();
  await ask(`/cases/${id}/call-back/done`, { key: key(), reached: true });
  const { state, callBack, answerDue } = (await seen(id)).case;
  expect({ state, callBack, answerDue }).toEqual({ state: 'open', callBack: undefined, answerDue: undefined });
  await ask(`/cases/${id}/call-back/done`, { key: key(), reached: true }, 409);
});

test('merging, closing and opening again', async () => {
  const [one, two] = [await open(), await open()];
  await ask(`/cases/${one}/merge`, { into: two }, 403);
  who = BO;
  await ask(`/cases/${one}/merge`, { into: one }, 409);
  await ask(`/cases/${one}/merge`, { into: two });
  expect((await seen(one)).case).toMatchObject({ state: 'merged', mergedInto: two });
  expect((await seen(two)).merged).toEqual([one]);
  await ask(`/cases/${one}/close`, { key: key() }, 409);
  await ask(`/cases/${two}/close`, { key: key(), text: 'It works again.' });
  expect((await seen(two)).case).toMatchObject({ state: 'closed', firstAnswerAt: expect.any(Number) });
  expect((await seen(two)).case.solutionDue).toBeUndefined();
  await ask(`/cases/${two}/entries`, { key: key(), kind: 'answer', text: 'more' }, 409);
  await ask(`/cases/${two}/reopen`, { key: key() });
  expect((await seen(two)).case.state).toBe('open');
});

test('a macro answers with the customer\u2019s own facts and does the rest', async () => {
  await ask('/macros', { name: 'phone', text: 'Hello {{name}}', also: {} }, 403);
  who = LEA;
  await ask('/macros', { name: 'phone', text: '{{secret}}', also: {} }, 400);
  const { id: macro } = await ask<Made>('/macros', { name: 'phone', text: 'Hello {{name}}: {{address}} is at {{platform}}.', also: { close: true, priority: 'low' } });
  who = ADA;
  const id = await open();
  const once = { key: key() };
  // Shown before it is sent, by the same hand that fills it in.
  expect(await ask(`/cases/${id}/try-macro`, { text: 'Hello {{name}}: {{address}} is at {{platform}}. {{incident}}?' })).toEqual({ text: 'Hello customer: ann@example.org is at old. the trouble?' });
  await ask(`/cases/${id}/try-macro`, { text: '{{secret}}' }, 400);
  await ask('/cases/999999/try-macro', { text: 'x' }, 404);
  expect((await seen(id)).entries).toEqual([]);
  await ask(`/cases/${id}/macros/${macro}`, once);
  await ask(`/cases/${id}/macros/${macro}`, once);
  const { case: line, entries } = await seen(id);
  expect(line).toMatchObject({ state: 'closed', priority: 'low' });
  expect(entries.filter(({ kind }) => kind === 'answer').map(({ text }) => text)).toEqual(['Hello customer: ann@example.org is at old.']);
});

test('macros are changed and removed by leads alone; no two have one name; what was said stays', async () => {
  who = LEA;
  const write = (name: string, text = 'x', status = 200) => ask<Made>('/macros', { name, text, also: {} }, status);
  const { id: one } = await write('one');
  const { id: two } = await write('two');
  await write('one', 'another', 409);
  await ask(`/macros/${two}`, { name: 'one', text: 'x', also: {} }, 409);
  await ask(`/macros/${two}`, { name: 'two', text: 'It works again.', also: { priority: 'low' } });
  await ask('/macros/999999', { name: 'three', text: 'x', also: {} }, 404);
  const told = async () => (await ask<{ macros: Macro[] }>('/macros')).macros.filter(({ id }) => id === one || id === two);
  expect(await told()).toEqual([{ id: one, name: 'one', text: 'x', also: {} }, { id: two, name: 'two', text: 'It works again.', also: { priority: 'low' } }]);
  who = BO;
  await ask(`/macros/${two}`, { name: 'two', text: 'x', also: {} }, 403);
  await ask(`/macros/${two}/drop`, {}, 403);
  const id = await open();
  await ask(`/cases/${id}/macros/${two}`, { key: key() });
  who = LEA;
  await ask(`/macros/${two}/drop`, {});
  await ask(`/macros/${one}/drop`, {});
  expect(await told()).toEqual([]);
  expect((await seen(id)).entries.find(({ kind }) => kind === 'answer')?.text).toBe('It works again.');
  await ask(`/cases/${id}/macros/${two}`, { key: key() }, 404);
  const { rows } = await sql<{ act: string }>`select act from audit where subject = ${`macro:${two}`} order by id`.execute(store.db());
  expect(rows.map(({ act }) => act)).toEqual(['macro.written', 'macro.changed', 'macro.dropped']);
});

test('hostile text is text: kept and given back as it was written, and bounded', async () => {
  const hostile = '<script>alert(1)</script>\n{{name}} \u202e %s \'; drop table desk_case; -- ${1}';
  const id = await open({ subject: '<img src=x onerror=alert(1)>', note: hostile });
  const { case: line, entries } = await seen(id);
  expect(line.subject).toBe('<img src=x onerror=alert(1)>');
  expect(entries[0]!.text).toBe(hostile);
  await ask(`/cases/${id}/entries`, { key: key(), kind: 'note', text: 'x'.repeat(4_001) }, 400);
  await ask(`/cases/${id}/entries`, { key: key(), kind: 'note', text: 'a\u0000b' }, 400);
  await ask('/cases', { key: key(), account, subject: 'two\nlines' }, 400);
  await ask('/cases?after=1;drop', undefined, 400);
  await ask('/cases/1e9', undefined, 404);
});

test('each act has its audit row; nobody comes in without a session', async () => {
  const id = await open();
  const incident = await declareOutage(store);
  await ask(`/cases/${id}/assign`, { to: 'bo' });
  await ask(`/cases/${id}/priority`, { priority: 'urgent' });
  await ask(`/cases/${id}/incident`, { incident });
  await ask(`/cases/${id}/incident`, { incident: null });
  const { rows } = await sql<{ act: string; actor: string }>`select act, actor from audit where subject = ${`case:${id}`} order by id`.execute(store.db());
  expect(rows).toEqual(['case.opened', 'case.assigned', 'case.prioritised', 'case.linked', 'case.unlinked'].map((act) => ({ act, actor: 'staff:ada' })));
  who = undefined;
  for (const path of ['/cases', `/cases/${id}`, '/queues', '/macros', '/shifts?from=0&until=1', '/load', '/load/plan?from=0&until=1']) await ask(path, undefined, 401);
  await ask(`/cases/${id}/close`, { key: key() }, 401);
});

test('queues are in the order of what was promised, page by page, and counted', async () => {
  await sql`update desk_case set state = 'closed', closed_at = now(), call_back_at = null, call_back_phone = null where state in ('open', 'waiting')`.execute(store.db());
  const ids = [await open({ priority: 'low' }), await open({ priority: 'urgent' }), await open({ priority: 'high' })];
  expect((await ask<CasesPage>('/cases?queue=mine')).cases.map(({ id }) => id)).toEqual([ids[1], ids[2], ids[0]]);
  await sql`update desk_case set answer_due = now() - interval '1 minute' where id = ${ids[1]!}`.execute(store.db());
  expect(await ask('/queues')).toEqual({ 'level-one': { cases: 3, late: 1 }, 'level-two': { cases: 0, late: 0 }, mine: { cases: 3, late: 1 }, 'call-backs': { cases: 0, late: 0 } });
  await sql`insert into desk_case (key, subject, priority, opened_by, answer_due, solution_due) select gen_random_uuid(), 'many', 'normal', 'x', now() + n * interval '1 second', now() + interval '1 day' from generate_series(1, 120) n`.execute(store.db());
  const got: number[] = [];
  for (let after: string | undefined = ''; after !== undefined; ) {
    const page: CasesPage = await ask(`/cases${after === '' ? '' : `?after=${after}`}`);
    got.push(...page.cases.map(({ id }) => id));
    after = page.next;
  }
  expect(got).toHaveLength(123);
  expect(new Set(got).size).toBe(123);
});

test('shifts: planned by a lead, present by what pages say, and the load by both', async () => {
  const now = Date.now();
  const day = { from: now - 3_600_000, until: now + 12 * 3_600_000 };
  const shifts = (): Promise<Shifts> => ask(`/shifts?from=${day.from}&until=${day.until}`);
  const bo = { staff: 'bo', level: 2, from: now - 1_000, until: now + 3_600_000 };
  const cy = { staff: 'cy', level: 1, from: now + 3_600_000, until: now + 7_200_000 };
  await ask('/shifts', { shifts: [bo] }, 403);
  who = LEA;
  await ask('/shifts', { shifts: [{ ...bo, until: bo.from + 25 * 3_600_000 }] }, 400);
  const { ids: [id, later] } = await ask<{ ids: number[] }>('/shifts', { shifts: [bo, cy] });
  // All or none.
  await ask('/shifts', { shifts: [{ ...cy, staff: 'ada' }, { ...bo, from: now, until: now + 7_200_000 }] }, 409);
  expect((await shifts()).planned.map(({ staff }) => staff)).toEqual(['bo', 'cy']);
  // Changed in one: where the new one cannot be, the old one stays.
  await ask(`/shifts/${later}`, { ...cy, staff: 'bo', from: now }, 409);
  const { id: moved } = await ask<Made>(`/shifts/${later}`, { ...cy, level: 2, until: now + 10_800_000 });
  await ask(`/shifts/${later}`, cy, 404);
  expect((await shifts()).planned.map(({ id: each, level }) => [each, level])).toEqual([[id, 2], [moved, 2]]);
  await ask(`/shifts/${moved}/drop`, {});
  expect((await ask<PlanLoad>(`/load/plan?from=${now - 1_000}&until=${now - 1_000 + 2 * 3_600_000}`)).hours.map(({ agents }) => agents)).toEqual([[0, 1], [0, 0]]);
  await ask(`/shifts?from=${now}&until=${now + 9 * 24 * 3_600_000}`, undefined, 400);
  who = ADA;
  await ask('/presence', { presence: 'available' });
  expect(await shifts()).toMatchObject({ planned: [{ id, staff: 'bo' }], present: [{ staff: 'ada', level: 1, presence: 'available' }], missing: ['bo'] });
  expect(await ask('/load')).toMatchObject({ agents: 1, callsPerHour: 0, share: 0 });
  const { id: call } = await ask<Made>('/calls', { key: key(), account });
  await ask(`/calls/${call}/end`, {});
  expect(await ask('/load')).toMatchObject({ agents: 1, callsPerHour: 6, handlingSeconds: 300, guessed: true });
  await ask('/presence', { presence: 'break' });
  expect(await ask('/load')).toMatchObject({ agents: 0, capacityPerHour: 0, share: 100 });
  await ask('/presence', { presence: null });
  expect((await shifts()).present).toEqual([]);
  who = LEA;
  await ask(`/shifts/${id}/drop`, {});
  expect((await shifts()).planned).toEqual([]);
});

test('what the next shift has to know is written once, by whoever was there', async () => {
  const note = { key: key(), level: 2, text: 'The verifier at new was slow from three to four.' };
  const { id } = await ask<Made>('/hand-over', note);
  expect(await ask<Made>('/hand-over', note)).toEqual({ id, made: false });
  await ask('/hand-over', { key: key(), level: 2, text: 'x'.repeat(1_001) }, 400);
  const told = async () => (await ask<Shifts>('/shifts?from=0&until=1')).notes;
  expect(await told()).toEqual([{ id, at: expect.any(Number), by: 'staff:ada', level: 2, text: note.text }]);
  await sql`update desk_hand_over set at = at - interval '25 hours'`.execute(store.db());
  expect(await told()).toEqual([]);
});

test('what an update will say to one customer is shown before it is written, to whoever writes updates', async () => {
  const incident = await declareOutage(store, 'Sign-in fails in the harbour');
  const id = await open();
  await ask(`/cases/${id}/incident`, { incident });
  await ask(`/cases/${id}/preview`, { text: 'It works again.', over: true }, 403);
  who = LEA;
  const { text } = await ask<{ text: string }>(`/cases/${id}/preview`, { text: 'It works again.', over: true });
  expect(text).toContain('It works again.');
  expect(text).toContain('ann@example.org');
  expect(text).toContain('we close your case');
  expect((await seen(id)).entries.filter(({ kind }) => kind === 'update')).toEqual([]);
  await ask(`/cases/${await open()}/preview`, { text: 'It works again.', over: true }, 404);
});
