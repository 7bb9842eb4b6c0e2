import { sql } from 'kysely';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { addAccount } from '#directory/testing.ts';
import { systemClock as clock } from '#events/clock.ts';
import { silent } from '#events/index.ts';
import { type App, createApp, tellInJson } from '#http/app.ts';
import { createBearer } from '#http/bearer.ts';
import { openTestStore, type TestStore } from '#store/testing.ts';
import { addProviderCaseRoutes } from './provider-api.ts';
import { deskMigrations } from './testing.ts';

const TOKEN = 'a-token-of-the-provider-s-desk-0123456789';
let kept: TestStore;
let app: App;
beforeAll(async () => {
  kept = await openTestStore(deskMigrations);
  app = createApp(silent, tellInJson);
  // As provisioning's app, to which these are added.
  app.use('/v1/*', createBearer({ tokens: new Map([['crm', { reveal: () => TOKEN }]]), clock, emit: silent }));
  addProviderCaseRoutes(app, { store: kept.store, freeze: async () => ({ line: 'all is well', screen: {} }) });
  await addAccount(kept.store, { address: 'ann@example.org', loginNames: ['ann'] });
});
afterAll(() => kept.close());

async function ask(path: string, body?: object, headers: Record<string, string> = {}): Promise<{ status: number; told: Record<string, unknown> }> {
  const all = { authorization: `Bearer ${TOKEN}`, 'content-type': 'application/json', ...headers };
  const answer = await app.request(`/v1${path}`, { headers: all, ...(body === undefined ? {} : { method: 'POST', body: JSON.stringify(body) }) }, { incoming: { socket: {} } });
  return { status: answer.status, told: (await answer.json()) as Record<string, unknown> };
}
const post = (path: string, body: object, key: string) => ask(path, body, { 'Idempotency-Key': key });

test('the provider\u2019s desk opens a case once, writes in it and closes it', async () => {
  const made = await post('/cases', { account: 'ann', subject: 'no mail', note: 'called twice' }, 'order-1');
  expect(made).toMatchObject({ status: 201, told: { made: true } });
  const id = made.told['id'] as number;
  expect(await post('/cases', { account: 'ann', subject: 'no mail', note: 'called twice' }, 'order-1')).toEqual({ status: 200, told: { id, made: false } });
  expect((await post(`/cases/${id}/entries`, { kind: 'answer', text: 'We look.' }, 'entry-1')).status).toBe(201);
  expect((await post(`/cases/${id}/entries`, { kind: 'answer', text: 'We look.' }, 'entry-1')).status).toBe(200);
  expect((await post(`/cases/${id}/close`, { text: 'Done.' }, 'close-1')).status).toBe(200);
  const { told } = await ask(`/cases/${id}`);
  expect(told).toMatchObject({ case: { state: 'closed', openedBy: 'api:crm', account: { address: 'ann@example.org' } } });
  expect((told['entries'] as { kind: string; text: string; by: string }[]).map(({ kind, text, by }) => [kind, text, by])).toEqual([
    ['note', 'called twice', 'api:crm'], ['answer', 'We look.', 'api:crm'], ['answer', 'Done.', 'api:crm'],
  ]);
  expect((await ask('/cases?account=ann@example.org')).told['cases']).toMatchObject([{ id, state: 'closed' }]);
  const { rows } = await sql<{ act: string }>`select act from audit where actor = 'api:crm' and subject = ${`case:${id}`} order by id`.execute(kept.store.db());
  expect(rows.map(({ act }) => act)).toEqual(['case.opened', 'case.answered', 'case.closed']);
});

test('nobody without a token or a key; nothing of nobody', async () => {
  expect((await ask('/cases?account=ann', undefined, { authorization: 'Bearer wrong' })).status).toBe(401);
  expect((await ask('/cases', { account: 'ann' })).status).toBe(400);
  expect((await post('/cases', { account: 'nobody' }, 'order-2')).status).toBe(404);
  expect((await post('/cases', { subject: 'a', text: 'x' }, 'order-3')).status).toBe(422);
  expect((await ask('/cases')).status).toBe(400);
  expect((await ask('/cases/9999')).status).toBe(404);
});
