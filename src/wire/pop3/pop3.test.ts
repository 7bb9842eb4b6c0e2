import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { cut } from '../cut.testing.ts';
import { createStuffer } from '../smtp/dot-stuffing.ts';
import { argumentsOf, isMultiLine, parseCommand } from './command.ts';
import { createMultiLineEnd } from './multi-line.ts';
import { parseStatus } from './response.ts';

const bytes = (text: string): Buffer => Buffer.from(text, 'latin1');
const command = (text: string): ReturnType<typeof parseCommand> => parseCommand(bytes(text));

test.each([
  ['STAT', { name: 'STAT', rest: undefined }],
  ['retr 1', { name: 'RETR', rest: bytes('1') }],
  ['PASS  two  spaces ', { name: 'PASS', rest: bytes(' two  spaces ') }],
  ['PASS ', { name: 'PASS', rest: bytes('') }],
  ['', undefined],
  [' STAT', undefined],
  ['ST\rAT', undefined],
  ['PASS a\0b', undefined],
  ['1RETR 1', undefined],
  ['A'.repeat(17), undefined],
])('%j', (text, expected) => {
  expect(command(text)).toEqual(expected);
});

test('which answers have more lines', () => {
  const multi = ['CAPA', 'LIST', 'LIST ', 'UIDL', 'RETR 1', 'TOP 1 0', 'LANG'];
  const single = ['LIST 1', 'UIDL 1', 'LANG *', 'STAT', 'DELE 1', 'QUIT', 'NOOP', 'RSET', 'USER list'];
  expect(multi.map((text) => isMultiLine(command(text)!))).toEqual(multi.map(() => true));
  expect(single.map((text) => isMultiLine(command(text)!))).toEqual(single.map(() => false));
  expect(argumentsOf(command('TOP  1   10 ')!)).toEqual(['1', '10']);
});

test.each([
  ['+OK', { ok: true, code: undefined, text: '' }],
  ['+OK 2 200', { ok: true, code: undefined, text: '2 200' }],
  ['-ERR [SYS/TEMP] wait', { ok: false, code: 'SYS/TEMP', text: 'wait' }],
  ['-err [in-use]', { ok: false, code: 'IN-USE', text: '' }],
  ['-ERR no [AUTH] here', { ok: false, code: undefined, text: 'no [AUTH] here' }],
  ['+OKAY', undefined],
  ['OK', undefined],
  ['', undefined],
])('%j', (text, expected) => {
  expect(parseStatus(bytes(text))).toEqual(expected);
});

test('any bytes are read without failing', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 60 }), (array) => {
      parseStatus(Buffer.from(array));
      const read = parseCommand(Buffer.from(array));
      if (read !== undefined) isMultiLine(read);
    }),
    { numRuns: 1000 },
  );
});

/** The offset behind the end, over all chunks; -1 when there is none. */
function endOf(chunks: Buffer[]): number {
  const end = createMultiLineEnd();
  let before = 0;
  for (const chunk of chunks) {
    const at = end.find(chunk);
    if (at >= 0) return before + at;
    before += chunk.length;
  }
  return -1;
}

test('only CRLF.CRLF, or a first line that is a dot, ends an answer', () => {
  expect(endOf([bytes('.\r\n+OK')])).toBe(3);
  expect(endOf([bytes('a\r\n.\r\nb')])).toBe(6);
  expect(endOf([bytes('a\n.\n.\r\n\r.\r\n..\r\n.\r.\r\n')])).toBe(-1);
  expect(endOf([bytes('a\r\n.\r\r\n.\r\n')])).toBe(10);
});

test('the end is found however the bytes are cut, and never within a stuffed message', () => {
  const message = fc.string({ unit: fc.constantFrom('\r', '\n', '\r\n', '.', 'a') });
  fc.assert(
    fc.property(message, fc.array(fc.nat(4)), fc.constantFrom('', '+OK\r\n', '.\r\n'), (text, lengths, next) => {
      const stuffer = createStuffer();
      const answer = Buffer.concat([stuffer.push(bytes(text)), stuffer.end(), bytes('.\r\n')]);
      const all = Buffer.concat([answer, bytes(next)]);
      expect(endOf(cut(all, lengths))).toBe(answer.length);
    }),
    { numRuns: 2000 },
  );
});
