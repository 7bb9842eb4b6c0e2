import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, chownSync, lstatSync, mkdirSync, mkdtempSync, readFileSync, realpathSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { sql } from 'kysely';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { CausewayError } from '#errors/index.ts';
import { systemClock } from '#events/clock.ts';
import { silent } from '#events/index.ts';
import { recordChange } from '../change.ts';
import { createFeed } from '../feed.ts';
import { storeMigrations } from '../migrations.ts';
import { openStore } from '../open.ts';
import { testBinaries } from '../testing.ts';
import { ownerUid } from './owner.ts';
import { processesOf, readPidFile } from './processes.ts';
import { ensureSocketFolder } from './socket-folder.ts';
import { startEmbedded } from './start.ts';
import type { EmbeddedOptions } from './start.ts';
import { superviseEmbedded } from './supervise.ts';

const root = process.getuid?.() === 0;
let folder: string;
let options: EmbeddedOptions;
let pgdata: string;
beforeAll(() => {
  folder = mkdtempSync(join(realpathSync(tmpdir()), 'causeway-embedded-'));
  chmodSync(folder, 0o711);
  options = { dataDir: join(folder, 'postgres'), binariesDir: testBinaries(), clock: systemClock, emit: silent };
  pgdata = join(options.dataDir, 'pgdata');
});
afterAll(() => {
  const socket = readPidFile(pgdata)?.socketFolder;
  for (const pid of processesOf(pgdata)) process.kill(pid, 'SIGKILL');
  rmSync(socket ?? join(folder, 'none'), { recursive: true, force: true });
  rmSync(folder, { recursive: true, force: true });
});

const open = (connection: Awaited<ReturnType<typeof startEmbedded>>['connection']) => openStore(connection, { emit: silent, clock: systemClock });

describe('the embedded PostgreSQL', () => {
  test('is made once when two processes start it together, and closed to others', async () => {
    const [a, b] = await Promise.all([startEmbedded(options), startEmbedded(options)]);
    expect(b.pid).toBe(a.pid);
    expect(b.connection).toEqual(a.connection);
    expect([a.adopted, b.adopted].sort()).toEqual([false, true]);
    for (const path of [pgdata, a.connection.host]) {
      const { uid, mode } = lstatSync(path);
      expect([uid, mode & 0o777]).toEqual([ownerUid(), 0o700]);
    }
    expect(a.connection.host.length).toBeLessThan(60);
    if (root) expect(ownerUid()).not.toBe(0);
    const store = await open(a.connection);
    const { rows } = await sql<{ name: string; setting: string }>`select name, setting from pg_settings
      where name in ('fsync', 'synchronous_commit', 'listen_addresses', 'data_checksums', 'server_encoding') order by name`.execute(store.db());
    expect(Object.fromEntries(rows.map(({ name, setting }) => [name, setting]))).toEqual({
      data_checksums: 'on', fsync: 'on', listen_addresses: '', server_encoding: 'UTF8', synchronous_commit: 'on',
    });
    await store.close();
  });

  test('ends when it is told to, and starts again with what it had', async () => {
    const first = await startEmbedded(options);
    const store = await open(first.connection);
    await store.migrate(storeMigrations);
    await store.transaction((tx) => recordChange(tx, 'kept', 1));
    await first.stop();
    await first.exited;
    expect(processesOf(pgdata)).toEqual([]);
    await expect(sql`select 1`.execute(store.db())).rejects.toMatchObject({ code: 'unavailable' });
    const second = await startEmbedded(options);
    expect(second).toMatchObject({ adopted: false, connection: first.connection });
    const { rows } = await sql`select key from change`.execute(store.db());
    expect(rows).toEqual([{ key: 1 }]);
    await store.close();
  });

  test('outlives a process that is killed, and is adopted', async () => {
    await (await startEmbedded(options)).stop();
    const url = (name: string): string => JSON.stringify(new URL(name, import.meta.url).href);
    const script = `
      import { startEmbedded } from ${url('start.ts')};
      import { systemClock } from ${url('../../events/clock.ts')};
      const { pid } = await startEmbedded({ ...JSON.parse(process.argv[1]), clock: systemClock, emit: () => {} });
      process.send(pid);
      setInterval(() => {}, 1000);`;
    const child = spawn(process.execPath, ['--input-type=module', '-e', script, JSON.stringify(options)], { stdio: ['ignore', 'inherit', 'inherit', 'ipc'] });
    const [pid] = (await once(child, 'message')) as [number];
    child.kill('SIGKILL');
    await once(child, 'exit');
    const adopted = await superviseEmbedded(options);
    expect(adopted.pid()).toBe(pid);
    process.kill(pid, 'SIGKILL');
    await expect.poll(() => adopted.pid(), { interval: 20 }).not.toBe(pid);
    await adopted.stop();
    expect(processesOf(pgdata)).toEqual([]);
  });

  test('starts over a pid file that is stale, though another process has the number', async () => {
    const first = await startEmbedded(options);
    const file = readFileSync(join(pgdata, 'postmaster.pid'), 'utf8');
    process.kill(first.pid, 'SIGKILL');
    await first.exited;
    writeFileSync(join(pgdata, 'postmaster.pid'), file.replace(/^\d+/, String(process.pid)));
    const second = await startEmbedded(options);
    expect(second.adopted).toBe(false);
    await second.stop();
    writeFileSync(join(pgdata, 'postmaster.pid'), '');
    expect(await startEmbedded(options)).toMatchObject({ adopted: false });
  });

  test('does not take a server that another process starts at this moment for a leftover, however slow it is', async () => {
    await (await startEmbedded(options)).stop();
    const starting = spawn(process.execPath, ['-e', 'process.title = "postgres"; process.stdout.write("x"); setTimeout(() => {}, 4_500);'], { cwd: pgdata, stdio: ['ignore', 'pipe', 'inherit'] });
    const over = once(starting, 'exit');
    await once(starting.stdout, 'data');
    expect(processesOf(pgdata)).toEqual([starting.pid]);
    expect(await startEmbedded(options)).toMatchObject({ adopted: false });
    expect(await over).toEqual([0, null]);
  });

  test('starts again after a kill under load: nothing acknowledged is lost, and the feed goes on', async () => {
    const server = await superviseEmbedded(options);
    const store = await open(server.connection);
    await store.migrate(storeMigrations);
    const seen = new Set<number>();
    const feed = createFeed(store, {
      topics: ['kill'],
      // What a mirror does: it reads what there is.
      onReset: async () => {
        const { rows } = await sql<{ key: number }>`select key from change where topic = 'kill'`.execute(store.db());
        for (const { key } of rows) seen.add(key);
      },
      onChanges: async (changes) => changes.forEach(({ key }) => seen.add(key)),
    });
    await expect.poll(() => feed.freshAt()).toBeDefined();
    // A backend that does not look up while it computes: it outlives its postmaster and holds the shared memory.
    const busy = sql`select count(*) from generate_series(1, 10000000000)`.execute(store.db()).catch(() => {});

    const acknowledged: number[] = [];
    const writing = new AbortController();
    const writers = Array.from({ length: 4 }, async (_, writer) => {
      for (let n = 0; !writing.signal.aborted; n++) {
        const key = writer * 100_000 + n;
        await store.transaction((tx) => recordChange(tx, 'kill', key)).then(() => acknowledged.push(key), () => sleep(20));

      }
    });
    const killed: number[] = [];
    for (let round = 0; round < 2; round++) {
      const before = acknowledged.length;
      await expect.poll(() => acknowledged.length, { interval: 10 }).toBeGreaterThan(before + 20);
      killed.push(server.pid());
      process.kill(server.pid(), 'SIGKILL');
      await expect.poll(() => server.pid(), { interval: 20 }).not.toBe(killed.at(-1));
    }
    const before = acknowledged.length;
    await expect.poll(() => acknowledged.length, { interval: 10 }).toBeGreaterThan(before + 20);
    writing.abort();
    await Promise.all([...writers, busy]);
    const end = systemClock.monotonic();
    await expect.poll(() => feed.freshAt(), { interval: 10 }).toBeGreaterThan(end);
    expect(acknowledged.filter((key) => !seen.has(key))).toEqual([]);
    const { rows } = await sql<{ key: number }>`select key from change where topic = 'kill'`.execute(store.db());
    const stored = new Set(rows.map(({ key }) => key));
    expect(acknowledged.filter((key) => !stored.has(key))).toEqual([]);
    await feed.stop();
    await store.close();
    await server.stop();
    expect(processesOf(pgdata)).toEqual([]);
  });

  test('a change under a number that a crash gave a second time is not missed', async () => {
    const server = await superviseEmbedded(options);
    const store = await open(server.connection);
    await store.migrate(storeMigrations);
    let away = false;
    const feedStore = { ...store, db: <T>() => (away ? unreachable() : store.db<T>()) };
    const seen = new Set<number>();
    const feed = createFeed(feedStore, {
      onReset: async () => {
        const { rows } = await sql<{ key: number }>`select key from change`.execute(store.db());
        for (const { key } of rows) seen.add(key);
      },
      onChanges: async (changes) => changes.forEach(({ key }) => seen.add(key)),
    });
    // Taken and never written down: after a crash these numbers are given again.
    const refused = new Error('rolled back');
    for (let n = 0; n < 200; n++) {
      await store
        .transaction(async (tx) => {
          await sql`select pg_current_xact_id()`.execute(tx.db());
          throw refused;
        })
        .catch((error: unknown) => expect(error).toBe(refused));
    }
    // Before the log's writer comes by, which it does five times a second.
    const now = systemClock.monotonic();
    await sql`select pg_notify('change', '')`.execute(store.db());
    await expect.poll(() => feed.freshAt() ?? 0, { interval: 1 }).toBeGreaterThan(now);
    away = true;
    const pid = server.pid();
    process.kill(pid, 'SIGKILL');
    await expect.poll(() => server.pid(), { interval: 20 }).not.toBe(pid);
    const written: number[] = [];
    for (let key = 1; written.length < 300; key++) await store.transaction((tx) => recordChange(tx, 'again', key)).then(() => written.push(key), () => sleep(20));
    away = false;
    const end = systemClock.monotonic();
    await expect.poll(() => feed.freshAt(), { interval: 10 }).toBeGreaterThan(end);
    expect(written.filter((key) => !seen.has(key))).toEqual([]);
    await feed.stop();
    await store.close();
    await server.stop();
  });

  test('says so when the data is of another version, and when its folder cannot be entered', async () => {
    writeFileSync(join(pgdata, 'PG_VERSION'), '17\n');
    await expect(startEmbedded(options)).rejects.toMatchObject({ code: 'config', message: expect.stringContaining('made by PostgreSQL 17') });
    writeFileSync(join(pgdata, 'PG_VERSION'), '18\n');
    writeFileSync(join(folder, 'file'), '');
    await expect(startEmbedded({ ...options, dataDir: join(folder, 'file', 'x') })).rejects.toMatchObject({ code: 'config' });
    if (!root) return;
    const closed = join(folder, 'closed');
    mkdirSync(closed, { mode: 0o700 });
    await expect(startEmbedded({ ...options, dataDir: join(closed, 'a', 'b') })).rejects.toMatchObject({
      code: 'config',
      message: expect.stringContaining(`cannot enter ${closed}`),
      remedy: expect.stringContaining(`chmod a+x ${closed}`),
    });
  });
});

describe('the folder of the socket', () => {
  test('is never one that somebody else made', () => {
    const name = ensureSocketFolder('/some/data', folder);
    expect(ensureSocketFolder('/some/data', folder)).toBe(name);
    rmSync(name, { recursive: true });
    symlinkSync('/tmp', name);
    expect(ensureSocketFolder('/some/data', folder)).toBe(`${name}-1`);
    if (!root) return;
    chownSync(`${name}-1`, 12_345, 12_345);
    expect(ensureSocketFolder('/some/data', folder)).toBe(`${name}-2`);
    chmodSync(`${name}-2`, 0o777);
    ensureSocketFolder('/some/data', folder);
    expect(lstatSync(`${name}-2`).mode & 0o777).toBe(0o700);
  });
});

function unreachable(): never {
  throw new CausewayError('unavailable', 'the store is out of reach');
}
