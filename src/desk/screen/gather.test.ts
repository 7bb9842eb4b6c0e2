import { sql } from 'kysely';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { migrations } from '#context/migrations.ts';
import { checkedCustomer, noteSignIns, saveUidls, setCustomer, type SignInSeen } from '#directory/index.ts';
import { addAccount } from '#directory/testing.ts';
import { declareIncident } from '#incident/declared/index.ts';
import { createLockWriter } from '#signin/locks/told.ts';
import { openTestStore, type TestStore } from '#store/testing.ts';
import type { Evidence } from './evidence.ts';
import { gather } from './gather.ts';

let fixture: TestStore;
beforeAll(async () => {
  fixture = await openTestStore(migrations);
});
afterAll(() => fixture.close());

const run = (statement: ReturnType<typeof sql>) => statement.execute(fixture.store.db());
const MINUTE = 60_000;

async function customer(loginName: string): Promise<{ id: number; seen: (ago: number, more: Partial<SignInSeen>) => SignInSeen }> {
  const id = await addAccount(fixture.store, { loginNames: [loginName], customer: checkedCustomer({ name: 'María Núñez', number: 'K-7', phones: ['0171 555 0101'] }) });
  const at = Date.now();
  return {
    id,
    seen: (ago, more) => ({ accountId: id, protocol: 'imap', network: '192.0.2.7', device: 'iPhone Mail 22B83, iOS 18.1', outcome: 'accepted', means: 'password', reason: '', firstAt: new Date(at - 24 * 60 * MINUTE), lastAt: new Date(at - ago * MINUTE), times: 3, ...more }),
  };
}

test('an account of which nothing happened has evidence of nothing, and one that is not there has none', async () => {
  const id = await addAccount(fixture.store);
  const evidence = await gather(fixture.store, id);
  expect(evidence).toMatchObject({ who: { id, state: 'active', home: 'old', authority: 'old', phones: [], passkeys: 0, hashHeld: false }, move: { phase: 'settled', moves: [], refused: [], refusedTotal: 0 }, signIns: [], locks: { distinct: 0, networks: [], inWords: [] }, deliveries: [], incidents: [], uidls: [] });
  for (const absent of ['name', 'customerNumber', 'secretChangedAt', 'secondStep']) expect(evidence?.who).not.toHaveProperty(absent);
  expect(evidence).not.toHaveProperty('receipt');
  expect(evidence?.move).not.toHaveProperty('wave');
  expect(await gather(fixture.store, 1e9)).toBeUndefined();
});

test('all that is known of an account, as plain JSON', async () => {
  const { id, seen } = await customer('maria77');
  await noteSignIns(fixture.store, [
    seen(90, {}),
    seen(5, { protocol: 'submission', device: '', outcome: 'rejected', means: 'none', reason: 'former', times: 214 }),
    seen(60, { protocol: 'webmail', device: 'Mozilla/5.0 (Windows NT 10.0) Chrome/131.0 Safari/537.36' }),
    seen(2, { network: '203.0.113.9', device: '', outcome: 'locked', means: 'none', reason: 'pair', times: 40 }),
  ]);
  const now = Date.now();
  await createLockWriter(fixture.store, 'one')(
    new Map([[id, {
      version: 9, knownNetworks: 1, distinct: 10, ceiling: 100, closed: undefined,
      networks: [
        { network: '203.0.113.9', known: false, wrong: 10, since: now - 9 * MINUTE, lastAt: now - 2 * MINUTE, stale: { times: 0, since: 0 }, lockedUntil: now + 20 * MINUTE, sprayingUntil: undefined },
        { network: '192.0.2.7', known: true, wrong: 0, since: now - 9 * MINUTE, lastAt: now - 5 * MINUTE, stale: { times: 214, since: now - 60 * MINUTE }, lockedUntil: undefined, sprayingUntil: now - MINUTE },
      ],
    }]]),
  );
  await run(sql`insert into delivery_seen values (${id}, 'old', 'deferred', '452 4.2.2 Mailbox full', now() - interval '2 hours', now(), 12)`);
  await run(sql`insert into door_seen values ('192.0.2.7', 'old-tls', '', now(), now(), 4), ('198.51.100.1', 'old-tls', '', now(), now(), 9)`);
  await run(sql`insert into former_hash (account_id, hash) values (${id}, '{X}y')`);
  const { rows: moves } = await sql<{ id: number }>`
    insert into move (account_id, source, target, state, failure, error, messages, copied_messages, ended_at) values
      (${id}, 'old', 'new', 'failed', 'quota', 'the target is full', 100, 40, now()) returning id`.execute(fixture.store.db());
  await run(sql`insert into refused (account_id, source, target, mailbox, source_uidvalidity, source_uid, size, failure, reason, move_id) values (${id}, 'old', 'new', 'INBOX', 1, 7, 90000000, 'too-big', '552 too big', ${moves[0]!.id})`);
  const side = (count: number) => ({ mailbox: 'INBOX', uidValidity: 1, uidNext: 9, count, bytes: count * 10, digest: 'x' });
  const body = { version: 1, account: { id, address: 'a@b.c' }, source: 'old', target: 'new', epoch: 2, time: '2026-11-20T08:00:00.000Z', mailboxes: [{ source: side(3), target: side(3) }, { source: side(4), target: side(4) }], readBack: 'all', unfenced: true, refused: [{ failure: 'too-big' }] };
  await run(sql`insert into receipt (account_id, move_id, body, signature, key_id) values (${id}, ${moves[0]!.id}, ${JSON.stringify(body)}, 's', 'k')`);
  await fixture.store.transaction((tx) => saveUidls(tx, id, 'new', { epoch: 2, marked: false, kept: 'a b\nc d' }));
  const { rows: plans } = await sql<{ id: number }>`insert into plan (name, source, target, state, gates) values ('switch', 'old', 'new', 'paused', '{}') returning id`.execute(fixture.store.db());
  await run(sql`with w as (insert into wave (plan_id, number, name, state) values (${plans[0]!.id}, 3, 'third', 'running') returning id) insert into wave_account select id, ${id} from w`);
  await run(sql`insert into incident (id, instance, kind, platform, protocols, began_at, occurrences, accounts) values (gen_random_uuid(), 'one', 'sentinel', 'old', '{}', now() - interval '1 hour', 9, 40), (gen_random_uuid(), 'one', 'sentinel', 'elsewhere', '{}', now(), 9, 40)`);
  const declare = (title: string, components: ('imap' | 'pop3')[]) => fixture.store.transaction((tx) => declareIncident(tx, { id: crypto.randomUUID(), title, components, impact: 'major', public: true, state: 'investigating', text: 'We look into it.', by: 'staff:ada' }));
  await declare('IMAP is slow', ['imap']);
  await declare('POP3 is slow', ['pop3']);
  await fixture.store.transaction((tx) => setCustomer(tx, id, checkedCustomer({ name: 'María Núñez', number: 'K-8', phones: ['0171 555 0101'] }), { actor: 'staff:ada', why: 'case 7' }));

  const evidence = (await gather(fixture.store, id))!;
  expect(JSON.parse(JSON.stringify(evidence)) as Evidence).toEqual(evidence);
  expect(evidence.who).toMatchObject({ name: 'María Núñez', customerNumber: 'K-8', phones: ['01715550101'], loginNames: ['maria77'], secretChangedAt: expect.any(Number) });
  expect(evidence.signIns.map(({ outcome, reason, deviceGuess, times }) => [outcome, reason, deviceGuess, times])).toEqual([
    ['locked', 'pair', 'a mail program or phone', 40],
    ['rejected', 'former', 'perhaps iPhone, Mail', 214],
    ['accepted', '', 'Windows, Chrome', 3],
    ['accepted', '', 'iPhone, Mail', 3],
  ]);
  expect(evidence.locks.networks).toEqual([expect.objectContaining({ network: '203.0.113.9', lockedUntil: now + 20 * MINUTE }), expect.not.objectContaining({ sprayingUntil: expect.anything() })]);
  expect(evidence.locks.inWords.join(' ')).toMatch(/203\.0\.113\.9 is locked out.*previous password 214 times/s);
  expect(evidence.door).toMatchObject([{ network: '192.0.2.7', fault: 'old-tls', times: 4 }]);
  expect(evidence.deliveries).toMatchObject([{ platform: 'old', outcome: 'deferred', reason: '452 4.2.2 Mailbox full', times: 12 }]);
  expect(evidence.move).toMatchObject({ wave: { plan: 'switch', planState: 'paused', number: 3, name: 'third', state: 'running' }, moves: [{ state: 'failed', failure: 'quota', messages: 100, copiedMessages: 40 }], refused: [{ failure: 'too-big', decided: false }], refusedTotal: 1 });
  expect(evidence.receipt).toMatchObject({ mailboxes: 2, messages: 7, bytes: 70, readBack: 'all', refused: [{ failure: 'too-big', messages: 1 }] });
  expect(evidence.uidls).toEqual([{ platform: 'new', epoch: 2, kept: 2, marked: false }]);
  expect(evidence.incidents).toMatchObject([{ seen: 'people', title: 'IMAP is slow', attached: false }, { seen: 'machine', platform: 'old', kind: 'sentinel' }]);
  expect(evidence.changes[0]).toEqual({ at: expect.any(Number), actor: 'staff:ada', act: 'account.customer-set', why: 'case 7' });
});

test('a lock that has ended is none any more, and an old count is not told', async () => {
  const { id } = await customer('maria78');
  const now = Date.now();
  const network = { network: '203.0.113.9', known: false, wrong: 10, since: now - 90 * 60 * MINUTE, lastAt: now - 30 * 60 * MINUTE, stale: { times: 0, since: 0 }, lockedUntil: now - MINUTE, sprayingUntil: undefined };
  await createLockWriter(fixture.store, 'one')(new Map([[id, { version: 9, knownNetworks: 0, distinct: 100, ceiling: 100, closed: { since: now - 40 * 24 * 60 * MINUTE, until: now - MINUTE }, networks: [network] }]]));
  expect((await gather(fixture.store, id))?.locks).toEqual({ distinct: 0, ceiling: 100, networks: [], inWords: [] });
});
