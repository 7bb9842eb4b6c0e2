import * as fc from 'fast-check';
import { expect, it } from 'vitest';
import { CausewayError } from '#errors/index.ts';
import { astring, atomOrQuoted, mailboxName, quoted } from './encode.ts';
import { parseLine, textOf } from './tokens.ts';

it('writes atoms where it can, quoted strings where it must', () => {
  expect(['INBOX', 'a b', '', 'nil', 'a"\\', '[x]', '1:*', '\\Seen', 'é'].map(atomOrQuoted)).toEqual([
    'INBOX', '"a b"', '""', '"nil"', '"a\\"\\\\"', '"[x]"', '"1:*"', '"\\\\Seen"', '"é"',
  ]);
});

it('writes no line ends and no NUL', () => {
  for (const value of ['a\r\nb', 'a\n', '\r', '\0']) {
    expect(() => quoted(value)).toThrow(CausewayError);
    expect(() => atomOrQuoted(value)).toThrow(CausewayError);
    expect(() => mailboxName(value, { utf8: true })).toThrow(CausewayError);
    expect(mailboxName(value, { utf8: false })).toMatch(/^"[ -~]+"$/);
  }
  expect(() => astring('a\0')).toThrow(CausewayError);
});

it('gives bytes for a literal where nothing else carries the value', () => {
  expect(['abc', 'a b', 'pässwörd', 'a\nb'].map(astring)).toEqual(['abc', '"a b"', Buffer.from('pässwörd'), Buffer.from('a\nb')]);
});

it('writes mailbox names in modified UTF-7, or as they are', () => {
  expect(mailboxName('Entwürfe & "Co"', { utf8: false })).toBe('"Entw&APw-rfe &- \\"Co\\""');
  expect(mailboxName('Entwürfe', { utf8: true })).toBe('"Entwürfe"');
});

it('writes what reads back as the same word', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }).filter((text) => !text.includes('\0')), (text) => {
      const word = astring(text);
      const line = Buffer.isBuffer(word) ? [{ literal: word }] : [Buffer.from(word)];
      expect(parseLine(line).map(textOf)).toEqual([text]);
    }),
  );
});
