import { createServer, type IncomingHttpHeaders } from 'node:http';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { sql } from 'kysely';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { addAccount } from '#directory/testing.ts';
import { CausewayError } from '#errors/index.ts';
import { systemClock as clock } from '#events/clock.ts';
import { isSigned } from '#http/webhook-signature.ts';
import type { Store } from '#store/index.ts';
import { openTestStore, type TestStore } from '#store/testing.ts';
import { addEntry, assign, closeCase } from '../acts.ts';
import { deskMigrations, seedCases } from '../testing.ts';
import { type Receiver, setReceivers, tellDue, type Told } from './deliver.ts';
import { type Letter, letterReceiver } from './letters.ts';
import { webhookReceiver } from './webhook.ts';

const SECRET = 'a secret of the provider\u2019s desk';
let kept: TestStore;
let store: Store;
let id: number;
let heard: { headers: IncomingHttpHeaders; body: string }[];
let answers: number[];
const server = createServer((request, response) => {
  let body = '';
  request.on('data', (chunk: Buffer) => (body += chunk.toString()));
  request.on('end', () => {
    heard.push({ headers: request.headers, body });
    response.writeHead(answers.shift() ?? 204, { location: '/elsewhere' }).end();
  });
});
let url: string;
beforeAll(async () => {
  kept = await openTestStore(deskMigrations);
  ({ store } = kept);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/hook`;
  [id] = (await seedCases(store, [await addAccount(store, { address: 'ann@example.org' })], undefined)) as [number];
});
afterAll(async () => {
  server.close();
  await kept.close();
});
beforeEach(async () => {
  heard = [];
  answers = [];
  await sql`delete from desk_event`.execute(store.db());
});

const by = 'staff:ada';
const key = (): string => crypto.randomUUID();
const hook = (): Receiver => webhookReceiver({ name: 'crm', url: { reveal: () => url }, secret: { reveal: () => SECRET } }, clock);
const receivers = (...names: string[]): Promise<void> => store.transaction((tx) => setReceivers(tx, names));
const later = (): Promise<unknown> => sql`update desk_delivery set next_at = now()`.execute(store.db());
const waiting = async (): Promise<number> => (await sql<{ n: number }>`select count(*)::int as n from desk_delivery`.execute(store.db())).rows[0]!.n;
const note = (): Promise<unknown> => store.transaction((tx) => addEntry(tx, { id, by, key: key(), kind: 'note', text: '<b>looking</b>' }));

test('an event is a signed call; it is made again until it is taken, with the same id', async () => {
  await receivers('crm');
  await note();
  answers = [503, 302, 204];
  for (let round = 0; round < 4; round += 1) {
    await tellDue(store, hook());
    await later();
  }
  expect(heard).toHaveLength(3);
  expect(new Set(heard.map(({ headers }) => headers['webhook-id'])).size).toBe(1);
  expect(await waiting()).toBe(0);
  const { headers, body } = heard[0]!;
  expect(JSON.parse(body)).toMatchObject({ type: 'case.entry', data: { id: Number(headers['webhook-id']), case: id, account: 'ann@example.org', text: '<b>looking</b>', by } });
  expect(isSigned(SECRET, body, headers, Date.now())).toBe(true);
  expect(isSigned(SECRET, `${body} `, headers, Date.now())).toBe(false);
  expect(isSigned('another', body, headers, Date.now())).toBe(false);
  expect(isSigned(SECRET, body, { ...headers, 'webhook-id': '99999' }, Date.now())).toBe(false);
  expect(isSigned(SECRET, body, headers, Date.now() + 301_000)).toBe(false);
});

test('what failed waits longer each time; two processes never have the same one', async () => {
  await receivers('crm');
  await note();
  answers = [500, 500, 500];
  for (const wait of [5, 10, 20]) {
    const { rows: begun } = await sql<{ at: string }>`select clock_timestamp()::text as at`.execute(store.db());
    await Promise.all([tellDue(store, hook()), tellDue(store, hook())]);
    // So long after a moment between these two, however long they are apart.
    const { rows } = await sql<{ least: number; most: number; failure: string }>`
      select extract(epoch from next_at - clock_timestamp())::float8 as least, extract(epoch from next_at - ${begun[0]!.at}::timestamptz)::float8 as most, failure from desk_delivery`.execute(store.db());
    expect(rows[0]!.least).toBeLessThanOrEqual(wait);
    expect(rows[0]!.most).toBeGreaterThanOrEqual(wait);
    expect(rows[0]!.failure).toBe('the webhook answered 500');
    await later();
  }
  expect(heard).toHaveLength(3);
});

test('what is gone for good is given up; what nobody answers is not; who is taken out is told no more', async () => {
  await receivers('crm');
  await note();
  const dead = webhookReceiver({ name: 'crm', url: { reveal: () => 'http://127.0.0.1:1/secret-path' }, secret: { reveal: () => SECRET } }, clock);
  await tellDue(store, dead);
  const { rows } = await sql<{ failure: string }>`select failure from desk_delivery`.execute(store.db());
  expect(rows).toEqual([{ failure: 'the webhook does not answer' }]);
  await later();
  answers = [410];
  await tellDue(store, hook());
  expect(await waiting()).toBe(0);
  await note();
  expect(await waiting()).toBe(1);
  await receivers('other');
  expect(await waiting()).toBe(0);
});

test('customers get answers by mail, one letter each, and nothing that stays in the house', async () => {
  await receivers('crm', 'mail');
  const sent: Letter[] = [];
  let refuse: Error | undefined = new CausewayError('unavailable', 'later');
  const mail = letterReceiver({ domain: 'isp.example', send: async (letter) => (sent.push(letter), refuse === undefined ? undefined : Promise.reject(refuse)) });
  await note();
  await store.transaction((tx) => assign(tx, { id, by, to: 'bo' }));
  await store.transaction((tx) => addEntry(tx, { id, by, key: key(), kind: 'call', text: 'spoke to her' }));
  await store.transaction((tx) => addEntry(tx, { id, by, key: key(), kind: 'answer', text: 'Change it in the phone.' }));
  await store.transaction((tx) => closeCase(tx, { id, by, key: key(), text: 'It works.' }));
  await tellDue(store, mail);
  refuse = undefined;
  await later();
  while ((await tellDue(store, mail)) > 0);
  expect(sent.map(({ to, subject, text }) => [to, subject, text]).slice(0, 2)).toEqual([
    ['ann@example.org', `[${id}] cannot sign in`, 'Change it in the phone.\n'],
    ['ann@example.org', `[${id}] cannot sign in`, 'It works.\n'],
  ]);
  expect(sent).toHaveLength(4);
  expect(new Set(sent.map(({ messageId }) => messageId)).size).toBe(2);
  const kinds: string[] = [];
  const all: Receiver = { name: 'crm', tell: async ({ kind }: Told) => void kinds.push(kind) };
  await tellDue(store, all);
  expect(kinds.toSorted()).toEqual(['case.answered', 'case.answered', 'case.assigned', 'case.closed', 'case.entry', 'case.entry']);
});
