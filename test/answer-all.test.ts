/** 2,000 cases of one incident are answered and closed by one update, each exactly once, with a SIGKILL in the middle. */
import { sql } from 'kysely';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { declareOutage, deskMigrations } from '../src/desk/cases/testing.ts';
import { answerAll } from '../src/desk/cases/answers.ts';
import { openTestStore, type TestStore } from '../src/store/testing.ts';
import { answerAllCases } from './cases/answer-all.ts';

const CASES = 2_000;

let kept: TestStore;
beforeAll(async () => {
  kept = await openTestStore(deskMigrations);
});
afterAll(() => kept.close());

test('one update, 2,000 answers, each once, the process killed in the middle', async () => {
  const { store, connection } = kept;
  const { rows } = await sql<{ id: number }>`
    with made as (insert into account (address, state, authority, credential_version) select 'user' || n || '@example.org', 'active', 'old', 1 from generate_series(1, ${CASES}) n returning id),
      routed as (insert into route (account_id, home) select id, 'old' from made)
    select id from made`.execute(store.db());
  const incident = await declareOutage(store);
  await answerAll(store, { forecasts: async () => new Map(), timeZone: 'UTC' });
  const found = await answerAllCases({ store, connection, accounts: rows.map(({ id }) => id), incident, killAfter: CASES / 2 });
  expect(found.beforeKill).toBeLessThan(CASES);
  expect(found).toMatchObject({ answered: CASES, doubled: 0 });
});
