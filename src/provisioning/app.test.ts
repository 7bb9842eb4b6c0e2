import { sql } from 'kysely';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { findAccount, type PlatformFacts, readCustomer } from '#directory/index.ts';
import { noteProgress } from '#directory/progress.ts';
import { openDirectoryStore } from '#directory/testing.ts';
import { CausewayError } from '#errors/index.ts';
import { systemClock as clock } from '#events/clock.ts';
import type { App } from '#http/app.ts';
import { createSecrets } from '#signin/index.ts';
import { LIFE } from '#store/feed.ts';
import type { TestStore } from '#store/testing.ts';
import { createProvisioningApp } from './app.ts';

let fixture: TestStore;
let app: App;
const TOKEN = 'a-token-of-the-billing-system-0123456789';
const HASH = '{SHA512-CRYPT}$6$salt$hash';
const facts: PlatformFacts = { names: ['old', 'shut', 'asks'], told: new Map([['asks', 'hash']]), opens: new Set(['old']) };
const makeHash = async (secret: string): Promise<string> => `{ARGON2ID}$argon2id$v=19$m=19456,t=2,p=1$c2FsdHNhbHRzYWx0$${Buffer.from(secret.padEnd(16, '.')).toString('base64').replaceAll('=', '')}`;

beforeAll(async () => {
  fixture = await openDirectoryStore();
  app = build();
});
afterAll(() => fixture.close());

function build(over: Partial<Parameters<typeof createProvisioningApp>[0]> = {}): App {
  const secrets = createSecrets({ store: fixture.store, makeHash, seal: undefined, facts });
  return createProvisioningApp({ store: fixture.store, secrets, facts, hashFault: () => undefined, tokens: new Map([['billing', { reveal: () => TOKEN }]]), pages: 'https://password.isp.example', clock, emit: () => {}, ...over });
}

let keys = 0;
/** Each answer has some of these. */
type Body = { change: string; message: string; secret: string; id: number; token: string; appPasswords: unknown };
type Said = { status: number; body: Body; headers: Headers };

async function ask(method: string, path: string, body?: unknown, headers: Record<string, string> = {}, to = app): Promise<Said> {
  const all: Record<string, string> = { authorization: `Bearer ${TOKEN}`, 'content-type': 'application/json', 'idempotency-key': `k${(keys += 1)}`, ...headers };
  const init: RequestInit = { method, headers: all, ...(body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) }) };
  const response = await to.request(`/v1${path}`, init, { incoming: { socket: {} } });
  return { status: response.status, body: JSON.parse(await response.text()) as Body, headers: response.headers };
}
const post = (path: string, body: unknown, key?: string): Promise<Said> => ask('POST', path, body, key === undefined ? {} : { 'idempotency-key': key });

test('an account from its making to its end', async () => {
  const create = { sequence: 1, address: 'Jane@isp.example', platform: 'old', hash: HASH, loginNames: ['jane@isp.example', 'jane'] };
  const made = await post('/accounts', create, 'make-jane');
  expect(made).toMatchObject({ status: 201, body: { outcome: 'done', sequence: 1, account: { address: 'jane@isp.example', state: 'active', home: 'old', authority: 'ours' } } });
  expect((await post('/accounts', create, 'make-jane')).body).toEqual(made.body);
  expect(await post('/accounts', { ...create, sequence: 2 }, 'make-jane')).toMatchObject({ status: 409, body: { code: 'conflict' } });
  expect(await ask('GET', '/accounts/jane')).toMatchObject({ status: 200, body: { address: 'jane@isp.example', loginNames: ['jane', 'jane@isp.example'] } });
  for (const [sequence, act, state] of [[2, 'suspend', 'suspended'], [3, 'reopen', 'active'], [4, 'send-block', 'send-blocked'], [6, 'close', 'closed']] as const) {
    expect(await post(`/accounts/jane/${act}`, { sequence, why: 'a test' })).toMatchObject({ status: 200, body: { outcome: 'done', account: { state } } });
  }
  // Overtaken: it changes nothing, and is no error.
  expect(await post('/accounts/jane/reopen', { sequence: 5 })).toMatchObject({ status: 200, body: { outcome: 'stale', account: { state: 'closed' }, sequence: 6 } });
  expect(await post('/accounts/jane/reopen', { sequence: 7 })).toMatchObject({ body: { outcome: 'done' } });
  expect(await post('/accounts/jane/rename', { sequence: 8, address: 'jane.doe@isp.example' })).toMatchObject({ body: { account: { address: 'jane.doe@isp.example' } } });
  expect(await post('/accounts/jane/names', { sequence: 9, addRecipients: ['sales@isp.example'] })).toMatchObject({ body: { outcome: 'done' } });
  const { rows } = await sql<{ actor: string; why: string | null }>`select actor, why from audit where act = 'account.state' or act like 'account.%' order by id`.execute(fixture.store.db());
  expect(rows.every(({ actor }) => actor === 'api:billing')).toBe(true);
  expect(rows.filter(({ why }) => why === 'a test')).toHaveLength(4);
});

test('whose an account is, is told at its making and later, and stands in no audit', async () => {
  const made = await post('/accounts', { sequence: 1, address: 'kim@isp.example', platform: 'old', customer: { name: 'Kim Oh', phones: ['+49 171 5550101'] } });
  const { id } = (made.body as unknown as { account: { id: number } }).account;
  expect(await readCustomer(fixture.store, id)).toEqual({ name: 'Kim Oh', number: '', phones: ['+491715550101'] });
  expect(await post('/accounts/kim@isp.example/customer', { sequence: 2, name: 'Kim Oh', number: 'K-7' })).toMatchObject({ status: 200, body: { outcome: 'done' } });
  expect(await post('/accounts/kim@isp.example/customer', { sequence: 3, name: 'Kim Oh', number: 'K-7' })).toMatchObject({ body: { outcome: 'unchanged' } });
  expect(await readCustomer(fixture.store, id)).toEqual({ name: 'Kim Oh', number: 'K-7', phones: [] });
  expect(await post('/accounts/kim@isp.example/customer', { sequence: 4, phones: ['none'] })).toMatchObject({ status: 422 });
  const { rows } = await sql<{ whole: string }>`select row_to_json(a)::text as whole from audit a where subject = ${`account:${id}`}`.execute(fixture.store.db());
  expect(rows.map(({ whole }) => whole).join('\n')).toMatch(/^(?!.*Kim Oh)[^]*account\.customer-set/);
});

test('a secret is set once for each key, and never stands where it should not', async () => {
  await post('/accounts', { sequence: 1, address: 'ben@isp.example', platform: 'old' });
  const change = { sequence: 2, password: 'a quite new secret' };
  const first = await post('/accounts/ben@isp.example/password', change, 'ben-2');
  expect(first).toMatchObject({ status: 200, body: { outcome: 'done', account: { authority: 'ours' }, change: expect.stringMatching(/^\d+$/) } });
  expect((await post('/accounts/ben@isp.example/password', change, 'ben-2')).body).toMatchObject({ outcome: 'done', sequence: 2 });
  const account = (await findAccount(fixture.store, 'ben@isp.example'))!.account;
  expect(account.credentialVersion).toBe(2);
  expect(account.hash?.encoded).toBe(await makeHash('a quite new secret'));
  // A request that was overtaken does not bring an older secret back.
  expect(await post('/accounts/ben@isp.example/password', { sequence: 1, password: 'the one before that' })).toMatchObject({ body: { outcome: 'stale' } });
  expect(await post('/accounts/ben@isp.example/password', { sequence: 3, hash: `${HASH}2` })).toMatchObject({ body: { outcome: 'done' } });
  const refused = await post('/accounts/ben@isp.example/password', { sequence: 4, password: 'short77' });
  expect(refused).toMatchObject({ status: 422, body: { code: 'input', sentence: expect.stringContaining('at least 8') } });
  expect(JSON.stringify(refused.body)).not.toContain('short77');
  expect(await post('/accounts/ben@isp.example/password', { sequence: 4, password: 'x', hash: 'y' })).toMatchObject({ status: 422 });
  const { rows } = await sql<{ whole: string }>`select row_to_json(r)::text as whole from provisioning_request r union all select row_to_json(a)::text from audit a`.execute(fixture.store.db());
  expect(rows.map(({ whole }) => whole).join('\n')).not.toMatch(/a quite new secret|the one before that/);
});

test('where only the platform can change it, it is asked, or that is said', async () => {
  await post('/accounts', { sequence: 1, address: 'asks@isp.example', platform: 'asks' });
  expect(await post('/accounts/asks@isp.example/password', { sequence: 2, password: 'a quite new secret' })).toMatchObject({ status: 200, body: { outcome: 'done', asked: 'asks' } });
  await post('/accounts', { sequence: 1, address: 'shut@isp.example', platform: 'shut' });
  const said = await post('/accounts/shut@isp.example/password', { sequence: 2, password: 'a quite new secret' });
  expect(said).toMatchObject({ status: 409, body: { code: 'unavailable', sentence: expect.stringContaining('goes on working') } });
});

test('a change says which instances act by it', async () => {
  await sql`insert into instance (id, boot) values ('here', 'a'), ('cut-off', 'b')`.execute(fixture.store.db());
  const { body } = await post('/accounts/ben@isp.example/password', { sequence: 10, password: 'yet another secret' });
  const { rows } = await sql<{ life: string }>`select ${LIFE} as life`.execute(fixture.store.db());
  await noteProgress(fixture.store, 'here', { life: rows[0]!.life, xid: String(BigInt(body.change) + 1n) });
  expect(await ask('GET', `/accounts/ben@isp.example/secret-changes/${body.change}`)).toMatchObject({ status: 200, body: { confirmed: ['here'], notYet: [{ instance: 'cut-off' }] } });
  expect((await ask('GET', '/accounts/ben@isp.example/secret-changes/x')).status).toBe(422);
});

test('app passwords and reset links', async () => {
  const made = await post('/accounts/ben@isp.example/app-passwords', { label: 'phone', scope: ['imap', 'submission'] });
  expect(made).toMatchObject({ status: 201, body: { secret: expect.stringMatching(/^(\w{4}-){3}\w{4}$/) } });
  const listed = await ask('GET', '/accounts/ben@isp.example/app-passwords');
  expect(listed.body.appPasswords).toMatchObject([{ id: made.body.id, label: 'phone', revokedAt: null }]);
  expect(JSON.stringify(listed.body)).not.toContain(made.body.secret);
  expect(await ask('DELETE', `/accounts/ben@isp.example/app-passwords/${made.body.id}`)).toMatchObject({ status: 200, body: { change: expect.any(String) } });
  expect((await ask('DELETE', `/accounts/ben@isp.example/app-passwords/${made.body.id}`)).status).toBe(404);
  const link = await post('/accounts/ben@isp.example/reset-links', { why: 'call 4711' });
  expect(link).toMatchObject({ status: 201, body: { url: `https://password.isp.example/reset/${link.body.token}` } });
});

test.each([
  ['no token', 401, { authorization: '' }],
  ['a wrong token', 401, { authorization: `Bearer ${TOKEN}x` }],
  ['another scheme', 401, { authorization: `Basic ${TOKEN}` }],
  ['no key', 400, { 'idempotency-key': '' }],
])('%s', async (_, status, headers) => {
  const said = await ask('POST', '/accounts', { sequence: 1, address: 'never@isp.example', platform: 'old' }, headers as Record<string, string>);
  expect(said.status).toBe(status);
  expect(JSON.stringify(said.body)).not.toContain(TOKEN);
  expect(await findAccount(fixture.store, 'never@isp.example')).toBeUndefined();
});

test('many wrong tokens are 429; the right one comes in all the same', async () => {
  const fresh = build();
  const wrong = (): Promise<Said> => ask('GET', '/accounts/ben@isp.example', undefined, { authorization: 'Bearer guess' }, fresh);
  for (let n = 0; n < 20; n += 1) expect((await wrong()).status).toBe(401);
  expect(await wrong()).toMatchObject({ status: 429, body: { code: 'limit' } });
  expect((await ask('GET', '/accounts/ben@isp.example', undefined, {}, fresh)).status).toBe(200);
});

test('what cannot be read is refused without being repeated', async () => {
  for (const [body, status] of [['{"password": "hunter2', 400], ['[]', 422], ['{"sequence": "hunter2", "password": "hunter2"}', 422], ['{"sequence": 1, "hunter2": 1}', 422]] as const) {
    const said = await ask('POST', '/accounts/ben@isp.example/password', body);
    expect(said.status).toBe(status);
    expect(said.body.message).not.toMatch(/hunter2.*hunter2/);
  }
  expect((await ask('GET', '/accounts/nobody@isp.example')).status).toBe(404);
  expect((await ask('GET', '/nothing')).status).toBe(404);
});

test('without the store it is 503, and says when to come again', async () => {
  const gone = new Proxy(fixture.store, {
    get: () => () => {
      throw new CausewayError('unavailable', 'the store is gone');
    },
  });
  const said = await ask('POST', '/accounts/ben@isp.example/suspend', { sequence: 50 }, {}, build({ store: gone }));
  expect(said).toMatchObject({ status: 503, body: { code: 'unavailable' } });
  expect(said.headers.get('retry-after')).toBe('5');
});
