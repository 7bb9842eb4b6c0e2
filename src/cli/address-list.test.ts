import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { addressesOf } from './address-list.ts';

const folder = mkdtempSync(join(tmpdir(), 'list-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
const list = (text: string): string => {
  writeFileSync(join(folder, 'list'), text);
  return join(folder, 'list');
};

test('arguments and a list, each account once', () => {
  expect(addressesOf(['ada@isp.example'], list('\ufeff# ours first\r\n\r\nben@isp.example # staff\r\nada@isp.example\r\n'))).toEqual(['ada@isp.example', 'ben@isp.example']);
  expect(addressesOf([], list('a#b@isp.example'))).toEqual(['a#b@isp.example']);
});

test('what is no list is refused, with its line', () => {
  expect(() => addressesOf([], undefined)).toThrow('no account is named');
  expect(() => addressesOf([], list('# nothing\n'))).toThrow('no account is named');
  expect(() => addressesOf([], list('ada@isp.example\nben@isp.example,old\n'))).toThrow(expect.objectContaining({ code: 'input', place: expect.stringMatching(/:2$/) }));
  expect(() => addressesOf([], join(folder, 'none'))).toThrow(/cannot read/);
});
