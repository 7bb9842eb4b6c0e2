import { sql } from 'kysely';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { directoryMigrations } from '#directory/index.ts';
import { moverMigrations } from '#mover/migrations.ts';
import { type Store, storeMigrations } from '#store/index.ts';
import { openTestStore, type TestStore } from '#store/testing.ts';
import { migrations as cutoverMigrations } from '../tables.ts';
import { ownAnswer } from './answer.ts';
import { answerSchema } from './api.ts';

let kept: TestStore;
let store: Store;
beforeAll(async () => {
  kept = await openTestStore([...storeMigrations, ...directoryMigrations, ...moverMigrations, ...cutoverMigrations]);
  ({ store } = kept);
  await sql`insert into plan (name, source, target, state, gates) values ('p', 'old', 'new', 'running', '{}')`.execute(store.db());
  await sql`insert into wave (plan_id, number, name, state) select id, 1, 'one', 'running' from plan`.execute(store.db());
});
afterAll(() => kept.close());

const at = new Date('2026-11-27T14:00:00Z');
let next = 0;
async function account({ home = 'old', phase = 'settled', planned = false, move, state = 'active' }: { home?: string; phase?: string; planned?: boolean; move?: string; state?: string }) {
  const id = ++next;
  await sql`insert into account (id, address, authority, state) values (${id}, ${`a${id}@isp.example`}, 'old', ${state})`.execute(store.db());
  await sql`insert into route (account_id, home, phase, stage, hold_deadline, round_deadline) values (${id}, ${home}, ${phase}, ${phase === 'held' ? 'freeze' : null}, ${phase === 'held' ? at : null}, ${phase === 'held' ? at : null})`.execute(store.db());
  if (planned) await sql`insert into wave_account select id, ${id} from wave`.execute(store.db());
  if (move !== undefined) await sql`insert into move (account_id, source, target, state, ended_at) values (${id}, 'old', 'new', ${move}, ${move === 'moved' || move === 'failed' ? at : null})`.execute(store.db());
  return ownAnswer(store, id, async () => ({ fromAt: at, toAt: at, madeAt: at }));
}

test('each state of a move has its answer, and none names anybody', async () => {
  const cases = [
    [{}, 'stays'],
    [{ planned: true }, 'planned'],
    [{ planned: true, move: 'queued' }, 'planned'],
    [{ planned: true, phase: 'copying', move: 'copying' }, 'copying'],
    [{ planned: true, phase: 'following', move: 'following' }, 'copying'],
    [{ planned: true, phase: 'held', move: 'held' }, 'moving'],
    [{ planned: true, home: 'new', move: 'moved' }, 'moved'],
    [{ planned: true, move: 'failed' }, 'waits'],
    // Moved there and back again.
    [{ home: 'old', move: 'moved' }, 'stays'],
  ] as const;
  for (const [given, place] of cases) {
    const answer = answerSchema.strict().parse(await account(given));
    expect([given, answer.place, answer.movedAt, answer.forecast !== null]).toEqual([given, place, place === 'moved' ? at.toISOString() : null, place === 'planned' || place === 'copying']);
    expect(JSON.stringify(answer)).not.toMatch(/isp\.example|old|new/);
  }
  expect(await account({ state: 'closed' })).toBeUndefined();
  expect(await ownAnswer(store, 999, async () => undefined)).toBeUndefined();
  await sql`update plan set state = 'paused'`.execute(store.db());
  expect(await account({ planned: true })).toMatchObject({ place: 'planned', paused: true });
});
