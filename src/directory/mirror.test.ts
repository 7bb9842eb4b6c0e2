import { mkdtemp, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { sql } from 'kysely';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import { systemClock as clock } from '#events/clock.ts';
import type { Emit } from '#events/index.ts';
import { CausewayError } from '#errors/index.ts';
import type { Store } from '#store/index.ts';
import type { TestStore } from '#store/testing.ts';
import { bumpCredentialVersion, createAccounts, setState } from './accounts.ts';
import { createLocalFile } from './local-file.ts';
import type { LocalFile } from './local-file.ts';
import { openMirror } from './mirror.ts';
import type { Mirror } from './mirror.ts';
import { evictInstance, listInstances } from './route/instances.ts';
import { addAccount, createBreakable, follow, openDirectoryStore, until } from './testing.ts';

let t: TestStore;
let store: Store;
let path: string;
let events: string[];
let open: Mirror[];
const emit: Emit = ({ name }) => void events.push(name);

beforeAll(async () => {
  t = await openDirectoryStore();
  ({ store } = t);
});
afterAll(() => t.close());
beforeEach(async () => {
  path = join(await mkdtemp(join(tmpdir(), 'causeway-mirror-')), 'directory.jsonl');
  events = [];
  open = [];
});
afterEach(async () => {
  await Promise.all(open.map((mirror) => mirror.close()));
  await sql`delete from instance`.execute(store.db());
});

const start = async (options: { store?: Store; file?: LocalFile; instance?: string } = {}): Promise<Mirror> => {
  const mirror = await openMirror({ store, instance: 'mx1', file: createLocalFile(path), clock, emit, ...options });
  open.push(mirror);
  return mirror;
};
/** A store that is gone from the start. */
const gone = (): Store & { gone: boolean } => {
  const breakable = createBreakable(store);
  breakable.gone = true;
  return breakable;
};
const refused = (message: RegExp) => expect.objectContaining({ code: 'unavailable', message: expect.stringMatching(message) });

test('it loads all accounts, joins the list, and hears what changes', async () => {
  const ann = await addAccount(store, { address: 'ann@one.example', loginNames: ['Ann'], recipients: ['ann@one.example', '@one.example'] });
  const mirror = await start();
  expect((await listInstances(store)).map(({ id }) => id)).toEqual(['mx1']);
  expect(mirror.byLogin('ANN')?.id).toBe(ann);
  expect(mirror.byLogin('ann@one.example')).toBeUndefined();
  expect(mirror.byRecipient('Ann+x@One.Example')?.id).toBe(ann);
  expect(mirror.byRecipient('whoever@one.example')?.id).toBe(ann);
  expect(mirror.byAddress('ann@one.example')?.id).toBe(ann);
  expect(mirror.route(ann)).toMatchObject({ home: 'old', phase: 'settled' });
  await until(() => mirror.fresh());

  const heard: string[] = [];
  mirror.onRoute((route) => heard.push(`${route.accountId} ${route.phase}`));
  await follow(store, ann);
  await until(() => mirror.route(ann)?.phase === 'following');
  expect(heard.at(-1)).toBe(`${ann} following`);

  await store.transaction((tx) => setState(tx, ann, 'suspended', { actor: 'test' }));
  const bob = await addAccount(store, { address: 'bob@one.example' });
  await store.transaction((tx) =>
    createAccounts(tx, [{ address: 'cy@one.example', home: 'new', authority: 'new' }], { actor: 'test' }),
  );
  await until(() => mirror.byId(ann)?.state === 'suspended' && mirror.byLogin('bob@one.example')?.id === bob);
  await until(() => mirror.byRecipient('cy@one.example') !== undefined);
});

test('it confirms from the store, with many questions in few statements', async () => {
  const id = await addAccount(store, { address: 'fresh@two.example', loginNames: ['fresh'] });
  const breakable = createBreakable(store);
  const mirror = await start({ store: breakable });
  await store.transaction((tx) => bumpCredentialVersion(tx, id));
  const answers = await Promise.all(Array.from({ length: 500 }, () => mirror.confirm(id)));
  expect(answers.every((account) => account?.credentialVersion === 2)).toBe(true);
  expect(await mirror.confirmLogin('FRESH')).toMatchObject({ id });
  expect(await mirror.confirmLogin('nobody')).toBeUndefined();
  expect(await mirror.confirmRecipient('fresh+a@two.example')).toMatchObject({ id });
  expect(await mirror.confirmRecipient('nobody@two.example')).toBeUndefined();
  expect(await mirror.confirm(999_999_999)).toBeUndefined();

  // An account of which the feed has not told yet has a route as soon as it was confirmed.
  const late = await addAccount(store, { address: 'late@two.example' });
  expect(await mirror.confirmLogin('late@two.example')).toMatchObject({ id: late });
  expect(mirror.route(late)).toMatchObject({ home: 'old' });

  breakable.gone = true;
  await expect(mirror.confirm(id)).rejects.toThrow(refused(/gone/));
  await expect(mirror.confirmLogin('nobody')).rejects.toThrow(refused(/gone/));
  expect(mirror.byLogin('fresh')).toBeDefined();
});

test('killed and started again without the store it serves what it knew, and catches up when the store is back', async () => {
  const id = await addAccount(store, { address: 'kept@three.example', hash: { encoded: '{X}y', origin: 'imported' } });
  const first = await start();
  await follow(store, id);
  await until(() => first.route(id)?.phase === 'following');
  await first.sync();
  await first.close();
  expect((await stat(path)).mode & 0o777).toBe(0o600);

  const breakable = gone();
  const second = await start({ store: breakable });
  expect(second.byLogin('kept@three.example')).toMatchObject({ id, hash: { encoded: '{X}y', origin: 'imported' } });
  expect(second.route(id)).toMatchObject({ home: 'old', phase: 'following' });
  expect(second.fresh()).toBe(false);
  const added = await addAccount(store, { address: 'meanwhile@three.example' });

  breakable.gone = false;
  await until(() => second.byId(added) !== undefined);
  expect(second.expelled()).toBe(false);
  expect(second.boot()).toBe(first.boot());
  expect(events).toContain('directory.caught-up');
});

test('without a file, with one of another instance, and after it left the list, it does not start without the store', async () => {
  await expect(start({ store: gone() })).rejects.toThrow(refused(/no copy/));
  const first = await start();
  await first.close();
  await expect(start({ store: gone(), instance: 'mx2' })).rejects.toThrow(refused(/of the instance mx1/));
  const second = await start();
  await second.leave();
  expect(second.expelled()).toBe(true);
  await second.close();
  expect(await listInstances(store)).toEqual([]);
  await expect(start({ store: gone() })).rejects.toThrow(refused(/had left/));
  expect((await start()).expelled()).toBe(false);
});

test('stopped while the store is gone it stays listed, and starts again from its file', async () => {
  const id = await addAccount(store, { address: 'stays@three.example' });
  const breakable = createBreakable(store);
  const first = await start({ store: breakable });
  breakable.gone = true;
  await expect(first.leave()).rejects.toThrow(refused(/gone/));
  expect(first.expelled()).toBe(true);
  await first.close();
  expect((await listInstances(store)).map((each) => each.id)).toEqual(['mx1']);
  expect((await start({ store: breakable })).route(id)).toMatchObject({ home: 'old' });
});

test('when the answer to its leaving was lost it counts as gone from the list', async () => {
  let deaf = false;
  const unheard: Store = {
    ...store,
    db: store.db,
    async transaction(work) {
      const result = await store.transaction(work);
      if (deaf) throw new CausewayError('unavailable', 'the answer was lost');
      return result;
    },
  };
  const mirror = await start({ store: unheard });
  deaf = true;
  await expect(mirror.leave()).rejects.toThrow(/was lost/);
  await mirror.close();
  await expect(start({ store: gone() })).rejects.toThrow(refused(/had left/));
});

test('an evicted instance is expelled; started again it never trusts its old file', async () => {
  const mirror = await start();
  let told = 0;
  mirror.onExpelled(() => void (told += 1));
  await store.transaction((tx) => evictInstance(tx, 'mx1', { actor: 'op', why: 'test' }));
  await until(() => mirror.expelled());
  expect(told).toBe(1);
  await mirror.close();
  // It joins, and the store goes before anything was read.
  const breakable = createBreakable(store);
  const dying: Store = {
    ...breakable,
    db: breakable.db,
    async transaction(work) {
      const result = await store.transaction(work);
      breakable.gone = true;
      return result;
    },
  };
  await expect(start({ store: dying })).rejects.toThrow(refused(/no copy/));
  await expect(start({ store: gone() })).rejects.toThrow(refused(/had left/));
});

test('of two processes under one name the later one stays', async () => {
  const first = await start();
  const second = await start({ file: createLocalFile(`${path}.other`) });
  await until(() => first.expelled());
  expect(second.expelled()).toBe(false);
});

test('a disk that fills while it runs stops no serving, is said once, and is caught up with', async () => {
  const id = await addAccount(store);
  const real = createLocalFile(path);
  let full = false;
  const fail = async (): Promise<void> => {
    if (full) throw new CausewayError('unavailable', 'no space left on device', { place: path });
  };
  const mirror = await start({
    file: { ...real, append: (line) => fail().then(() => real.append(line)), replace: (lines) => fail().then(() => real.replace(lines)) },
  });
  full = true;
  await follow(store, id);
  await until(() => mirror.route(id)?.phase === 'following');
  await expect(mirror.sync()).rejects.toThrow(/no space/);
  await expect(mirror.sync()).rejects.toThrow(/no space/);
  expect(events.filter((name) => name === 'directory.file-behind')).toHaveLength(1);
  full = false;
  await until(() => events.includes('directory.file-current'));
  await mirror.close();
  const second = await start({ store: gone() });
  expect(second.route(id)).toMatchObject({ phase: 'following' });

  full = true;
  await expect(start({ file: { ...createLocalFile(path), replace: fail } })).rejects.toThrow(/^no space/);
});
