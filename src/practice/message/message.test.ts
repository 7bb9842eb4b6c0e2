import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { parseAddresses } from './addresses.ts';
import { envelope } from './envelope.ts';
import { bodyStart, parseFields } from './headers.ts';
import { parseMime } from './mime.ts';
import { extract, parseSection } from './section.ts';
import { structure } from './structure.ts';

const NESTED = [
  'From 1 Mon Sep  2 12:00:00 2002', 'Subject: outer', ' folded', 'Content-Type: multipart/mixed; boundary=out', '', 'preamble',
  '--out', '', 'plain', '--out', 'Content-Type: message/rfc822', '', 'Subject: inner', 'Content-Type: multipart/alternative; boundary="in"', '',
  '--in', 'Content-Type: text/html', '', '<p>', '--in--', '', '--out--', 'epilogue',
].join('\r\n');

const of = (text: string, section: string): string | undefined => extract(text, parseSection(section), parseMime(text));

test('sections', () => {
  expect(of(NESTED, '')).toBe(NESTED);
  expect(of(NESTED, '1')).toBe('plain');
  expect(of(NESTED, '2.HEADER')).toBe('Subject: inner\r\nContent-Type: multipart/alternative; boundary="in"\r\n\r\n');
  expect(of(NESTED, '2.1')).toBe('<p>');
  expect(of(NESTED, '2.1.MIME')).toBe('Content-Type: text/html\r\n\r\n');
  expect(of(NESTED, '2.MIME')).toBe('Content-Type: message/rfc822\r\n\r\n');
  expect(of(NESTED, 'HEADER.FIELDS (SUBJECT x)')).toBe('Subject: outer\r\n folded\r\n\r\n');
  expect(of(NESTED, 'HEADER.FIELDS.NOT (subject)')).toBe('Content-Type: multipart/mixed; boundary=out\r\n\r\n');
  expect(of(NESTED, 'TEXT')?.startsWith('preamble\r\n')).toBe(true);
  for (const missing of ['3', '1.2', '2.1.1', '1.HEADER']) expect(of(NESTED, missing), missing).toBeUndefined();
  expect(of('Subject: x\r\n\r\nbody', '1')).toBe('body');
  expect(of('Subject: x\r\n\r\nbody', '1.1')).toBeUndefined();
  for (const wrong of ['0', 'MIME', 'HEADER.FIELDS', 'HEADER.FIELDS ()', 'x', '1..2', 'HEADER.FIELDS (a\rb:)']) {
    expect(() => parseSection(wrong), wrong).toThrow('Unknown section');
  }
});

test('structure', () => {
  expect(structure(NESTED, parseMime(NESTED), true)).toBe(
    '(("TEXT" "PLAIN" NIL NIL NIL "7BIT" 5 0 NIL NIL NIL NIL)("MESSAGE" "RFC822" NIL NIL NIL "7BIT" 116 ' +
      '(NIL "inner" NIL NIL NIL NIL NIL NIL NIL NIL) (("TEXT" "HTML" NIL NIL NIL "7BIT" 3 0 NIL NIL NIL NIL) "ALTERNATIVE" ("BOUNDARY" "in") NIL NIL NIL) 8 NIL NIL NIL NIL)' +
      ' "MIXED" ("BOUNDARY" "out") NIL NIL NIL)',
  );
});

test('addresses', () => {
  expect(parseAddresses('"Doe, J" <j@x>, k@y (Kay), Group: a@b, c@d;, <@r:e@f>, "q\\"" <>')).toEqual([
    { name: 'Doe, J', mailbox: 'j', host: 'x' },
    { name: 'Kay', mailbox: 'k', host: 'y' },
    { mailbox: 'Group' },
    { mailbox: 'a', host: 'b' },
    { mailbox: 'c', host: 'd' },
    {},
    { mailbox: 'e', host: 'f' },
    { name: 'q"', mailbox: '', host: '' },
  ]);
});

test('any bytes have a structure, whose parts lie within the message', () => {
  const word = fc.constantFrom('\r\n', '\n', '\r', '--b', '--', 'Content-Type: multipart/mixed; boundary=b', 'Content-Type: message/rfc822', 'From: ', '<', '>', '"', '(', ')', '\\', ';', ':', ',', '=', 'x', ' ', '\u00e9', '\0');
  fc.assert(
    fc.property(fc.array(word, { maxLength: 60 }), (words) => {
      const text = words.join('');
      const root = parseMime(text);
      expect(structure(text, root, true)).toMatch(/^\([^]*\)$/);
      expect(envelope(root.fields)).toMatch(/^\([^]*\)$/);
      const body = bodyStart(text, 0, text.length);
      for (const field of parseFields(text, 0, body)) expect(field.end).toBeLessThanOrEqual(body);
      const check = (part: typeof root): void => {
        expect(part.start <= part.body && part.body <= part.end && part.end <= text.length).toBe(true);
        for (const child of part.children) {
          expect(child.start >= part.body && child.end <= part.end).toBe(true);
          check(child);
        }
      };
      check(root);
    }),
    { numRuns: 500 },
  );
});

test('hostile headers cost no more than their length', () => {
  const size = 300_000;
  const begun = process.cpuUsage().user;
  for (const unit of ['(', '"', '<', '\\', ';a="', ';a=', '(\\', 'a:', '; ', '\r\n --']) {
    const text = `From: ${unit.repeat(size / unit.length)}\r\nContent-Type: multipart/x; boundary=b${unit.repeat(size / unit.length)}\r\n\r\n--b`;
    structure(text, parseMime(text), true);
    envelope(parseMime(text).fields);
  }
  // Quadratic would be minutes.
  expect((process.cpuUsage().user - begun) / 1e6).toBeLessThan(10);
});
