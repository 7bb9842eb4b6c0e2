import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { type Clock, systemClock } from '#events/clock.ts';
import { serveAuth } from './back-end.ts';
import { createAuthClient } from './client.ts';
import { usersFileOf, writeUsers } from './users.ts';

let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'practice-test-'));
});

afterEach(() => rmSync(folder, { recursive: true }));

test('answers, reads a changed file again, and is found again after its death', async () => {
  const socket = join(folder, 'auth');
  const users = usersFileOf(folder);
  const client = createAuthClient(socket, systemClock);
  expect(await client.check('alice', 'right', false)).toBe('unavailable');
  let server = await serveAuth(users, socket);
  expect(await client.check('alice', 'right', false)).toBe('no');
  writeUsers(users, [{ user: 'Alice', secret: 'right' }, { user: 'boss', secret: 'm', master: true }]);
  const all = await Promise.all([client.check('alice', 'right', false), client.check('alice', 'wrong', false), client.check('boss', 'm', false), client.check('boss', 'm', true), client.check('alice', 'right', true)]);
  expect(all).toEqual(['yes', 'no', 'no', 'yes', 'no']);
  writeUsers(users, [{ user: 'alice', secret: 'new' }]);
  expect(await client.check('alice', 'right', false)).toBe('no');
  await server.close();
  expect(await client.check('alice', 'new', false)).toBe('unavailable');
  server = await serveAuth(users, socket);
  expect(await client.check('alice', 'new', false)).toBe('yes');
  client.close();
  await server.close();
});

test('one that hangs is unavailable after 30 s', async () => {
  const socket = join(folder, 'auth');
  const server = createServer(() => {});
  await new Promise<void>((resolve) => server.listen(socket, resolve));
  const sleeps: { ms: number; wake: () => void }[] = [];
  const clock: Clock = { ...systemClock, sleep: (ms) => new Promise((wake) => sleeps.push({ ms, wake })) };
  const client = createAuthClient(socket, clock);
  const outcome = client.check('alice', 'right', false);
  expect(sleeps.map(({ ms }) => ms)).toEqual([30_000]);
  sleeps[0]?.wake();
  expect(await outcome).toBe('unavailable');
  client.close();
  await new Promise((resolve) => server.close(resolve));
});
