/** Every role × every act, over HTTP and on a real store: allowed or refused as the table says, audited, and taken back where it can be. */
import { randomUUID } from 'node:crypto';
import { sql } from 'kysely';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { runPlan } from '#cutover/control.ts';
import { planFile } from '#cutover/plan-file.ts';
import { createAccounts, listAppPasswords, type PlatformFacts, readEntries, readResetLink } from '#directory/index.ts';
import { silent } from '#events/index.ts';
import { type App, createApp, tellInJson } from '#http/app.ts';
import { declareIncident } from '#incident/declared/index.ts';
import { ACTS } from '#staff/acts.ts';
import { type Role, ROLES, type StaffMember } from '#staff/api.ts';
import { actAs } from '#staff/testing.ts';
import type { Store } from '#store/index.ts';
import { emptyTables, openTestStore, type TestStore } from '#store/testing.ts';
import { migrations } from '../../context/migrations.ts';
import { type ActsAnswer, DESK_ACTS, type DeskActName } from './api.ts';
import { addActRoutes } from './app.ts';
import { attachedIncidents } from './attached.ts';
import { createSettingsLinks } from './settings/link.ts';

let opened: TestStore;
let store: Store;
let app: App;
let who: StaffMember;
const INCIDENT = randomUUID();
const links = createSettingsLinks({ key: Buffer.alloc(32, 7), pages: 'https://password.isp.example', now: () => 1_000 });
const facts: PlatformFacts = { names: ['old', 'new'], told: new Map(), opens: new Set(['old', 'new']) };
const listen = { imaps: { host: '127.0.0.1', port: 993 }, submissions: { host: '127.0.0.1', port: 465 }, selfcare: { host: '127.0.0.1', port: 1, tls: true, trustedNetwork: false, url: 'https://password.isp.example' } };

beforeAll(async () => {
  opened = await openTestStore(migrations);
  store = opened.store;
  await store.transaction((tx) =>
    declareIncident(tx, { id: INCIDENT, title: 'Slow', components: ['imap'], impact: 'minor', public: true, state: 'investigating', text: 'We are looking.', by: 'staff:carla' }),
  );
  app = createApp(silent, tellInJson);
  actAs(app, () => who);
  addActRoutes(app, { store, config: { listen, tls: { certificate: '', key: '', minimum: 'TLSv1.2', names: { 'imap.isp.example': {}, 'smtp.isp.example': {} } } } as unknown as Parameters<typeof addActRoutes>[1]['config'], ports: { imaps: 993, submissions: 465 }, facts, links });
});
afterAll(() => opened.close());

/** Six accounts at `old`, two of them in each wave, of which the first is running; the last one was moved to `new`. */
beforeEach(async () => {
  who = { id: 2, name: 'ben', role: 'level-two' };
  await emptyTables(store, { but: ['declared_incident', 'incident_update'] });
  await store.transaction((tx) => createAccounts(tx, Array.from({ length: 7 }, (_, i) => ({ address: `c${i + 1}@isp.example`, home: i === 6 ? 'new' : 'old', authority: 'ours' })), { actor: 'test' }));
  await sql`insert into move (account_id, source, target, state, ended_at) values (7, 'old', 'new', 'moved', now())`.execute(store.db());
  const waves = [{ name: 'first', accounts: ['c1@isp.example', 'c2@isp.example'] }, { name: 'second', accounts: ['c3@isp.example', 'c4@isp.example'] }, { name: 'third', accounts: ['c5@isp.example', 'c6@isp.example'] }];
  const candidates = async () => (await sql<{ id: number; address: string; authority: string }>`select id, address, authority from account where id < 7`.execute(store.db())).rows;
  await runPlan(store, planFile.parse({ plan: 'p', from: 'old', to: 'new', waves }), candidates, 'p.yaml', 'test');
});

async function ask<T = Record<string, unknown>>(method: 'GET' | 'POST', path: string, body?: unknown): Promise<{ status: number; body: T }> {
  const answer = await app.request(path, { method, ...(body === undefined ? {} : { body: JSON.stringify(body) }) }, { incoming: { socket: {} } });
  return { status: answer.status, body: (await answer.json()) as T };
}

const WHY = 'she called, case 17';
const BODIES: Partial<Record<DeskActName, object>> = { 'app-password': { label: 'phone' }, 'device-settings': { device: 'iphone' }, 'attach-incident': { incident: INCIDENT } };
/** In the second wave; for a way back the one that was moved. */
const accountFor = (name: DeskActName): number => (name === 'roll-back' ? 7 : 3);
const act = (name: DeskActName, account = accountFor(name), why = WHY) => ask<{ id: number; state: string; shown: Record<string, unknown> }>('POST', `/api/desk/accounts/${account}/acts/${name}`, { why, ...BODIES[name] });
const audited = async (account: number): Promise<string[]> => (await sql<{ line: string }>`select concat_ws(' | ', actor, act, why) as line from audit where subject = ${`account:${account}`} and actor like 'staff:%' order by id`.execute(store.db())).rows.map(({ line }) => line);
const undo = (id: number, why = 'it was the wrong one') => ask('POST', `/api/desk/acts/${id}/undo`, { why });

test.each(ROLES)('%s does what the table allows, each act audited with who and why; of the others nothing is written', async (role) => {
  who = { id: 9, name: 'kim', role };
  for (const { name, act: guard } of DESK_ACTS) {
    const account = accountFor(name);
    const before = (await audited(account)).length;
    const { status } = await act(name);
    const lines = (await audited(account)).slice(before);
    const allowed = (ACTS[guard] as readonly Role[]).includes(role);
    expect([name, status, lines.length > 0]).toEqual([name, allowed ? 200 : 403, allowed]);
    for (const line of lines) expect(line).toMatch(/^staff:kim \| [a-z.-]+ \| she called, case 17$/);
  }
});

test('without a reason nothing is done', async () => {
  for (const { name } of DESK_ACTS) expect((await act(name, accountFor(name), '  ')).status, name).toBe(400);
  expect((await sql`select from audit where actor like 'staff:%'`.execute(store.db())).rows).toHaveLength(0);
});

test('an account that is not there is no success, and leaves nothing', async () => {
  for (const { name } of DESK_ACTS) expect([404, 409], name).toContain((await act(name, 4_711)).status);
  expect((await sql`select from desk_act`.execute(store.db())).rows).toHaveLength(0);
});

test('what is shown once is kept nowhere', async () => {
  const secrets = [String((await act('app-password')).body.shown['secret']), String((await act('reset-link')).body.shown['token'])];
  const { rows } = await sql<{ text: string }>`select detail::text as text from audit union all select kept::text from desk_act`.execute(store.db());
  for (const secret of secrets) expect(rows.some(({ text }) => text?.includes(secret))).toBe(false);
});

test('unlocking and ending sessions reach the instances by the account’s row', async () => {
  await act('unlock');
  await act('unlock');
  await act('end-sessions');
  const [entry] = await readEntries(store, [3]);
  expect(entry!.account).toMatchObject({ unlocks: 2, sessionsEndedAt: expect.any(Number) as number });
  const { rows } = await sql<{ n: number }>`select count(*)::int as n from change where topic = 'account' and key = 3`.execute(store.db());
  expect(rows[0]!.n).toBeGreaterThanOrEqual(3);
});

test('a link and an app password serve until they are taken back, which is done once', async () => {
  const link = await act('reset-link');
  expect(link.body.shown).toMatchObject({ kind: 'reset-link', url: `https://password.isp.example/reset/${String(link.body.shown['token'])}` });
  expect(await readResetLink(store, String(link.body.shown['token']))).toMatchObject({ accountId: 3 });
  expect((await undo(link.body.id)).status).toBe(200);
  expect(await readResetLink(store, String(link.body.shown['token']))).toBeUndefined();
  expect((await undo(link.body.id)).status).toBe(409);
  const password = await act('app-password');
  await undo(password.body.id);
  expect((await listAppPasswords(store, 3))[0]!.revokedAt).not.toBeNull();
  const { acts } = (await ask<ActsAnswer>('GET', '/api/desk/accounts/3/acts')).body;
  expect(acts).toMatchObject([{ name: 'app-password', state: 'undone', undoable: false, undone: { by: 'staff:ben', why: 'it was the wrong one' } }, { name: 'reset-link', state: 'undone', why: WHY }]);
});

const waveOf = async (account: number): Promise<string | undefined> => (await sql<{ name: string }>`select w.name from wave_account wa join wave w on w.id = wa.wave_id where wa.account_id = ${account}`.execute(store.db())).rows[0]?.name;

test('earlier, later, held back, and all of it taken back; at the ends the words say so', async () => {
  const earlier = await act('move-earlier');
  expect([await waveOf(3), earlier.body.shown]).toEqual(['first', { kind: 'wave', from: 'second', to: 'first' }]);
  const none = await act('move-earlier');
  expect([none.status, none.body]).toMatchObject([409, { sentence: 'No wave that is still open is earlier than “first”.' }]);
  await undo(earlier.body.id);
  expect(await waveOf(3)).toBe('second');
  await act('move-later');
  expect(await waveOf(3)).toBe('third');
  const held = await act('hold-back');
  const rows = async (): Promise<number> => (await sql`select from held_back where account_id = 3`.execute(store.db())).rows.length;
  expect([await rows(), (await act('hold-back')).status]).toEqual([1, 409]);
  await undo(held.body.id);
  expect(await rows()).toBe(0);
});

test('a way back takes two people: nothing moves before the second, who is not the first; declined, it never does', async () => {
  const moves = async (): Promise<number> => (await sql`select from move where account_id = 7 and back is not null`.execute(store.db())).rows.length;
  const asked = await act('roll-back');
  expect([asked.body.state, await moves()]).toEqual(['asked', 0]);
  const decide = (approve: boolean, id = asked.body.id) => ask<Record<string, unknown>>('POST', `/api/desk/acts/${id}/decide`, { why: 'seen, and agreed', approve });
  expect((await decide(true)).status).toBe(403);
  who = { id: 1, name: 'ana', role: 'level-one' };
  expect([(await decide(true)).status, (await ask('GET', '/api/desk/acts/waiting')).status]).toEqual([403, 403]);
  who = { id: 3, name: 'carla', role: 'lead' };
  expect((await ask<ActsAnswer>('GET', '/api/desk/acts/waiting')).body.acts).toMatchObject([{ id: asked.body.id, address: 'c7@isp.example', by: 'staff:ben' }]);
  expect((await decide(true)).body).toEqual({ state: 'done' });
  expect([await moves(), (await decide(true)).status]).toEqual([1, 409]);
  const lines = await audited(7);
  expect(lines).toContain(`staff:ben | move.rollback | ${WHY}`);
  expect(lines.at(-1)).toBe('staff:carla | desk.roll-back-approved | seen, and agreed');
  expect((await undo(asked.body.id)).status).toBe(200);
  expect((await sql<{ state: string }>`select state from move where account_id = 7 order by id desc limit 1`.execute(store.db())).rows).toEqual([{ state: 'cancelled' }]);

  who = { id: 2, name: 'ben', role: 'level-two' };
  const again = await act('roll-back');
  who = { id: 3, name: 'carla', role: 'lead' };
  expect((await decide(false, again.body.id)).body).toEqual({ state: 'declined' });
  expect((await sql`select from move where account_id = 7 and state = 'queued'`.execute(store.db())).rows).toHaveLength(0);
});

test('settings name the certificate’s hosts; the profile holds no password and escapes what it is given', async () => {
  await sql`update account set address = 'a&b<c@isp.example' where id = 3`.execute(store.db());
  const { shown } = (await act('device-settings')).body as unknown as { shown: { servers: unknown; qr: string; steps: string[]; profile: string; link: { url: string } } };
  expect(shown.servers).toEqual([
    { protocol: 'imap', host: 'imap.isp.example', port: 993, security: 'TLS' },
    { protocol: 'smtp', host: 'smtp.isp.example', port: 465, security: 'TLS' },
  ]);
  // A phone's camera follows a link; what it leads to is the same profile, and asks for the password itself.
  expect(shown.qr).toBe(shown.link.url);
  expect(links.open(shown.link.url.split('/').at(-1)!)).toEqual({ address: 'a&b<c@isp.example' });
  const other = await ask<{ shown: { qr: string } }>('POST', '/api/desk/accounts/3/acts/device-settings', { why: WHY, device: 'android' });
  expect(other.body.shown.qr).toContain('imap.isp.example 993 TLS');
  expect(other.body.shown).not.toHaveProperty('link');
  expect(shown.profile).toContain('<string>a&amp;b&lt;c@isp.example</string>');
  expect(shown.profile).not.toContain('Password</key><string>');
});

test('an account is attached to an incident that goes on, once, and detached again', async () => {
  const attached = await act('attach-incident');
  const rows = async (): Promise<number> => (await sql`select from account_incident where account_id = 3`.execute(store.db())).rows.length;
  expect([attached.status, await rows(), (await act('attach-incident')).status]).toEqual([200, 1, 409]);
  expect(await attachedIncidents(store, 3)).toEqual([INCIDENT]);
  await undo(attached.body.id);
  expect(await rows()).toBe(0);
});
