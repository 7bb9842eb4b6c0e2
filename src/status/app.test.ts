import { randomUUID } from 'node:crypto';
import type { Hono } from 'hono';
import { sql } from 'kysely';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { CausewayError } from '#errors/index.ts';
import { declaredMigrations } from '#incident/declared/index.ts';
import { storeMigrations } from '#store/index.ts';
import { openTestStore, type TestStore } from '#store/testing.ts';
import { createStatusApp } from './app.ts';
import { makeCodes } from './codes/codes.ts';
import { makeToken } from './subscribe/token.ts';
import { statusMigrations } from './tables.ts';

let kept: TestStore;
let app: ReturnType<typeof createStatusApp>;
beforeAll(async () => {
  kept = await openTestStore([...storeMigrations, { name: '0003_account', sql: 'create table account (id bigint primary key)' }, ...declaredMigrations, ...statusMigrations]);
});
afterAll(() => kept.close());
beforeEach(() => {
  app = createStatusApp({ store: kept.store, provider: 'Ribera', zone: 'UTC', files: () => new Map([['index.html', '<p>front</p>'], ['es/index.html', '<p>portada</p>'], ['status.json', '{}']]), answer: async () => ({ place: 'stays', movedAt: null, forecast: null, paused: false }), wake: () => {} });
});

type Ask = { method?: string; fields?: Record<string, string>; cookie?: string };
async function ask(path: string, { method = 'GET', fields, cookie }: Ask = {}): Promise<Response> {
  const headers: Record<string, string> = { ...(cookie === undefined ? {} : { cookie }), ...(fields === undefined ? {} : { 'content-type': 'application/x-www-form-urlencoded' }) };
  return (app as unknown as Hono).request(path, { method, headers, ...(fields === undefined ? {} : { body: new URLSearchParams(fields).toString() }) }, { incoming: { socket: {} } });
}
/** A form as it was shown, with its cookie. */
async function form(path: string): Promise<{ cookie: string; token: string }> {
  const answer = await ask(path);
  return { cookie: answer.headers.get('set-cookie')!.split(';')[0]!, token: /name="form" value="([^"]+)"/.exec(await answer.text())![1]! };
}

test('the pages come from memory, with a policy that allows nothing from elsewhere', async () => {
  for (const [path, text] of [['/', 'front'], ['/es/', 'portada'], ['/index.html', 'front']] as const) {
    const answer = await ask(path);
    expect([path, answer.status, await answer.text()]).toEqual([path, 200, `<p>${text}</p>`]);
    expect(answer.headers.get('content-security-policy')).toMatch(/^default-src 'none'.*frame-ancestors 'none'$/);
  }
  expect((await ask('/../../etc/passwd')).status).toBe(404);
  expect((await ask('/nothing')).status).toBe(404);
});

test('a form of another site asks for nothing; ten of one network an hour are taken', async () => {
  const { cookie, token } = await form('/subscribe');
  const asked = async () => (await sql<{ n: number }>`select count(*)::int as n from status_ask`.execute(kept.store.db())).rows[0]!.n;
  expect((await ask('/subscribe', { method: 'POST', fields: { address: 'a@example.org', form: token } })).status).toBe(403);
  expect((await ask('/subscribe', { method: 'POST', cookie, fields: { address: 'a@example.org', form: 'x'.repeat(22) } })).status).toBe(403);
  expect((await ask('/subscribe', { method: 'POST', cookie, fields: { address: 'a@example.org\r\nBcc: b@example.org', form: token } })).status).toBe(422);
  expect(await asked()).toBe(0);
  for (let i = 0; i < 10; i++) expect((await ask('/subscribe', { method: 'POST', cookie, fields: { address: `reader${i}@example.org`, form: token, component: 'imap' } })).status).toBe(200);
  expect((await ask('/subscribe', { method: 'POST', cookie, fields: { address: 'more@example.org', form: token } })).status).toBe(429);
  expect(await asked()).toBe(10);
});

test('looking at a link does nothing; one click of a mail program ends a subscription, and again is as good', async () => {
  const { db } = kept.store;
  await sql`insert into status_subscriber (address, language, components) values ('jane@example.org', 'es', '{}')`.execute(db());
  const { token, digest } = makeToken();
  await sql`insert into status_end (digest, subscriber_id) select ${digest}, id from status_subscriber`.execute(db());
  const there = async () => (await sql`select from status_subscriber`.execute(db())).rows.length;
  const shown = await ask(`/unsubscribe/${token}`);
  expect([shown.status, (await shown.text()).includes('<html lang="es">'), await there()]).toEqual([200, true, 1]);
  expect((await ask(`/unsubscribe/${makeToken().token}`, { method: 'POST', fields: { 'List-Unsubscribe': 'One-Click' } })).status).toBe(200);
  expect(await there()).toBe(1);
  for (let i = 0; i < 2; i++) expect((await ask(`/unsubscribe/${token}`, { method: 'POST', fields: { 'List-Unsubscribe': 'One-Click' } })).status).toBe(200);
  expect(await there()).toBe(0);
  expect((await ask(`/unsubscribe/${token}`)).status).toBe(404);
  expect((await ask('/confirm/x')).status).toBe(404);
});

test.each(['"><script>window.ran=1</script>', `' onfocus=x '`, '\u202e\u2066<b>', 'a\u0000b', '\ud800', 'x'.repeat(10_000)])('what is typed comes back as text, or not at all: %j', async (typed) => {
  const { cookie, token } = await form('/subscribe');
  for (const [path, fields] of [
    ['/subscribe', { address: typed, component: typed, language: typed }],
    ['/mine', { code: typed, language: typed }],
  ] as const) {
    const answer = await ask(path, { method: 'POST', cookie, fields: { ...fields, form: token } });
    const page = await answer.text();
    expect([path, answer.status < 500, answer.status >= 400 || path === '/mine']).toEqual([path, true, true]);
    for (const tag of ['<script>window', '<b>', `' onfocus`]) if (typed.includes(tag)) expect([path, page.includes(tag)]).toEqual([path, false]);
  }
  expect((await ask(`/confirm/${encodeURIComponent(typed.toWellFormed())}`)).status).toBe(404);
});

test('only a code’s digest is kept, and it ends', async () => {
  const { db } = kept.store;
  await sql`insert into account (id) values (17)`.execute(db());
  const [made] = await kept.store.transaction((tx) => makeCodes(tx, [17], { days: 1, actor: 'operator:root', why: undefined }));
  const { rows } = await sql`select * from status_code`.execute(db());
  expect(JSON.stringify(rows)).not.toContain(made!.code.replaceAll('-', ''));
  const { cookie, token } = await form('/mine');
  const show = async () => (await ask('/mine', { method: 'POST', cookie, fields: { code: made!.code, form: token, language: 'es' } })).text();
  expect(await show()).toContain('Su buzón se queda donde está');
  await sql`update status_code set expires_at = now()`.execute(db());
  expect(await show()).toContain('No conocemos este código');
});

test('with the store gone the pages are there, and a form says plainly that it does not work', async () => {
  const broken = { ...kept.store, transaction: async () => Promise.reject(new CausewayError('unavailable', 'gone')) };
  app = createStatusApp({ store: broken as never, provider: 'Ribera', zone: 'UTC', files: () => new Map([['index.html', '<p>front</p>']]), answer: async () => undefined, wake: () => {} });
  expect((await ask('/')).status).toBe(200);
  const { cookie, token } = await form('/subscribe');
  const answer = await ask('/subscribe', { method: 'POST', cookie, fields: { address: `${randomUUID()}@example.org`, form: token } });
  expect([answer.status, (await answer.text()).includes('This does not work at the moment')]).toEqual([503, true]);
});
