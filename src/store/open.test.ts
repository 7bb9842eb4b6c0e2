import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { sql } from 'kysely';
import { systemClock } from '#events/clock.ts';
import { silent } from '#events/index.ts';
import { audit } from './audit.ts';
import type { AuditTables } from './audit.ts';
import { isUniqueViolation } from './failure.ts';
import { storeMigrations } from './migrations.ts';
import { openStore } from './open.ts';
import { openTestStore } from './testing.ts';
import type { TestStore } from './testing.ts';

let t: TestStore;
beforeAll(async () => {
  t = await openTestStore(storeMigrations);
});
afterAll(() => t.close());

const unreachable = { host: '/nonexistent', user: 'x', database: 'x' };

describe('transactions', () => {
  test('commit what they did, with its audit row, and give bigint as number', async () => {
    await t.store.transaction((tx) => audit(tx, { actor: 'a', act: 'b', subject: 'account:1', detail: { n: 1 } }));
    const rows = await t.store.db<AuditTables>().selectFrom('audit').selectAll().execute();
    expect(rows).toMatchObject([{ id: 1, actor: 'a', act: 'b', subject: 'account:1', why: null, detail: { n: 1 } }]);
  });

  test('roll back and throw on what their work threw', async () => {
    const mine = new Error('mine');
    const work = t.store.transaction(async (tx) => {
      await audit(tx, { actor: 'a', act: 'b', subject: 'account:2' });
      throw mine;
    });
    await expect(work).rejects.toBe(mine);
    const rows = await t.store.db<AuditTables>().selectFrom('audit').where('subject', '=', 'account:2').selectAll().execute();
    expect(rows).toEqual([]);
  });

  test('a constraint that refuses stays what PostgreSQL said', async () => {
    const work = t.store.transaction((tx) => sql`insert into migration (name, sha256) values ('0001_store', '')`.execute(tx.db()));
    const error = await work.catch((caught: unknown) => caught);
    expect(isUniqueViolation(error)).toBe(true);
    expect(isUniqueViolation(error, 'migration_pkey')).toBe(true);
    expect(isUniqueViolation(error, 'other')).toBe(false);
  });

  test('a broken connection is unavailable, and the next call has a new one', async () => {
    const work = t.store.transaction((tx) => sql`select pg_terminate_backend(pg_backend_pid())`.execute(tx.db()));
    await expect(work).rejects.toMatchObject({ code: 'unavailable', retryable: true });
    await expect(sql`select 1 as one`.execute(t.store.db())).resolves.toMatchObject({ rows: [{ one: 1 }] });
  });

  test('an error thrown while the connection is gone is the one that is told', async () => {
    const mine = new Error('mine');
    const work = t.store.transaction(async (tx) => {
      await sql`select pg_terminate_backend(pg_backend_pid())`.execute(tx.db()).catch(() => {});
      throw mine;
    });
    await expect(work).rejects.toBe(mine);
  });
});

describe('an unreachable store', () => {
  test('rejects as unavailable, and opens and closes without one', async () => {
    const store = await openStore(unreachable, { emit: silent, clock: systemClock });
    await expect(sql`select 1`.execute(store.db())).rejects.toMatchObject({ code: 'unavailable' });
    await expect(store.transaction(async () => {})).rejects.toMatchObject({ code: 'unavailable' });
    await expect(store.migrate(storeMigrations)).rejects.toMatchObject({ code: 'unavailable' });
    const end = store.listen('change', () => {});
    end();
    await store.close();
  });
});

describe('listen', () => {
  test('wakes at the connect, at NOTIFY and at the reconnect', async () => {
    let wakes = 0;
    const woken = (n: number): Promise<void> => expect.poll(() => wakes, { interval: 10 }).toBeGreaterThanOrEqual(n);
    const end = t.store.listen('some channel', () => wakes++);
    await woken(1);
    await sql`select pg_notify('some channel', '')`.execute(t.store.db());
    await woken(2);
    await sql`select pg_terminate_backend(pid) from pg_stat_activity
      where application_name = 'causeway listen' and datname = current_database()`.execute(t.store.db());
    await woken(3);
    await sql`select pg_notify('some channel', '')`.execute(t.store.db());
    await woken(4);
    end();
  });

  test('a channel added later is heard too', async () => {
    let wakes = 0;
    t.store.listen('later', () => wakes++);
    await expect.poll(() => wakes, { interval: 10 }).toBeGreaterThanOrEqual(1);
  });
});

describe('migrate', () => {
  const one = { name: '0001_store', sql: storeMigrations[0]?.sql ?? '' };

  test('is safe when several start together, and takes only what is missing', async () => {
    const steps = [{ name: '0003_b', sql: 'create table b()' }, ...storeMigrations, { name: '0002_a', sql: 'create table a()' }];
    await Promise.all([t.store.migrate(steps), t.store.migrate(steps), t.store.migrate(steps)]);
    await sql`select from a, b`.execute(t.store.db());
    await expect(t.store.migrate(storeMigrations)).rejects.toMatchObject({
      code: 'conflict',
      message: expect.stringContaining('0002_a, which this program does not know'),
    });
    await t.store.migrate(steps);
  });

  test('refuses a changed step and a step before one taken', async () => {
    const changed = [{ name: one.name, sql: `${one.sql} ` }];
    await expect(t.store.migrate(changed)).rejects.toMatchObject({ code: 'conflict', message: expect.stringContaining('differs') });
  });

  test('a step that fails leaves nothing', async () => {
    const fresh = await openTestStore([]);
    try {
      const steps = [...storeMigrations, { name: '0002_bad', sql: 'create table c(); select no_such()' }];
      await expect(fresh.store.migrate(steps)).rejects.toMatchObject({ code: 'internal', message: expect.stringContaining('0002_bad') });
      const { rows } = await sql`select from pg_tables where schemaname = 'public' and tablename <> 'migration'`.execute(fresh.store.db());
      expect(rows).toEqual([]);
      await expect(fresh.store.migrate([{ name: '1_x', sql: '' }])).rejects.toMatchObject({ code: 'internal' });
      await expect(fresh.store.migrate([one, { name: '0001_other', sql: '' }])).rejects.toMatchObject({ code: 'internal' });
    } finally {
      await fresh.close();
    }
  });
});
