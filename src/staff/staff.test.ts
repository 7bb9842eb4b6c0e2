import { generate } from 'otplib';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { silent } from '#events/index.ts';
import { createManualClock } from '#events/manual-clock.testing.ts';
import { type App, createApp, tellInJson } from '#http/app.ts';
import type { Hasher } from '#signin/index.ts';
import { storeMigrations } from '#store/index.ts';
import { openTestStore, type TestStore } from '#store/testing.ts';
import { createAuthenticator } from '../webmail/security/authenticator.testing.ts';
import { guarded } from './guarded.ts';
import { invite, inviteAnew } from './invite.ts';
import { handleOf } from './passkeys.ts';
import { endPerson, setRole } from './people.ts';
import { addStaffRoutes, sealOfCodes } from './routes.ts';
import { IDLE_MS, OVERLAP_MS, SESSION_COOKIE, TURN_MS } from './sessions.ts';
import { staffMigrations } from './tables.ts';

const KEY = Buffer.alloc(32, 7);
const BY = { actor: 'cli:test' };
let opened: TestStore;
beforeAll(async () => void (opened = await openTestStore([...storeMigrations, ...staffMigrations])));
afterAll(() => opened.close());

/** Hashing has tests of its own. */
const hasher = { verify: async (encoded: string, secret: string) => (encoded === `hash of ${secret}` ? 'match' : 'mismatch'), pretend: async () => {}, makeInTurn: async (secret: string) => `hash of ${secret}`, close: async () => {} } as unknown as Hasher;
const means = (seal = true) => ({ store: opened.store, makeHash: hasher.makeInTurn, seal: seal ? sealOfCodes(KEY) : undefined, by: BY });

let clock: ReturnType<typeof createManualClock>;
let app: App;
let people = 0;
const nameOf = (): string => `person${(people += 1)}`;

beforeEach(async () => {
  clock = createManualClock(0);
  await clock.pass(Date.now());
  app = createApp(silent, tellInJson);
  addStaffRoutes(app, { store: opened.store, key: KEY, keyLasts: true, url: 'https://desk.isp.example', hasher, clock, emit: silent });
  app.post('/api/desk/unlock', guarded('account.unlock'), (c) => c.json({ by: c.get('staff').name }));
});

function browser(headers: Record<string, string> = { 'sec-fetch-site': 'same-origin' }) {
  const jar = new Map<string, string>();
  async function send(method: string, path: string, body?: unknown): Promise<{ status: number; body: Record<string, unknown> }> {
    const cookie = [...jar].map(([name, value]) => `${name}=${value}`).join('; ');
    const answer = await app.request(path, { method, ...(body === undefined ? {} : { body: JSON.stringify(body) }), headers: { ...headers, ...(cookie === '' ? {} : { cookie }) } }, { incoming: { socket: {} } });
    for (const set of answer.headers.getSetCookie()) {
      const [, name = '', value = ''] = /^([^=]+)=([^;]*)/.exec(set) ?? [];
      expect(set).toMatch(/HttpOnly.*Secure|Secure.*HttpOnly|Max-Age=0/i);
      if (/max-age=0/i.test(set)) jar.delete(name);
      else jar.set(name, value);
    }
    return { status: answer.status, body: (await answer.json()) as Record<string, unknown> };
  }
  return { jar, get: (path: string) => send('GET', path), post: (path: string, body: unknown = {}) => send('POST', path, body) };
}

async function signedIn(role: Parameters<typeof invite>[1] = 'level-one') {
  const name = nameOf();
  const { password } = await invite(name, role, means(false));
  const page = browser();
  expect(await page.post('/api/staff/sign-in', { name, secret: password })).toMatchObject({ status: 200, body: { name } });
  return { name, password, page };
}

const audited = async (subject: string): Promise<string[]> =>
  (await opened.store.db<{ audit: { id: number; act: string; subject: string } }>().selectFrom('audit').select('act').where('subject', '=', subject).orderBy('id').execute()).map(({ act }) => act);

test('password, then code; each code serves once; wrong ones tell nothing of who exists', async () => {
  const name = nameOf();
  const { password, phone } = await invite(name, 'lead', means());
  const code = (offset = 0): Promise<string> => generate({ secret: phone!.code, epoch: Math.floor(clock.now() / 1_000) + offset });
  const page = browser();
  expect((await page.get('/api/staff/me')).status).toBe(401);
  const wrong = await page.post('/api/staff/sign-in', { name, secret: 'not this one, surely' });
  const nobody = await page.post('/api/staff/sign-in', { name: 'nobody-here', secret: password });
  expect([wrong.status, wrong.body['sentence']]).toEqual([403, nobody.body['sentence']]);
  expect(await page.post('/api/staff/sign-in', { name: ` ${name.toUpperCase()} `, secret: password })).toMatchObject({ status: 200, body: { step: 'code' } });
  expect((await page.get('/api/staff/me')).status).toBe(401);
  expect(await page.post('/api/staff/sign-in/code', { code: '000000' })).toMatchObject({ status: 403, body: { code: 'code' } });
  const shown = await code();
  expect((await page.post('/api/staff/sign-in/code', { code: shown })).status).toBe(200);
  expect(await page.get('/api/staff/me')).toMatchObject({ status: 200, body: { name, role: 'lead' } });
  const other = browser();
  await other.post('/api/staff/sign-in', { name, secret: password });
  expect(await other.post('/api/staff/sign-in/code', { code: shown })).toMatchObject({ status: 403, body: { code: 'code-used' } });
  await clock.pass(30_000);
  expect((await other.post('/api/staff/sign-in/code', { code: await code() })).status).toBe(200);
  expect(await audited(`staff:${name}`)).toEqual(['staff.added', 'staff.signed-in', 'staff.signed-in']);
});

test('nothing that was given to a person stands in the store in clear', async () => {
  const name = nameOf();
  const { password, phone } = await invite(name, 'operator', means());
  const row = await opened.store.db<{ staff: Record<string, unknown> & { name: string } }>().selectFrom('staff').selectAll().where('name', '=', name).executeTakeFirstOrThrow();
  expect(row['password']).toBe(`hash of ${password}`);
  expect((row['code'] as Buffer).includes(phone!.code)).toBe(false);
});

test('what another site sends is refused, with a session and without', async () => {
  const { page, name, password } = await signedIn();
  for (const headers of [{ 'sec-fetch-site': 'cross-site' }, { 'sec-fetch-site': 'same-site' }, { origin: 'https://evil.example', host: 'desk.isp.example' }, {}]) {
    const theirs = browser(headers as Record<string, string>);
    for (const [key, value] of page.jar) theirs.jar.set(key, value);
    expect((await theirs.post('/api/desk/unlock')).status, JSON.stringify(headers)).toBe(403);
  }
  expect((await browser({ 'sec-fetch-site': 'cross-site' }).post('/api/staff/sign-in', { name, secret: password })).status).toBe(403);
  expect(await page.post('/api/desk/unlock')).toMatchObject({ status: 200, body: { by: name } });
});

test('the browser’s value is replaced; an answer that got lost signs nobody out, and a copy ends the session', async () => {
  const { page } = await signedIn();
  const first = page.jar.get(SESSION_COOKIE)!;
  await clock.pass(TURN_MS + 1);
  // The answer with the new value is lost, again and again.
  for (let n = 0; n < 3; n += 1) {
    expect((await page.get('/api/staff/me')).status).toBe(200);
    page.jar.set(SESSION_COOKIE, first);
    await clock.pass(OVERLAP_MS + 1);
  }
  expect((await page.get('/api/staff/me')).status).toBe(200);
  expect(page.jar.get(SESSION_COOKIE)).not.toBe(first);
  expect((await page.get('/api/staff/me')).status).toBe(200);
  const thief = browser();
  thief.jar.set(SESSION_COOKIE, first);
  // What was under way with the former value is answered.
  expect((await thief.get('/api/staff/me')).status).toBe(200);
  await clock.pass(OVERLAP_MS + 1);
  expect((await thief.get('/api/staff/me')).status).toBe(401);
  expect((await page.get('/api/staff/me')).status).toBe(401);
});

test('a session ends when it is idle, with the role, with the person, and when its owner ends it', async () => {
  const idle = await signedIn();
  await clock.pass(IDLE_MS + 1);
  expect((await idle.page.get('/api/staff/me')).status).toBe(401);

  const { name, page, password } = await signedIn('level-two');
  await opened.store.transaction((tx) => setRole(tx, name, 'lead', BY));
  expect((await page.get('/api/staff/me')).status).toBe(401);
  await page.post('/api/staff/sign-in', { name, secret: password });
  const second = browser();
  await second.post('/api/staff/sign-in', { name, secret: password });
  const { sessions } = (await page.get('/api/staff/security')).body as { sessions: { id: string; current: boolean }[] };
  expect(sessions.map(({ current }) => current).sort()).toEqual([false, true]);
  expect((await page.post('/api/staff/sessions/end', { others: true })).body).toEqual({ ended: 1 });
  expect((await second.get('/api/staff/me')).status).toBe(401);
  expect((await page.get('/api/staff/me')).status).toBe(200);
  await opened.store.transaction((tx) => endPerson(tx, name, BY));
  expect((await page.get('/api/staff/me')).status).toBe(401);
  expect((await page.post('/api/staff/sign-in', { name, secret: password })).status).toBe(403);
  expect(await audited(`staff:${name}`)).toEqual(['staff.added', 'staff.signed-in', 'staff.role-set', 'staff.signed-in', 'staff.signed-in', 'staff.sessions-ended', 'staff.removed']);
});

test('a new password keeps this browser and no other; a reset ends all, and what lay between the steps', async () => {
  const { name, page, password } = await signedIn();
  const other = browser();
  await other.post('/api/staff/sign-in', { name, secret: password });
  expect((await page.post('/api/staff/password', { old: 'wrong', secret: 'a meadow of quiet goats' })).status).toBe(403);
  expect((await page.post('/api/staff/password', { old: password, secret: 'short' })).status).toBe(422);
  expect((await page.post('/api/staff/password', { old: password, secret: 'a meadow of quiet goats' })).status).toBe(200);
  expect([(await page.get('/api/staff/me')).status, (await other.get('/api/staff/me')).status]).toEqual([200, 401]);
  const anew = await inviteAnew(name, means());
  expect((await page.get('/api/staff/me')).status).toBe(401);
  expect((await page.post('/api/staff/sign-in', { name, secret: anew.password })).body['step']).toBe('code');
  await inviteAnew(name, means());
  expect(await page.post('/api/staff/sign-in/code', { code: '123456' })).toMatchObject({ status: 409, body: { code: 'too-late' } });
});

test('a passkey lets its owner in, until it is removed; nobody else’s does', async () => {
  const { name, page, password } = await signedIn('administrator');
  const key = createAuthenticator();
  const site = { origin: 'https://desk.isp.example', rpId: 'desk.isp.example' };
  expect((await page.post('/api/staff/passkeys/options', { secret: 'not mine' })).status).toBe(403);
  const { challenge } = (await page.post('/api/staff/passkeys/options', { secret: password })).body as { challenge: string };
  expect((await page.post('/api/staff/passkeys/add', { name: 'my key', response: key.create({ ...site, challenge }) })).status).toBe(200);
  const { id } = (await page.get('/api/staff/me')).body as { id: number };
  const enter = async (signer = key, handle = handleOf(id)): Promise<number> => {
    const fresh = browser();
    const { challenge: asked } = (await fresh.post('/api/staff/sign-in/passkey/options')).body as { challenge: string };
    const answer = await fresh.post('/api/staff/sign-in/passkey/finish', { response: signer.get({ ...site, challenge: asked }, handle) });
    if (answer.status === 200) expect((await fresh.get('/api/staff/me')).body).toMatchObject({ name, role: 'administrator' });
    return answer.status;
  };
  expect(await enter()).toBe(200);
  expect(await enter(key, handleOf(id + 1_000))).toBe(403);
  expect(await enter(createAuthenticator())).toBe(403);
  expect((await page.post('/api/staff/passkeys/remove', { id: key.id })).status).toBe(200);
  expect(await enter()).toBe(403);
  expect(await audited(`staff:${name}`)).toEqual(['staff.added', 'staff.signed-in', 'staff.passkey-added', 'staff.signed-in', 'staff.passkey-removed']);
});

test('news that a page listens to end with its session', async () => {
  app.get('/api/desk/news', guarded('desk.screen'), () => new Response(new ReadableStream({ start: (controller) => controller.enqueue(new TextEncoder().encode('data: 1\n\n')) }), { headers: { 'content-type': 'text/event-stream' } }));
  const { page, name } = await signedIn();
  const cookie = [...page.jar].map(([key, value]) => `${key}=${value}`).join('; ');
  const answer = await app.request('/api/desk/news', { headers: { cookie } }, { incoming: { socket: {} } });
  const reader = answer.body!.getReader();
  expect([answer.headers.get('x-request-id') !== null, (await reader.read()).done]).toEqual([true, false]);
  await opened.store.transaction((tx) => endPerson(tx, name, BY));
  const last = reader.read();
  await clock.pass(10_000);
  expect((await last).done).toBe(true);
});

test('the last administrator stays', async () => {
  const db = opened.store.db<{ staff: { name: string; role: string; ended_at: Date | null } }>();
  const names = (await db.selectFrom('staff').select('name').where('role', '=', 'administrator').where('ended_at', 'is', null).execute()).map(({ name }) => name);
  const [last, ...others] = names.length > 0 ? names : [nameOf()];
  if (names.length === 0) await invite(last!, 'administrator', means(false));
  for (const name of others) await opened.store.transaction((tx) => endPerson(tx, name, BY));
  await expect(opened.store.transaction((tx) => endPerson(tx, last!, BY))).rejects.toMatchObject({ code: 'conflict' });
  await expect(opened.store.transaction((tx) => setRole(tx, last!, 'lead', BY))).rejects.toMatchObject({ code: 'conflict' });
});
