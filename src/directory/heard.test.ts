import { mkdtempSync, rmSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { sql } from 'kysely';
import { createManualClock } from '#events/manual-clock.testing.ts';
import type { TestStore } from '#store/testing.ts';
import { createHeard } from './heard.ts';
import { createBreakable, openDirectoryStore, until } from './testing.ts';

let fixture: TestStore;
let folder: string;
beforeAll(async () => {
  fixture = await openDirectoryStore();
  folder = mkdtempSync(join(tmpdir(), 'causeway-heard-'));
});
afterAll(async () => {
  rmSync(folder, { recursive: true });
  await fixture.close();
});

const told = async (): Promise<string[]> => {
  const { rows } = await sql<{ xid: string }>`select xid::text as xid from instance_progress where instance = 'here'`.execute(fixture.store.db());
  return rows.map(({ xid }) => xid);
};

test('changes are told at once, else every five seconds, and again when the store did not take it', async () => {
  const clock = createManualClock(0);
  const store = createBreakable(fixture.store);
  const heard = createHeard({ store, instance: 'here', path: join(folder, 'none'), clock });
  const read = (xid: string): void => heard.read({ life: 'x', xid });
  read('10');
  await until(async () => (await told())[0] === '10');
  read('11');
  await heard.close();
  expect(await told()).toEqual(['10']);
  heard.changed();
  read('12');
  await until(async () => (await told())[0] === '12');
  store.gone = true;
  heard.changed();
  read('13');
  await heard.close();
  store.gone = false;
  await clock.pass(5_000);
  read('14');
  await until(async () => (await told())[0] === '14');
  await heard.close();
});

test('how long ago the store was heard goes on over restarts without it', async () => {
  const path = join(folder, 'directory');
  writeFileSync(path, '');
  const clock = { ...createManualClock(0), now: () => 1_700_000_000_000 };
  const hour = 3_600_000;
  utimesSync(path, new Date(clock.now() - 90 * hour), new Date(clock.now() - 90 * hour));
  const heard = createHeard({ store: fixture.store, instance: 'here', path, clock });
  expect(heard.ago()).toBe(90 * hour);
  // This life writes the file anew from what it read there.
  writeFileSync(path, 'the same');
  heard.keep();
  await until(() => Math.abs(statSync(path).mtimeMs - (clock.now() - 90 * hour)) < 1_000);
  heard.fresh();
  expect(heard.ago()).toBe(0);
  await until(() => Math.abs(statSync(path).mtimeMs - clock.now()) < 1_000);
  await clock.pass(hour);
  expect(heard.ago()).toBe(hour);
  // A time to come is a clock that was set back.
  utimesSync(path, new Date(clock.now() + hour), new Date(clock.now() + hour));
  expect(createHeard({ store: fixture.store, instance: 'here', path, clock }).ago()).toBe(0);
  expect(createHeard({ store: fixture.store, instance: 'here', path: join(folder, 'none'), clock }).ago()).toBe(0);
});
