import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { connect, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { listenOnPath } from './listen-path.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'causeway-path-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const listening = (path: string, group?: string): ReturnType<typeof listenOnPath> =>
  listenOnPath({ path, mode: 0o660, ...(group === undefined ? {} : { group }), maxConnections: 1, onSocket: (socket) => void socket.end('here') });

const heard = (path: string): Promise<string> =>
  new Promise((resolve, reject) => {
    let text = '';
    connect({ path }).on('data', (chunk) => (text += chunk)).on('end', () => resolve(text)).on('error', reject);
  });

test('listens with mode and group, and takes itself away', async () => {
  const path = join(folder, 'auth');
  const own = readFileSync('/etc/group', 'utf8').split('\n').find((line) => Number(line.split(':')[2]) === process.getgid!())!;
  const listener = await listening(path, own.split(':')[0]);
  expect(statSync(path).mode & 0o777).toBe(0o660);
  expect(await heard(path)).toBe('here');
  await listener.close();
  expect(existsSync(path)).toBe(false);
});

test('takes the place of a dead socket, never that of a living one or of a file', async () => {
  const path = join(folder, 'auth');
  const other = createServer().listen(path);
  await new Promise((resolve) => other.once('listening', resolve));
  await expect(listening(path)).rejects.toMatchObject({ code: 'config', place: path, message: 'another process listens there' });
  await new Promise((resolve) => other.close(resolve));

  writeFileSync(path, 'precious');
  await expect(listening(path)).rejects.toMatchObject({ code: 'config' });
  expect(readFileSync(path, 'utf8')).toBe('precious');
  rmSync(path);

  const first = await listening(path);
  // A second life, as after a crash: its socket lies there, and nobody answers.
  const dead = `${path}-dead`;
  const child = spawnSync(process.execPath, ['-e', `require('net').createServer().listen(${JSON.stringify(dead)}, () => process.kill(process.pid, 'SIGKILL'))`]);
  expect(child.signal).toBe('SIGKILL');
  expect(existsSync(dead)).toBe(true);
  const second = await listening(dead);
  expect(await heard(dead)).toBe('here');
  await first.close();
  await second.close();
});

test('an unknown group, and a folder that is not there, are mistakes of the configuration', async () => {
  await expect(listening(join(folder, 'auth'), 'no-such-group')).rejects.toMatchObject({ code: 'config', message: 'there is no group no-such-group in /etc/group' });
  await expect(listening(join(folder, 'none/auth'))).rejects.toMatchObject({ code: 'config' });
  expect(existsSync(join(folder, 'auth'))).toBe(false);
});
