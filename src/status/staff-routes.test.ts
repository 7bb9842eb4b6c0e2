import { randomUUID } from 'node:crypto';
import type { Hono } from 'hono';
import { sql } from 'kysely';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { silent } from '#events/index.ts';
import { createApp, tellInJson } from '#http/app.ts';
import { declaredMigrations } from '#incident/declared/index.ts';
import type { Role, StaffMember } from '#staff/api.ts';
import { actAs } from '#staff/testing.ts';
import { storeMigrations } from '#store/index.ts';
import { openTestStore, type TestStore } from '#store/testing.ts';
import { addStatusRoutes } from './staff-routes.ts';
import { TEMPLATES } from './templates.ts';
import { declareBody, updateBody } from '#incident/declared/api.ts';

let kept: TestStore;
let who: StaffMember | undefined;
let published = 0;
const app = createApp(silent, tellInJson);

beforeAll(async () => {
  kept = await openTestStore([...storeMigrations, ...declaredMigrations]);
  actAs(app, () => who);
  addStatusRoutes(app, { store: kept.store, publisher: { states: () => ({}) as never, publish: async () => void (published += 1) } });
});
afterAll(() => kept.close());

const as = (role: Role | undefined): void => void (who = role === undefined ? undefined : { id: 7, name: 'ada', role });
async function call(method: string, path: string, body?: object, at = app): Promise<{ status: number; body: Record<string, unknown> }> {
  const answer = await (at as unknown as Hono).request(path, { method, ...(body === undefined ? {} : { body: JSON.stringify(body), headers: { 'content-type': 'application/json' } }) }, { incoming: { socket: {} } });
  return { status: answer.status, body: (await answer.json()) as Record<string, unknown> };
}
const outage = (over: object = {}) => ({ id: randomUUID(), title: 'Sign-in fails', components: ['sign-in'], impact: 'major', public: true, state: 'investigating', text: 'We look.', ...over });
const update = (over: object = {}) => ({ key: randomUUID(), state: 'identified', text: 'Found.', ...over });

test('who may declare and write, and who may read', async () => {
  const id = randomUUID();
  const tries = async () => [(await call('POST', '/api/status/declared', outage({ id }))).status, (await call('POST', `/api/status/declared/${id}/updates`, update())).status, (await call('GET', '/api/status/declared')).status];
  as(undefined);
  expect(await tries()).toEqual([401, 401, 401]);
  for (const role of ['level-one', 'level-two'] as const) {
    as(role);
    expect([role, await tries()]).toEqual([role, [403, 403, 200]]);
  }
  for (const [i, role] of (['lead', 'operator', 'administrator'] as const).entries()) {
    as(role);
    expect([role, await tries()]).toEqual([role, [i === 0 ? 201 : 200, 201, 200]]);
  }
});

test('an incident is declared and updated once, audited by name, and the site is written at once', async () => {
  as('lead');
  const before = published;
  const body = outage();
  expect(await call('POST', '/api/status/declared', body)).toMatchObject({ status: 201, body: { id: body.id, added: true } });
  expect(await call('POST', '/api/status/declared', body)).toMatchObject({ status: 200, body: { added: false } });
  const said = update({ state: 'resolved', textEs: 'Terminado.' });
  expect(await call('POST', `/api/status/declared/${body.id}/updates`, said)).toMatchObject({ status: 201 });
  expect(await call('POST', `/api/status/declared/${body.id}/updates`, said)).toMatchObject({ status: 200, body: { added: false } });
  expect(published - before).toBe(4);
  const shown = await call('GET', `/api/status/declared/${body.id}`);
  expect(shown.body).toMatchObject({ declared: { state: 'resolved', openedBy: 'staff:ada' }, updates: [{ text: 'We look.', by: 'staff:ada' }, { text: 'Found.', textEs: 'Terminado.' }] });
  const { rows } = await sql<{ actor: string; act: string }>`select actor, act from audit where subject = ${`declared:${body.id}`} order by id`.execute(kept.store.db());
  expect(rows).toEqual([{ actor: 'staff:ada', act: 'incident.declared' }, { actor: 'staff:ada', act: 'incident.updated' }]);
});

test('without a public site incidents are declared and updated all the same, and who reads them is told', async () => {
  as('lead');
  expect((await call('GET', '/api/status/declared')).body).toMatchObject({ site: true });
  const siteless = createApp(silent, tellInJson);
  actAs(siteless, () => who);
  addStatusRoutes(siteless, { store: kept.store, publisher: undefined });
  const body = outage({ public: false });
  expect(await call('POST', '/api/status/declared', body, siteless)).toMatchObject({ status: 201 });
  expect(await call('POST', `/api/status/declared/${body.id}/updates`, update(), siteless)).toMatchObject({ status: 201 });
  expect((await call('GET', '/api/status/declared', undefined, siteless)).body).toMatchObject({ site: false, declared: expect.arrayContaining([expect.objectContaining({ id: body.id })]) });
  expect(await call('GET', '/api/status/components', undefined, siteless)).toMatchObject({ status: 200, body: { components: {} } });
});

test('what is not as it must be is refused, and says where', async () => {
  as('lead');
  expect(await call('POST', '/api/status/declared', outage({ title: 'a\nb' }))).toMatchObject({ status: 400, body: { message: expect.stringContaining('title') } });
  expect(await call('POST', '/api/status/declared', outage({ components: ['mail'] }))).toMatchObject({ status: 400 });
  expect(await call('POST', '/api/status/declared', outage({ state: 'planned' }))).toMatchObject({ status: 422 });
  for (const id of [randomUUID(), 'x']) expect((await call('POST', `/api/status/declared/${id}/updates`, update())).status).toBe(404);
});

test('a template can be sent as it is', () => {
  for (const { name: _, planned, texts, ...template } of TEMPLATES) {
    const [first, ...more] = texts;
    const body = { ...template, ...first, id: randomUUID(), public: true, ...(planned ? { plannedFrom: 1, plannedUntil: 2 } : {}) };
    expect(declareBody.safeParse(body).error).toBeUndefined();
    for (const each of more) expect(updateBody.safeParse({ ...each, key: randomUUID() }).error).toBeUndefined();
  }
});
