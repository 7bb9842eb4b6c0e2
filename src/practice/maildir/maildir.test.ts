import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as fc from 'fast-check';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { createPattern } from '../imap/pattern.ts';
import { seedMailbox } from '../seed.ts';
import { maildirOf } from './accounts.ts';
import { bitsOfLetters, lettersOf } from './flags.ts';
import { diskNameOf, nameOf } from './names.ts';
import { createUidlist, loadUidlist } from './uidlist.ts';
import { openUidValidity } from './uidvalidity.ts';

let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'practice-test-'));
});

afterEach(() => rmSync(folder, { recursive: true }));

test('names go to the disk and back, under either separator', () => {
  expect(diskNameOf('Entwürfe/a.b', '/')).toBe('Entw&APw-rfe.a&AC4-b');
  expect(diskNameOf('Ops/foo.x', '.')).toBe('Ops&AC8-foo.x');
  expect(diskNameOf('inbox/x', '/')).toBe('INBOX.x');
  fc.assert(
    fc.property(fc.array(fc.string({ minLength: 1, maxLength: 12, unit: 'grapheme' }), { minLength: 1, maxLength: 3 }), fc.constantFrom<'/' | '.'>('/', '.'), (levels, separator) => {
      const name = levels.join(separator);
      let disk: string;
      try {
        disk = diskNameOf(name, separator);
      } catch {
        return;
      }
      expect(disk).toMatch(/^[\x20-\x7e]+$/);
      expect(disk).not.toMatch(/\/|^\.|\.\.|\.$/);
      const back = nameOf(disk, separator);
      expect(back.toUpperCase().startsWith('INBOX') ? back.toUpperCase() : back).toBe(back.toUpperCase().startsWith('INBOX') ? name.toUpperCase() : name);
      expect(diskNameOf(back, separator)).toBe(disk);
    }),
  );
});

test('users that are no folder names', () => {
  for (const user of ['', '.', '..', '../x', 'a/b', 'a\0', '.hidden', 'x'.repeat(300)]) expect(() => maildirOf(folder, user), user).toThrow('folder');
});

test('letters', () => {
  expect(lettersOf(bitsOfLetters('SFaz'))).toBe('FSaz');
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 2 ** 31 - 1 }), (bits) => {
      expect(bitsOfLetters(lettersOf(bits))).toBe(bits);
    }),
  );
});

test('uidlist: compaction keeps the UIDs, a missing header starts anew', () => {
  createUidlist(folder, 7);
  const { list } = loadUidlist(folder, () => true, () => 8);
  for (let index = 0; index < 1_500; index += 1) list.add(`m${index}`);
  for (let round = 0; round < 2; round += 1) {
    const loaded = loadUidlist(folder, (base) => base === 'm3', () => 8);
    expect([...loaded.entries]).toEqual([['m3', 4]]);
    expect(loaded.list.uidNext()).toBe(1_501);
    expect(readFileSync(join(folder, 'uidlist'), 'utf8')).toBe('V7 N1501\n4 m3\n');
  }
  writeFileSync(join(folder, 'uidlist'), 'V7');
  expect(loadUidlist(folder, () => true, () => 8).list.uidValidity).toBe(8);
});

test('UIDVALIDITY rises, over restarts and with a clock that steps back', () => {
  let now = 2_000_000;
  const given = [];
  for (let round = 0; round < 3; round += 1) {
    const fresh = openUidValidity(folder, 1_000, () => now);
    given.push(fresh(), fresh());
    now -= 500_000;
  }
  expect(given).toEqual([3_000, 3_001, 3_002, 3_003, 3_004, 3_005]);
});

test('patterns', () => {
  const matching = (pattern: string): string[] => ['INBOX', 'a', 'a/b', 'a/b/c'].filter(createPattern(pattern, '/'));
  expect(matching('*')).toEqual(['INBOX', 'a', 'a/b', 'a/b/c']);
  expect(matching('%')).toEqual(['INBOX', 'a']);
  expect(matching('inbox')).toEqual(['INBOX']);
  expect(matching('a/%')).toEqual(['a/b']);
  expect(matching('a*')).toEqual(['a', 'a/b', 'a/b/c']);
  expect(matching('%/%/c')).toEqual(['a/b/c']);
  expect(matching('')).toEqual([]);
  const begun = process.cpuUsage().user;
  expect(createPattern('*a%'.repeat(160), '/')('a'.repeat(150))).toBe(false);
  expect((process.cpuUsage().user - begun) / 1e6).toBeLessThan(10);
});

test('seeding writes what it was given', () => {
  mkdirSync(join(folder, 'data'));
  const bytes = Buffer.from('a\rb\nc\0\r\n');
  const file = join(folder, 'message');
  writeFileSync(file, bytes);
  const options = { uidValidityBase: 100 };
  const first = seedMailbox(join(folder, 'data'), 'A@x', 'Box', [{ file, flags: ['\\Seen'], keywords: ['$A', '$B'], internalDateMs: 1_500 }], options);
  const second = seedMailbox(join(folder, 'data'), 'a@x', 'Box', [{ bytes, keywords: ['$B'], internalDateMs: 1e12 }], options);
  expect(second).toEqual({ uidValidity: first.uidValidity, firstUid: 2 });
  const cur = join(folder, 'data/a@x/Maildir/.Box/cur');
  const names = readdirSync(cur).sort();
  expect(names.map((name) => name.slice(name.indexOf(':')))).toEqual([':2,Sab', ':2,b']);
  for (const name of names) expect(readFileSync(join(cur, name))).toEqual(bytes);
});
