import { sql } from 'kysely';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { setCustomer, checkedCustomer } from '#directory/customer.ts';
import { addAccount } from '#directory/testing.ts';
import type { Store } from '#store/index.ts';
import { openTestStore, type TestStore } from '#store/testing.ts';
import { closeCase, promiseCallBack } from './acts.ts';
import { answerAll, listDue } from './answers.ts';
import { factsOf } from './facts.ts';
import { linkCase, linkLiveCase, mergeCase, unlinkCase } from './link.ts';
import { readCase } from './read.ts';
import { declareOutage, deskMigrations, seedCases, update } from './testing.ts';

const options = { forecasts: async () => new Map(), timeZone: 'UTC' };
const FROM = { by: 'staff:ada' };
let kept: TestStore;
let store: Store;
beforeAll(async () => {
  kept = await openTestStore(deskMigrations, { poolSize: 20 });
  ({ store } = kept);
});
afterAll(() => kept.close());

const key = (): string => crypto.randomUUID();
const answersOf = async (id: number) => (await readCase(store, id, 'ada')).entries.filter(({ kind }) => kind === 'update');
const stateOf = async (id: number) => (await readCase(store, id, 'ada')).case.state;

test('each case gets each update once, with its own facts, in order, and is closed by the last', async () => {
  const accounts = [await addAccount(store, { address: 'ann@example.org' }), await addAccount(store, { address: 'bob@example.org', home: 'new', authority: 'new' })];
  await store.transaction((tx) => setCustomer(tx, accounts[0]!, checkedCustomer({ name: 'Ann {{address}}' }), { actor: 'test' }));
  const incident = await declareOutage(store);
  await answerAll(store, options);
  const [ann, bob] = (await seedCases(store, accounts, incident)) as [number, number];
  const first = await update(store, incident, 'identified', 'A disk is full.', 'Un disco lleno.');
  const last = await update(store, incident, 'resolved', 'All is well.');
  // Ten at once, as ten processes would.
  await Promise.all(Array.from({ length: 10 }, () => answerAll(store, options)));
  await answerAll(store, options);
  for (const id of [ann, bob]) {
    expect((await answersOf(id)).map(({ updateId }) => updateId)).toEqual([first, last]);
    expect(await stateOf(id)).toBe('closed');
  }
  const [told, ended] = await answersOf(ann);
  expect(told!.text).toBe('Dear Ann {{address}},\n\nA disk is full.\n\nAbout your mailbox:\n- Address: ann@example.org\n- Now at: old\n\n---\n\nEstimado cliente, Ann {{address}}:\n\nUn disco lleno.\n\nSobre su buzón:\n- Dirección: ann@example.org\n- Ahora en: old');
  expect(ended!.text).toContain('we close your case');
  expect((await answersOf(bob))[0]!.text).toMatch(/^Dear customer,[^]*- Now at: new/);
  const { rows } = await sql<{ act: string; subject: string; n: number }>`select act, subject, count(*)::int as n from audit where subject = ${`case:${ann}`} and actor = 'incident' group by act, subject order by act`.execute(store.db());
  expect(rows).toEqual([{ act: 'case.answered', subject: `case:${ann}`, n: 2 }, { act: 'case.closed', subject: `case:${ann}`, n: 1 }]);
});

test('an answer says with which wave its customer moves, and when only while the plan goes on', async () => {
  const [waits, held, behind] = await Promise.all([addAccount(store), addAccount(store), addAccount(store)]);
  await sql`insert into plan (name, source, target, state, gates) values ('friday', 'old', 'new', 'running', '{}')`.execute(store.db());
  await sql`insert into wave (plan_id, number, name, state) select p.id, n, 'wave ' || n, case n when 1 then 'done' else 'running' end from plan p, generate_series(1, 2) n where p.name = 'friday'`.execute(store.db());
  await sql`insert into wave_account (wave_id, account_id) select w.id, a.id from wave w, unnest(${[waits, held]}::bigint[]) as a (id) where w.number = 2 union all select id, ${behind} from wave where number = 1`.execute(store.db());
  await sql`insert into held_back (account_id, by, why) values (${held}, 'test', 'a funeral')`.execute(store.db());
  const forecasts = async (waves: readonly number[]) => new Map(waves.map((id) => [id, { fromAt: new Date(Date.UTC(2026, 0, 2, 9)), toAt: new Date(Date.UTC(2026, 0, 2, 11)) }] as const));
  const told = async () => {
    const facts = await factsOf(store, [waits, held, behind], { forecasts, timeZone: 'UTC' });
    return [waits, held, behind].map((id) => [facts.get(id)!.wave, facts.get(id)!.forecast]);
  };
  expect(await told()).toEqual([['wave 2', '2 Jan 2026, 09:00 to 2 Jan 2026, 11:00 (UTC)'], [undefined, undefined], [undefined, undefined]]);
  await sql`update plan set state = 'paused' where name = 'friday'`.execute(store.db());
  expect(await told()).toEqual([['wave 2', undefined], [undefined, undefined], [undefined, undefined]]);
  await sql`update plan set state = 'done' where name = 'friday'`.execute(store.db());
});

test('who was promised a call is answered and not closed; what was closed, merged or taken off is left alone', async () => {
  const accounts = await Promise.all(Array.from({ length: 4 }, () => addAccount(store)));
  const incident = await declareOutage(store);
  await answerAll(store, options);
  const [promised, closed, off, merged] = (await seedCases(store, [...accounts.slice(0, 3), accounts[0]!], incident)) as [number, number, number, number];
  await store.transaction((tx) => promiseCallBack(tx, { id: promised, ...FROM, key: key(), at: Date.now() + 60_000, phone: '555 0101' }));
  await update(store, incident, 'identified', 'Found.');
  // It is listed, and changed before it is answered.
  await store.transaction(listDue);
  await store.transaction((tx) => closeCase(tx, { id: closed, ...FROM, key: key() }));
  await store.transaction((tx) => linkCase(tx, { id: off, ...FROM, incident: undefined }));
  await store.transaction((tx) => mergeCase(tx, { id: merged, ...FROM, into: promised }));
  await update(store, incident, 'resolved', 'Over.');
  await answerAll(store, options);
  expect(await answersOf(promised)).toHaveLength(2);
  expect(await stateOf(promised)).toBe('waiting');
  expect((await answersOf(promised))[1]!.text).not.toContain('we close your case');
  for (const id of [closed, off, merged]) expect(await answersOf(id)).toEqual([]);
  expect([await stateOf(closed), await stateOf(off), await stateOf(merged)]).toEqual(['closed', 'open', 'merged']);
  await expect(store.transaction((tx) => linkCase(tx, { id: off, ...FROM, incident }))).rejects.toMatchObject({ code: 'conflict' });
});

test('a case that is linked while its incident ends is either answered or refused', async () => {
  const account = await addAccount(store);
  for (let round = 0; round < 10; round += 1) {
    const incident = await declareOutage(store);
    const [id] = (await seedCases(store, [account], undefined)) as [number];
    const [linked] = await Promise.all([
      store.transaction((tx) => linkCase(tx, { id, ...FROM, incident })).then(() => true, () => false),
      update(store, incident, 'resolved', 'Over.'),
    ]);
    await answerAll(store, options);
    const answers = await answersOf(id);
    expect(answers.some(({ text }) => text.includes('Over.'))).toBe(linked);
    expect(await stateOf(id)).toBe(linked ? 'closed' : 'open');
  }
});

test('an account that is attached brings its newest live case along, and takes it back', async () => {
  const account = await addAccount(store);
  const incident = await declareOutage(store);
  const link = () => store.transaction((tx) => linkLiveCase(tx, { account, incident, ...FROM }));
  expect(await link()).toBeUndefined();
  const [, newest] = (await seedCases(store, [account, account], undefined)) as [number, number];
  expect(await link()).toBe(newest);
  const linkedTo = async () => (await readCase(store, newest, 'ada')).case.incidentId;
  expect(await linkedTo()).toBe(incident);
  await store.transaction((tx) => unlinkCase(tx, { id: newest, incident, ...FROM }));
  expect(await linkedTo()).toBeUndefined();
});
