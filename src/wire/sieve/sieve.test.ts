import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { CausewayError } from '#errors/index.ts';
import { cut } from '../cut.testing.ts';
import { createImapReader } from '../imap/reader.ts';
import type { Line, Token } from '../imap/tokens.ts';
import { nameOf, parseCommand } from './command.ts';
import { capabilityOf, parseResponse, type Response } from './response.ts';
import { encodeString, literal } from './string.ts';

/** The lines of a stream with their literals, as a session reads them. */
function linesOf(chunks: readonly Buffer[]): Line[] {
  const reader = createImapReader({ literal: 100_000 });
  const lines: Line[] = [];
  let line: Line = [];
  let parts: Buffer[] = [];
  for (const chunk of chunks) {
    reader.push(chunk);
    for (let piece = reader.read(); piece !== undefined; piece = reader.read()) {
      if (piece.kind === 'text') {
        line.push(Buffer.from(piece.bytes));
        if (piece.literal !== undefined) continue;
        lines.push(line);
        line = [];
      } else {
        parts.push(Buffer.from(piece.bytes));
        if (piece.remaining > 0) continue;
        line.push({ literal: Buffer.concat(parts) });
        parts = [];
      }
    }
  }
  return lines;
}

const line = (text: string): Line => linesOf([Buffer.from(`${text}\r\n`)])[0]!;
const response = (text: string): Response => parseResponse(line(text));
const string = (text: string): Token => ({ kind: 'string', bytes: Buffer.from(text) });

test('commands, with quoted strings, literals and numbers', () => {
  expect(parseCommand(line('capability'))).toEqual({ name: 'CAPABILITY', args: [] });
  expect(parseCommand(line('HaveSpace "a \\"b\\\\" 99'))).toEqual({ name: 'HAVESPACE', args: [string('a "b\\'), { kind: 'atom', text: '99' }] });
  expect(parseCommand(line('PUTSCRIPT {3+}\r\na"b {6+}\r\nk;\r\n}{'))).toEqual({ name: 'PUTSCRIPT', args: [string('a"b'), string('k;\r\n}{')] });
  for (const none of ['', '"NOOP"', '(NOOP)', 'NOOP ("a")', 'NOOP "a', 'NO\0OP', 'NO\rOP', '1NOOP', 'X'.repeat(33)]) {
    expect(() => parseCommand(line(none)), none).toThrow(CausewayError);
  }
  expect(['NOOP', 'noop "x"', 'NOOP"x"', '"NOOP"', ''].map((text) => nameOf(Buffer.from(text)))).toEqual(['NOOP', 'NOOP', '', '', '']);
});

test.each([
  ['OK', { status: 'OK', code: undefined, parameter: undefined, text: '' }],
  ['ok "Done."', { status: 'OK', code: undefined, parameter: undefined, text: 'Done.' }],
  ['NO (QUOTA/MaxSize) "too \\"big\\""', { status: 'NO', code: 'QUOTA/MAXSIZE', parameter: undefined, text: 'too "big"' }],
  ['OK (TAG {4}\r\na\r\nb) "Done"', { status: 'OK', code: 'TAG', parameter: 'a\r\nb', text: 'Done' }],
  ['NO {9}\r\nline\r\ntwo', { status: 'NO', code: undefined, parameter: undefined, text: 'line\r\ntwo' }],
  ['BYE (REFERRAL "sieve://x") "Go."', { status: 'BYE', code: 'REFERRAL', parameter: 'sieve://x', text: 'Go.' }],
])('%j', (text, expected) => {
  expect(response(text)).toEqual({ kind: 'status', ...expected });
});

test('data, and capabilities among it', () => {
  expect(response('"main" ACTIVE')).toEqual({ kind: 'data', words: [string('main'), { kind: 'atom', text: 'ACTIVE' }] });
  expect(response('{4}\r\nkeep')).toEqual({ kind: 'data', words: [string('keep')] });
  const words = (text: string): readonly Token[] => (response(text) as Extract<Response, { kind: 'data' }>).words;
  expect(capabilityOf(words('"Sasl" "PLAIN"'))).toEqual({ name: 'SASL', value: 'PLAIN' });
  expect(capabilityOf(words('"STARTTLS"'))).toEqual({ name: 'STARTTLS', value: undefined });
  expect(capabilityOf(words('"main" ACTIVE'))).toBeUndefined();
  for (const none of ['', '* OK', 'OKAY', 'NO unquoted', 'OK "a" "b"', 'OK ("TAG")', 'OK (a', '+OK']) expect(() => response(none), none).toThrow(CausewayError);
});

test('strings are read back as they were written, however the bytes are cut', () => {
  const text = fc.string({ unit: fc.constantFrom('a', '"', '\\', '\r', '\n', '\0', '{3}', '{3+}', 'ü', 'x'.repeat(600)) });
  fc.assert(
    fc.property(text, text, fc.constantFrom('client', 'server'), fc.array(fc.nat(9)), (one, two, from, lengths) => {
      const bytes = Buffer.concat([Buffer.from('PUTSCRIPT '), encodeString(one, from), Buffer.from(' '), literal(Buffer.from(two), from), Buffer.from('\r\nNOOP\r\n')]);
      const lines = linesOf(cut(bytes, lengths));
      expect(lines.map((each) => parseCommand(each))).toEqual([
        { name: 'PUTSCRIPT', args: [string(one), string(two)] },
        { name: 'NOOP', args: [] },
      ]);
    }),
    { numRuns: 1_000 },
  );
});

test('any bytes are a command, an answer, or a fault that we know', () => {
  const noise = fc.string({ unit: fc.constantFrom('OK', 'NO ', 'BYE', '(', ')', '"', '\\', ' ', '{3}\r\n', '{2+}\r\n', '\r\n', 'a', '\0', 'TAG', 'ü') });
  const bytes = fc.oneof(noise.map((text) => Buffer.from(text)), fc.uint8Array({ maxLength: 60 }).map((array) => Buffer.from(array)));
  fc.assert(
    fc.property(bytes, (some) => {
      for (const each of linesOf([some, Buffer.from('\r\n')])) {
        for (const parse of [parseCommand, parseResponse]) {
          try {
            parse(each);
          } catch (error) {
            expect(error).toBeInstanceOf(CausewayError);
          }
        }
      }
    }),
    { numRuns: 2_000 },
  );
});
