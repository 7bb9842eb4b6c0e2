import * as fc from 'fast-check';
import { expect, it } from 'vitest';
import { cut } from '../cut.testing.ts';
import { createStuffer, createUnstuffer } from './dot-stuffing.ts';

function stuff(chunks: Buffer[]): string {
  const stuffer = createStuffer();
  const parts = chunks.map((chunk) => stuffer.push(chunk));
  return Buffer.concat([...parts, stuffer.end(), Buffer.from('.\r\n')]).toString('latin1');
}

function unstuff(chunks: Buffer[]): { message: string; rest: string | undefined } {
  const unstuffer = createUnstuffer();
  const parts: Buffer[] = [];
  for (const [index, chunk] of chunks.entries()) {
    const { bytes, rest } = unstuffer.push(chunk);
    parts.push(bytes);
    if (rest !== undefined) {
      const all = Buffer.concat([rest, ...chunks.slice(index + 1)]);
      return { message: Buffer.concat(parts).toString('latin1'), rest: all.toString('latin1') };
    }
  }
  return { message: Buffer.concat(parts).toString('latin1'), rest: undefined };
}

const bytes = (text: string): Buffer => Buffer.from(text, 'latin1');
const message = fc.oneof(
  fc.string({ unit: fc.constantFrom('\r', '\n', '\r\n', '.', 'a', '\0', '\xff') }),
  fc.uint8Array().map((array) => Buffer.from(array).toString('latin1')),
);
const cuts = fc.array(fc.nat(4));

it('doubles dots after CRLF and at the start, nowhere else', () => {
  expect(stuff([bytes('.a\r\n..\r\nb.\r\n')])).toBe('..a\r\n...\r\nb.\r\n.\r\n');
  expect(stuff([bytes('a\n.\r.\r\n')])).toBe('a\n.\r.\r\n.\r\n');
  expect(stuff([bytes('a')])).toBe('a\r\n.\r\n');
  expect(stuff([])).toBe('.\r\n');
});

it('takes only CRLF.CRLF for the end', () => {
  expect(unstuff([bytes('a\n.\nb\r\n.\nc\r\n.\rd\r\n..\r\n.\r\nRSET\r\n')])).toEqual({ message: 'a\n.\nb\r\n\nc\r\n\rd\r\n.\r\n', rest: 'RSET\r\n' });
  expect(unstuff([bytes('.\r\n')])).toEqual({ message: '', rest: '' });
  expect(unstuff([bytes('a\r\n.\r')])).toEqual({ message: 'a\r\n', rest: undefined });
});

it('passes a chunk without such dots on uncopied', () => {
  const chunk = bytes('a.b\r\nc\r\n');
  expect(createStuffer().push(chunk).buffer).toBe(chunk.buffer);
  expect(createUnstuffer().push(chunk).bytes.buffer).toBe(chunk.buffer);
});

it('gives back the message, and what follows it, however both ways are cut', () => {
  fc.assert(
    fc.property(message, cuts, cuts, fc.constantFrom('', 'QUIT\r\n', '.\r\n'), (text, there, back, next) => {
      const stuffed = stuff(cut(bytes(text), there));
      expect(stuffed).toBe(stuff([bytes(text)]));
      const whole = text === '' || text.endsWith('\r\n') ? text : `${text}\r\n`;
      expect(unstuff(cut(bytes(stuffed + next), back))).toEqual({ message: whole, rest: next });
    }),
    { numRuns: 1000 },
  );
});

it('reads any bytes the same however they are cut', () => {
  fc.assert(
    fc.property(message, cuts, (text, lengths) => {
      expect(unstuff(cut(bytes(text), lengths))).toEqual(unstuff([bytes(text)]));
    }),
    { numRuns: 1000 },
  );
});
