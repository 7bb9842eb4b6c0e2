import { afterAll, beforeAll, expect, test } from 'vitest';
import { sql } from 'kysely';
import { createFigures, sumFigures } from './figures.ts';
import { storeMigrations } from './migrations.ts';
import { openTestStore } from './testing.ts';
import type { TestStore } from './testing.ts';

let t: TestStore;
beforeAll(async () => {
  t = await openTestStore(storeMigrations);
});
afterAll(() => t.close());

test('counts of several instances are summed, by name and platform, over the last seconds', async () => {
  const [a, b] = [createFigures(t.store, { instance: 'a' }), createFigures(t.store, { instance: 'b' })];
  a.add('signin.accepted', { platform: 'old' });
  a.add('signin.accepted', { platform: 'old' }, 4);
  a.add('signin.accepted', { platform: 'new' });
  b.add('signin.accepted', { platform: 'old' }, 10);
  b.add('signin.rejected');
  await Promise.all([a.flush(), b.flush()]);
  a.add('signin.accepted', { platform: 'old' }, 100);
  await Promise.all([a.stop(), b.stop()]);
  await sql`insert into figure values (now() - interval '1 minute', 'a', 'signin.accepted', 'old', 1000)`.execute(t.store.db());

  const names = ['signin.accepted', 'signin.rejected', 'never'] as const;
  expect(await sumFigures(t.store, { names, sinceSeconds: 30 })).toEqual({ 'signin.accepted': 116, 'signin.rejected': 1, never: 0 });
  expect(await sumFigures(t.store, { names, sinceSeconds: 30, platform: 'new' })).toMatchObject({ 'signin.accepted': 1 });
  expect(await sumFigures(t.store, { names, sinceSeconds: 120 })).toMatchObject({ 'signin.accepted': 1_116 });
});

test('what could not be written is written later, and the number of names is capped', async () => {
  const figures = createFigures(t.store, { instance: 'c' });
  await sql`alter table figure rename to away`.execute(t.store.db());
  figures.add('late', {}, 3);
  await figures.flush();
  await sql`alter table away rename to figure`.execute(t.store.db());
  figures.add('late', {}, 4);
  for (let n = 0; n < 3_000; n++) figures.add(`name ${n}`);
  await figures.stop();
  expect(await sumFigures(t.store, { names: ['late'], sinceSeconds: 30 })).toEqual({ late: 7 });
  const { rows } = await sql<{ n: number }>`select count(distinct name) as n from figure where instance = 'c'`.execute(t.store.db());
  expect(rows).toEqual([{ n: 1_000 }]);
});
