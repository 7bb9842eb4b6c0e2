import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { CausewayError } from '#errors/index.ts';
import { quoted } from './encode.ts';
import { isNil, type Line, parseLine, textOf, type Token } from './tokens.ts';

type Shape = string | { s: string } | Shape[];

/** Atoms as bare text, strings as `{ s }`, lists as arrays. */
function shape(tokens: Token[]): Shape[] {
  return tokens.map((token) => {
    if (token.kind === 'atom') return token.text;
    return token.kind === 'string' ? { s: token.bytes.toString('latin1') } : shape(token.items);
  });
}

const parse = (...line: (string | { literal: string })[]): Shape[] =>
  shape(
    parseLine(
      line.map((part) =>
        typeof part === 'string' ? Buffer.from(part, 'latin1') : { literal: Buffer.from(part.literal, 'latin1') },
      ),
    ),
  );

describe('tokens', () => {
  it('are atoms of every kind', () => {
    expect(parse(String.raw`1:*,5 NIL \Seen * % "" $Label1 +FLAGS.SILENT (\Answered \*)`)).toEqual([
      '1:*,5', 'NIL', '\\Seen', '*', '%', { s: '' }, '$Label1', '+FLAGS.SILENT', ['\\Answered', '\\*'],
    ]);
  });

  it('are quoted strings with escapes and 8-bit bytes', () => {
    expect(parse(String.raw`"a \"b\" \\c" "(x) {3}" "caf` + '\xe9"')).toEqual([{ s: 'a "b" \\c' }, { s: '(x) {3}' }, { s: 'caf\xe9' }]);
  });

  it('are literals in their place, the empty one too', () => {
    expect(parse('1 (RFC822 ', { literal: 'a)\r\n"' }, ' UID 5 ', { literal: '' }, ')')).toEqual([
      '1', ['RFC822', { s: 'a)\r\n"' }, 'UID', '5', { s: '' }],
    ]);
  });

  it('take a section with its lists for one atom', () => {
    const items = 'BODY.PEEK[HEADER.FIELDS (DATE "X ]y" FROM)]<0.100> BINARY[1.2]<5> body[]';
    expect(parse(`(${items} UID)`)).toEqual([
      ['BODY.PEEK[HEADER.FIELDS (DATE "X ]y" FROM)]<0.100>', 'BINARY[1.2]<5>', 'body[]', 'UID'],
    ]);
    expect(parse('(BODY[HEADER.FIELDS (', { literal: 'Sub"ject' }, ' Date)] ', { literal: 'x' }, ')')).toEqual([
      ['BODY[HEADER.FIELDS ("Sub\\"ject" Date)]', { s: 'x' }],
    ]);
  });

  it('take brackets elsewhere as they come', () => {
    expect(parse('() "/" [Gmail]/Sent foo[bar')).toEqual([[], { s: '/' }, '[Gmail]/Sent', 'foo[bar']);
  });

  it('keep bytes above 127 outside of quotes as a string', () => {
    expect(parse('caf\xe9 x')).toEqual([{ s: 'caf\xe9' }, 'x']);
  });

  it('tolerate missing and doubled spaces', () => {
    expect(parse(' a  (b)(c)"d""e" ')).toEqual(['a', ['b'], ['c'], { s: 'd' }, { s: 'e' }]);
  });

  it('refuse what does not close', () => {
    for (const text of ['(', ')', '(a', 'a)', '"a', '"a\\"', '"\\', 'BODY[', 'BODY[HEADER ("x)]', 'BODY["']) {
      expect(() => parse(text), text).toThrow(CausewayError);
    }
    expect(() => parse('"a', { literal: 'b' }, '"')).toThrow(CausewayError);
  });

  it('refuse what is too deep or too much', () => {
    expect(parse('('.repeat(50) + ')'.repeat(50))).toHaveLength(1);
    expect(() => parse('('.repeat(51) + ')'.repeat(51))).toThrow(/deeper than 50/);
    expect(() => parseLine([Buffer.from('a b c')], { nesting: 1, tokens: 2 })).toThrow(/more than 2 tokens/);
  });

  it('read any quoted text back', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }).filter((text) => !/[\r\n\0]/.test(text)), (text) => {
        expect(textOf(parseLine([Buffer.from(quoted(text))])[0])).toBe(text);
      }),
    );
  });

  it('are found, or a CausewayError, in any bytes', () => {
    const text = fc.oneof(
      fc.uint8Array({ maxLength: 80 }).map((bytes) => Buffer.from(bytes)),
      fc.array(fc.constantFrom('(', ')', '"', '\\', ' ', 'BODY[', ']', 'a', 'NIL', '<0>', '\xe9')).map((parts) => Buffer.from(parts.join(''), 'latin1')),
    );
    const line: fc.Arbitrary<Line> = fc.array(fc.oneof(text, text.map((literal) => ({ literal }))), { maxLength: 6 });
    fc.assert(
      fc.property(line, (parts) => {
        try {
          parseLine(parts);
        } catch (error) {
          expect(error).toBeInstanceOf(CausewayError);
        }
      }),
      { numRuns: 1000 },
    );
  });

  it('cost linear time', () => {
    const start = process.cpuUsage().user;
    expect(parseLine([Buffer.from('1234567 '.repeat(900_000))])).toHaveLength(900_000);
    expect(() => parseLine([Buffer.from('BODY['.repeat(200_000))])).toThrow(CausewayError);
    expect(parseLine([Buffer.from('['.repeat(1_000_000))])).toHaveLength(1);
    expect((process.cpuUsage().user - start) / 1e6).toBeLessThan(10);
  });
});

it('knows NIL and texts', () => {
  const [nil, string, list] = parseLine([Buffer.from('nil "NIL" ()')]);
  expect([isNil(nil), isNil(string), isNil(list), isNil(undefined)]).toEqual([true, false, false, false]);
  expect([textOf(nil), textOf(string)]).toEqual(['nil', 'NIL']);
  expect(() => textOf(list)).toThrow(CausewayError);
  expect(() => textOf(undefined)).toThrow(CausewayError);
});
