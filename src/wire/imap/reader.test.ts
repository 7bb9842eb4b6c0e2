import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { CausewayError } from '#errors/index.ts';
import { cut } from '../cut.testing.ts';
import { createImapReader, type ImapReader, LINE_LIMIT, type Piece } from './reader.ts';

const LIMITS = { line: 200, literal: 1000 };

type Plain = { text: string; literal?: unknown } | { literal: string };

/** Reads all there is, and joins the chunks of each literal. */
function drain(reader: ImapReader, into: Plain[] = [], open: { bytes: string } = { bytes: '' }): Plain[] {
  for (let piece: Piece | undefined = reader.read(); piece !== undefined; piece = reader.read()) {
    if (piece.kind === 'text') {
      const text = piece.bytes.toString('latin1');
      into.push(piece.literal === undefined ? { text } : { text, literal: piece.literal });
    } else {
      open.bytes += piece.bytes.toString('latin1');
      if (piece.remaining === 0) {
        into.push({ literal: open.bytes });
        open.bytes = '';
      }
    }
  }
  return into;
}

function readAll(chunks: Buffer[], peer: 'client' | 'server' = 'client', limits = LIMITS): { pieces: Plain[]; error?: string } {
  const reader = createImapReader(limits, peer);
  const pieces: Plain[] = [];
  const open = { bytes: '' };
  try {
    for (const chunk of chunks) {
      reader.push(chunk);
      drain(reader, pieces, open);
    }
  } catch (error) {
    if (!(error instanceof CausewayError)) throw error;
    return { pieces, error: error.message };
  }
  return { pieces };
}

const bytes = (text: string): Buffer => Buffer.from(text, 'latin1');
const mark = (size: number, synchronising = true, binary = false): object => ({ size, synchronising, binary });

describe('the pieces of a stream', () => {
  it('are lines without their ends, CRLF or bare LF', () => {
    expect(readAll([bytes('a NOOP\r\nb NOOP\n\r\nc NOOP\r')]).pieces).toEqual([
      { text: 'a NOOP' },
      { text: 'b NOOP' },
      { text: '' },
    ]);
  });

  it('are texts with the literals between them, of all three kinds', () => {
    const stream = 'a LOGIN {5}\r\nalice {3+}\r\nx\r\n (~{2}\r\n\0\xff {0+}\r\n)\r\nb NOOP\r\n';
    expect(readAll([bytes(stream)]).pieces).toEqual([
      { text: 'a LOGIN ', literal: mark(5) },
      { literal: 'alice' },
      { text: ' ', literal: mark(3, false) },
      { literal: 'x\r\n' },
      { text: ' (', literal: mark(2, true, true) },
      { literal: '\0\xff' },
      { text: ' ', literal: mark(0, false) },
      { literal: '' },
      { text: ')' },
      { text: 'b NOOP' },
    ]);
  });

  it('take for a mark only what is one', () => {
    const lines = ['a {}', 'a {+}', 'a {x}', 'a 5}', 'a {-1}', 'a {5} ', 'a "{5}"', '}', '+}', `a {${'1'.repeat(21)}}`];
    const { pieces } = readAll([bytes(`${lines.join('\r\n')}\r\n`)]);
    expect(pieces).toEqual(lines.map((text) => ({ text })));
    expect(readAll([bytes('a x~{1}\r\n')]).pieces).toEqual([{ text: 'a x~', literal: mark(1) }]);
  });

  it('of a server leave human text alone and skip empty lines', () => {
    const stream = '\r\n* NO No mailbox x{3}\r\n+ go {2}\r\na1 BAD y{1+}\r\n* 1 FETCH (BODY[] {2}\r\n\r\n)\r\n';
    expect(readAll([bytes(stream)], 'server').pieces).toEqual([
      { text: '* NO No mailbox x{3}' },
      { text: '+ go {2}' },
      { text: 'a1 BAD y{1+}' },
      { text: '* 1 FETCH (BODY[] ', literal: mark(2) },
      { literal: '\r\n' },
      { text: ')' },
    ]);
    // A client's are literals whatever the command is called, as any server behind us will see it.
    expect(readAll([bytes('a NO {2+}\r\nhi\r\n')], 'client').pieces[0]).toEqual({ text: 'a NO ', literal: mark(2, false) });
  });

  it('of a literal are views of what was pushed', () => {
    const reader = createImapReader({ literal: 1e6 });
    const chunk = bytes(`a APPEND x {10}\r\n${'0123456789'}\r\n`);
    reader.push(chunk);
    reader.read();
    const piece = reader.read();
    expect(piece?.bytes.buffer).toBe(chunk.buffer);
    expect(piece?.bytes.byteOffset).toBe(chunk.byteOffset + 17);
  });

  it('do not change with how the stream is cut', () => {
    const word = fc.constantFrom('a NOOP', '\r\n', '\n', '\r', '{3}\r\n', '{12+}\r\n', '~{0}\r\n', '* OK {1}', ' ', 'xyz', '{');
    const stream = fc.array(fc.oneof(word, fc.string({ unit: 'binary-ascii', maxLength: 6 })), { maxLength: 40 });
    fc.assert(
      fc.property(stream, fc.array(fc.nat(9)), fc.constantFrom('client' as const, 'server' as const), (words, cuts, peer) => {
        const all = bytes(words.join(''));
        expect(readAll(cut(all, cuts), peer)).toEqual(readAll([all], peer));
      }),
      { numRuns: 500 },
    );
  });

  it('end in nothing worse than a limit, for any bytes', () => {
    fc.assert(
      fc.property(fc.array(fc.uint8Array({ maxLength: 400 })), (chunks) => {
        readAll(chunks.map((chunk) => Buffer.from(chunk)));
      }),
    );
  });
});

describe('limits', () => {
  const long = (length: number, end = '\r\n'): Buffer => bytes('x'.repeat(length) + end);

  it('hold for a line, ended or not, however it arrives', () => {
    expect(readAll([long(200)]).pieces).toHaveLength(1);
    expect(readAll([long(201)]).error).toMatch(/line of more than 200/);
    expect(readAll([long(201, '\n')]).error).toMatch(/line/);
    expect(readAll([long(202, '')]).error).toMatch(/line/);
    expect(readAll(cut(long(202, ''), Array.from({ length: 202 }, () => 1))).error).toMatch(/line/);
    expect(readAll([long(LINE_LIMIT + 1)], 'client', { literal: 1 } as typeof LIMITS).error).toMatch(/line/);
  });

  it('hold for all text of a logical line, so for the number of its literals too', () => {
    expect(readAll([bytes('{0}\r\n'.repeat(100))]).error).toMatch(/line/);
    expect(readAll([bytes(`${'{0}\r\n'.repeat(50)}end\r\n`.repeat(2))]).error).toBeUndefined();
  });

  it('hold for a literal before any of it is read', () => {
    expect(readAll([bytes('a {1000}\r\n')]).error).toBeUndefined();
    expect(readAll([bytes('a {1001}\r\n')]).error).toMatch(/literal/);
    expect(readAll([bytes('a {99999999999999999999}\r\n')]).error).toMatch(/literal/);
  });

  it('leave the reader broken, since it is out of step', () => {
    const reader = createImapReader(LIMITS);
    reader.push(Buffer.concat([long(300), bytes('b NOOP\r\n')]));
    expect(() => reader.read()).toThrow(CausewayError);
    expect(() => reader.read()).toThrow(CausewayError);
  });
});

describe('handing over and refusing', () => {
  it('gives every unread byte once', () => {
    fc.assert(
      fc.property(fc.array(fc.nat(5)), fc.nat(4), (cuts, reads) => {
        const stream = 'a {4}\r\nwxyz x\r\nb NOOP\r\nc NO';
        const reader = createImapReader(LIMITS);
        for (const chunk of cut(bytes(stream), cuts)) reader.push(chunk);
        const taken = ['a {4}\r\n', 'wxyz', ' x\r\n', 'b NOOP\r\n', 'c NO'];
        let texts = 0;
        for (let count = 0; count < reads; count += 1) {
          let piece = reader.read();
          while (piece?.kind === 'literal' && piece.remaining > 0) piece = reader.read();
          texts += 1;
        }
        expect(reader.rest().toString()).toBe(taken.slice(texts).join(''));
        expect(reader.rest()).toHaveLength(0);
      }),
    );
  });

  it('gives the start of a line that was looked at and has not ended', () => {
    const reader = createImapReader(LIMITS);
    reader.push(bytes('a NO'));
    expect(reader.read()).toBeUndefined();
    reader.push(bytes('OP'));
    expect(reader.rest().toString()).toBe('a NOOP');
  });

  it('takes what follows a refused literal for a new line', () => {
    const reader = createImapReader(LIMITS);
    reader.push(bytes('a APPEND x {900}\r\nb NOOP\r\n'));
    expect(reader.read()?.kind).toBe('text');
    reader.refuseLiteral();
    expect(drain(reader)).toEqual([{ text: 'b NOOP' }]);
    expect(() => reader.refuseLiteral()).toThrow(CausewayError);
  });
});

it('costs linear time and little memory when bytes come one by one', () => {
  const reader = createImapReader({ line: 4_000_000, literal: 1 });
  const one = bytes('x');
  const start = process.cpuUsage().user;
  for (let count = 0; count < 200_000; count += 1) {
    reader.push(one);
    reader.read();
  }
  for (let count = 0; count < 200_000; count += 1) reader.push(one);
  reader.push(bytes('\r\n'));
  expect(reader.read()?.bytes).toHaveLength(400_000);
  // Well below a second; quadratic time would be minutes.
  expect((process.cpuUsage().user - start) / 1e6).toBeLessThan(10);
});
