import { createHmac, randomUUID } from 'node:crypto';
import type { AddressInfo } from 'node:net';
import { sql } from 'kysely';
import { SMTPServer } from 'smtp-server';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import { createSecret } from '#config/index.ts';
import { addUpdate, declareIncident, declaredMigrations } from '#incident/declared/index.ts';
import { type Store, storeMigrations } from '#store/index.ts';
import { emptyTables, openTestStore, type TestStore } from '#store/testing.ts';
import { statusMigrations } from '../tables.ts';
import { ask, confirm, end, readAsk } from './asks.ts';
import { startTeller, type Teller, type TellerOptions } from './teller.ts';

const APP = 'https://status.isp.example';
type Got = { readonly to: string; readonly id: string; readonly head: string; readonly text: string };
let kept: TestStore;
let store: Store;
let relay: SMTPServer;
let got: Got[] = [];
/** What the relay does with the next letters: takes them, takes them and never says so, or refuses them. */
let moods: ('mute' | 'refuse' | 'later')[] = [];
const tellers: Teller[] = [];

beforeAll(async () => {
  kept = await openTestStore([...storeMigrations, { name: '0003_account', sql: 'create table account (id bigint primary key)' }, ...declaredMigrations, ...statusMigrations]);
  ({ store } = kept);
  relay = new SMTPServer({
    authOptional: true,
    disabledCommands: ['AUTH', 'STARTTLS'],
    onData(stream, session, done) {
      const chunks: Buffer[] = [];
      stream.on('data', (chunk: Buffer) => chunks.push(chunk));
      stream.on('end', () => {
        const mood = moods.shift();
        if (mood === 'refuse') return done(Object.assign(new Error('no'), { responseCode: 550 }));
        if (mood === 'later') return done(Object.assign(new Error('later'), { responseCode: 451 }));
        const [head = '', body = ''] = Buffer.concat(chunks).toString('latin1').split('\r\n\r\n');
        got.push({ to: session.envelope.rcptTo[0]!.address, id: /^Message-ID: <(.*)>/m.exec(head)![1]!, head, text: Buffer.from(body, 'base64').toString() });
        if (mood !== 'mute') return done();
        for (const connection of relay.connections) (connection as unknown as { _socket: { destroy(): void } })._socket.destroy();
      });
    },
  });
  await new Promise<void>((open) => void relay.listen(0, '127.0.0.1', () => open()));
});
afterAll(async () => {
  await new Promise<void>((closed) => void relay.close(() => closed()));
  await kept.close();
});
beforeEach(async () => {
  got = [];
  moods = [];
  await emptyTables(store);
});
afterEach(async () => {
  await Promise.all(tellers.splice(0).map((each) => each.stop()));
});

function teller(over: Partial<TellerOptions> = {}): void {
  const { port } = relay.server.address() as AddressInfo;
  tellers.push(startTeller({ store, provider: 'Ribera', zone: 'UTC', site: APP, app: APP, webhooks: [], fetch: async () => new Response(null), relay: { endpoint: { host: '127.0.0.1', port, tls: 'plain' }, user: undefined, password: undefined, from: 'status@isp.example' }, ...over }));
}

async function until(what: string, look: () => boolean | Promise<boolean>): Promise<void> {
  for (const by = performance.now() + 60_000; !(await look()); await new Promise((done) => setTimeout(done, 20))) if (performance.now() > by) throw new Error(`not in time: ${what}`);
}
const subscribers = (n: number) => sql`insert into status_subscriber (address, language, components, confirmed_at) select 'reader' || n || '@example.org', 'en', '{}', now() - interval '1 hour' from generate_series(1, ${n}::int) as n`.execute(store.db());
const declare = async (over: object = {}): Promise<string> => {
  const id = randomUUID();
  await store.transaction((tx) => declareIncident(tx, { id, title: 'Sign-in fails', components: ['sign-in'], impact: 'major', public: true, state: 'investigating', text: 'We look.', by: 'staff:ada', ...over }));
  return id;
};
const open = async (): Promise<number> => (await sql<{ n: number }>`select count(*)::int as n from status_delivery where ended_at is null`.execute(store.db())).rows[0]!.n;
const soon = async (): Promise<void> => {
  await sql`update status_delivery set next_at = now() where ended_at is null`.execute(store.db());
  for (const each of tellers) each.wake();
};

test('nobody is written to but who said so twice; one click ends it', async () => {
  teller();
  for (let i = 0; i < 5; i++) await store.transaction((tx) => ask(tx, { address: 'jane@example.org', language: 'es', components: ['imap', 'sign-in'] }));
  for (const each of tellers) each.wake();
  await until('the letters', () => got.length >= 3);
  await declare({ textEs: 'Lo miramos.' });
  await until('the update is made out', async () => (await sql`select from status_fanned`.execute(store.db())).rows.length === 1);
  // Three a day at most, and no update to somebody who has not confirmed.
  expect(got.map(({ to, head }) => [to, head.includes('List-Unsubscribe')])).toEqual(Array.from({ length: 3 }, () => ['jane@example.org', false]));
  const token = /confirm\/(\S+)/.exec(got.at(-1)!.text)![1]!;
  expect(await readAsk(store, token)).toEqual({ address: 'jane@example.org', language: 'es', components: ['imap', 'sign-in'] });
  expect(await store.transaction((tx) => confirm(tx, token))).toMatchObject({ language: 'es' });
  expect(await store.transaction((tx) => confirm(tx, token))).toBeUndefined();
  const incidentId = await declare({ textEs: 'Lo miramos.' });
  await declare({ public: false });
  await declare({ components: ['receiving'] });
  await until('the update', () => got.length === 4);
  const letter = got[3]!;
  expect(letter.text).toContain('Lo miramos.');
  expect(letter.text).toContain(`${APP}/es/incidents/${incidentId}.html`);
  const link = /^List-Unsubscribe: <https:\/\/status\.isp\.example\/unsubscribe\/(.*)>\r?$/m.exec(letter.head)![1]!;
  expect(letter.head).toContain('List-Unsubscribe-Post: List-Unsubscribe=One-Click');
  expect(await store.transaction((tx) => end(tx, link))).toBeTypeOf('number');
  expect((await sql`select from status_subscriber union all select from status_end`.execute(store.db())).rows).toEqual([]);
  await store.transaction((tx) => addUpdate(tx, { incidentId, key: randomUUID(), state: 'identified', text: 'Found.', by: 'staff:ada' }));
  await until('the second update is made out', async () => (await sql<{ n: number }>`select update_id - (select max(id) from incident_update) as n from status_fanned`.execute(store.db())).rows[0]!.n === 0);
  expect([got.length, await open()]).toEqual([4, 0]);
});

test('three processes tell sixty subscribers of three updates, each once', async () => {
  await subscribers(60);
  for (let i = 0; i < 3; i++) teller();
  const incidentId = await declare();
  for (const state of ['identified', 'resolved'] as const) await store.transaction((tx) => addUpdate(tx, { incidentId, key: randomUUID(), state, text: state, by: 'staff:ada' }));
  await until('180 letters', () => got.length >= 180);
  await until('all noted', async () => (await open()) === 0);
  expect(got).toHaveLength(180);
  expect(new Set(got.map(({ id }) => id)).size).toBe(180);
  expect(new Set(got.map(({ to }) => to)).size).toBe(60);
});

test('an answer that was lost brings the letter again under the same id; one that was refused does not', async () => {
  await subscribers(3);
  moods = ['mute', 'later', 'refuse'];
  teller();
  await declare();
  await until('three tries', async () => (await sql<{ n: number }>`select coalesce(sum(tries), 0)::int as n from status_delivery`.execute(store.db())).rows[0]!.n >= 3 && moods.length === 0);
  await until('one has ended', async () => (await open()) === 2);
  await soon();
  await until('all have', async () => (await open()) === 0);
  const ids = got.map(({ id }) => id);
  expect(ids).toHaveLength(3);
  expect(new Set(ids).size).toBe(2);
  const { rows } = await sql<{ outcome: string; n: number }>`select outcome, count(*)::int as n from status_delivery group by outcome order by outcome`.execute(store.db());
  expect(rows).toEqual([{ outcome: 'delivered', n: 2 }, { outcome: 'refused', n: 1 }]);
});

test('a webhook is called once an update, signed, and again when it does not answer', async () => {
  const calls: { headers: Record<string, string>; body: string }[] = [];
  const fetch: TellerOptions['fetch'] = async (_url, { headers, body }) => {
    calls.push({ headers: headers as Record<string, string>, body: String(body) });
    return new Response(null, { status: calls.length === 1 ? 500 : 204 });
  };
  teller({ relay: undefined, webhooks: [{ name: 'ops', url: createSecret('https://ops.example/hook'), secret: createSecret('s3cret') }], fetch });
  const id = await declare();
  await until('the first call is noted', async () => (await sql<{ n: number }>`select count(*)::int as n from status_delivery where next_at between now() and now() + interval '61 seconds' and ended_at is null`.execute(store.db())).rows[0]!.n === 1);
  await soon();
  await until('it has ended', async () => calls.length === 2 && (await open()) === 0);
  const [first, second] = calls;
  expect(second!.headers['webhook-id']).toBe(first!.headers['webhook-id']);
  expect(JSON.parse(second!.body)).toMatchObject({ type: 'status.update', data: { incident: id, state: 'investigating', text: 'We look.' } });
  const { 'webhook-id': hookId, 'webhook-timestamp': at, 'webhook-signature': signature } = second!.headers;
  expect(signature).toBe(`v1,${createHmac('sha256', 's3cret').update(`${hookId}.${at}.${second!.body}`).digest('base64')}`);
});
