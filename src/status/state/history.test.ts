import { sql } from 'kysely';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { COMPONENTS } from '#incident/declared/api.ts';
import { type Store, storeMigrations } from '#store/index.ts';
import { openTestStore, type TestStore } from '#store/testing.ts';
import { declaredMigrations } from '#incident/declared/index.ts';
import type { Level } from '../api.ts';
import { statusMigrations } from '../tables.ts';
import type { States } from './component-state.ts';
import { daysOf, noteStates, readSpans, sinceOf, type Span } from './history.ts';

const MINUTE = 60_000;
const DAY = 86_400_000;
const NOW = Date.UTC(2026, 10, 26, 12);
const span = (from: number, until: number, level: Level): Span => ({ component: 'imap', from, until, level });

describe('90 days', () => {
  test('a day is remembered for its worst, and for how long; what nobody noted is not well', () => {
    const days = daysOf([span(NOW - 3 * DAY, NOW - 3 * DAY + 60 * MINUTE, 'ok'), span(NOW - DAY, NOW - DAY + 30 * MINUTE, 'ok'), span(NOW - DAY + 30 * MINUTE, NOW - DAY + 47 * MINUTE, 'down'), span(NOW - 10 * MINUTE, NOW, 'unknown')], 'imap', NOW, 'UTC');
    expect(days).toHaveLength(90);
    expect(days.slice(-4).map(({ day, level }) => [day, level])).toEqual([['2026-11-23', 'ok'], ['2026-11-24', undefined], ['2026-11-25', 'down'], ['2026-11-26', 'unknown']]);
    expect(days.at(-2)!.minutes).toMatchObject({ ok: 30, down: 17 });
    expect(days[0]).toMatchObject({ day: '2026-08-29', level: undefined });
    expect(daysOf([span(NOW - DAY, NOW, 'down')], 'pop3', NOW, 'UTC').every(({ level }) => level === undefined)).toBe(true);
  });

  test('days are those of the place, also where the clocks change', () => {
    // Madrid's 25 October 2026 has 25 hours; it begins at 22:00 UTC and ends at 23:00.
    const all = span(Date.UTC(2026, 9, 20), Date.UTC(2026, 9, 30), 'degraded');
    const days = daysOf([all], 'imap', NOW, 'Europe/Madrid').filter(({ minutes }) => minutes.degraded > 0);
    expect(days.map(({ day, minutes }) => [day, minutes.degraded / 60])).toEqual([
      ['2026-10-20', 22], ['2026-10-21', 24], ['2026-10-22', 24], ['2026-10-23', 24], ['2026-10-24', 24], ['2026-10-25', 25], ['2026-10-26', 24], ['2026-10-27', 24], ['2026-10-28', 24], ['2026-10-29', 24], ['2026-10-30', 1],
    ]);
  });

  test('since when', () => {
    const spans = [span(0, 10, 'down'), span(10, 20, 'ok'), span(20, 30, 'down'), span(30, 40, 'down')];
    expect([sinceOf(spans, 'imap', 'down'), sinceOf(spans, 'imap', 'ok'), sinceOf(spans, 'pop3', 'ok')]).toEqual([20, undefined, undefined]);
    expect(sinceOf([span(0, 10, 'ok'), span(10 * MINUTE, 11 * MINUTE, 'ok')], 'imap', 'ok')).toBe(10 * MINUTE);
  });
});

describe('noting', () => {
  let kept: TestStore;
  let store: Store;
  beforeAll(async () => {
    kept = await openTestStore([...storeMigrations, { name: '0003_account', sql: 'create table account (id bigint primary key)' }, ...declaredMigrations, ...statusMigrations]);
    ({ store } = kept);
  });
  afterAll(() => kept.close());

  const states = (imap: Level): States => Object.fromEntries(COMPONENTS.map((component) => [component, { level: component === 'imap' ? imap : 'ok', why: [] }])) as never;
  /** As if so long had passed. */
  const pass = (minutes: number) => sql`update component_state set from_at = from_at - make_interval(mins => ${minutes}::int), until_at = until_at - make_interval(mins => ${minutes}::int)`.execute(store.db());
  const imap = async () => (await readSpans(store)).filter(({ component }) => component === 'imap').map(({ level, from, until }) => [level, Math.round((until - from) / MINUTE)]);

  test('a state goes on while it stays, and a gap stays a gap', async () => {
    for (const level of ['ok', 'ok', 'down', 'down', 'ok'] as const) {
      await noteStates(store, states(level));
      await pass(1);
    }
    expect(await imap()).toEqual([['ok', 2], ['down', 2], ['ok', 0]]);
    await pass(30);
    await noteStates(store, states('ok'));
    expect(await imap()).toEqual([['ok', 2], ['down', 2], ['ok', 0], ['ok', 0]]);
    await Promise.all([1, 2, 3].map(() => noteStates(store, states('degraded'))));
    expect((await imap()).at(-1)).toEqual(['degraded', 0]);
  });
});
