import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { cut } from '../cut.testing.ts';
import { createStuffer } from './dot-stuffing.ts';
import { createMessageEnd } from './message-end.ts';

type Read = { passed: string; left: string; ended: boolean } | 'refused';

function read(chunks: readonly Buffer[]): Read {
  const end = createMessageEnd();
  const passed: Buffer[] = [];
  for (const [index, chunk] of chunks.entries()) {
    try {
      const { pass, taken, ended } = end.feed(chunk);
      passed.push(...pass);
      if (!ended) continue;
      const left = Buffer.concat([chunk.subarray(taken), ...chunks.slice(index + 1)]);
      return { passed: Buffer.concat(passed).toString('latin1'), left: left.toString('latin1'), ended };
    } catch {
      return 'refused';
    }
  }
  return { passed: Buffer.concat(passed).toString('latin1'), left: '', ended: false };
}

const bytes = (text: string): Buffer => Buffer.from(text, 'latin1');
const oneByOne = (text: string): Buffer[] => [...text].map(bytes);

test.each(['.\r\nQUIT\r\n', 'Subject: a\r\n\r\nb\r\n.\r\nMAIL', 'a.\r\n..\r\n...\r\n. \r\n.a\r\n.\r\n.\r\n', 'a\n..\nb\nc\r\n.\r\n'])('%j', (text) => {
  const end = text.startsWith('.') ? 3 : text.indexOf('\r\n.\r\n') + 5;
  const expected = { passed: text.slice(0, end), left: text.slice(end), ended: true };
  expect(read([bytes(text)])).toEqual(expected);
  expect(read(oneByOne(text))).toEqual(expected);
});

// The sequences with which servers were made to see an end where others saw none.
test.each(['\n.\n', '\n.\r\n', '\r.\r', '\r.\n', '\r.\r\n', '\r\n.\n', '\r\n.\rx', '\n.\r', '\r\n.\r\r\n'])('%j is refused, its line end not passed on', (sequence) => {
  for (const chunks of [[bytes(`a${sequence}XCLIENT LOGIN=jane\r\n`)], oneByOne(`a${sequence}XCLIENT LOGIN=jane\r\n`)]) expect(read(chunks)).toBe('refused');
});

/** As a lenient server does it: CR, LF and CRLF all end a line. */
const lenientEnd = (text: string): boolean => /(?:^|[\r\n])\.[\r\n]/.test(text);

test('what is passed before the end never looks like an end to anybody; cuts make no difference', () => {
  const piece = fc.constantFrom('.', '\r', '\n', 'a', '\r\n', '\r\n.', '..', '\r\n.\r\n');
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 20 }), fc.array(fc.nat(4)), (pieces, lengths) => {
      const all = bytes(pieces.join(''));
      const whole = read([all]);
      expect(read(cut(all, lengths))).toEqual(whole);
      if (whole === 'refused') return;
      const { passed, ended, left } = whole;
      expect(lenientEnd(ended ? passed.slice(0, -3) : passed)).toBe(false);
      if (ended) expect([passed + left, /(?:^|\r\n)\.\r\n$/.test(passed)]).toEqual([all.toString('latin1'), true]);
    }),
    { numRuns: 2_000 },
  );
});

test('a message that was stuffed is found whole, if its lines end in CRLF', () => {
  fc.assert(
    fc.property(fc.array(fc.constantFrom('.', '..', 'a', ' ', ''), { maxLength: 20 }), (lines) => {
      const stuffer = createStuffer();
      const text = stuffer.push(bytes(lines.map((line) => `${line}\r\n`).join(''))).toString('latin1');
      expect(read([bytes(`${text}.\r\nQUIT\r\n`)])).toEqual({ passed: `${text}.\r\n`, left: 'QUIT\r\n', ended: true });
    }),
  );
});
