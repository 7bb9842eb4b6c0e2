import fc from 'fast-check';
import { expect, test } from 'vitest';
import { parseFlags } from './flags.ts';
import { readBodyHead, readMessageLine } from './message-line.ts';
import { parseResponse } from './response.ts';
import { textOf, type Token } from './tokens.ts';

/** As the parser of all responses reads it. */
function parsed(line: string): { uid: number; flags: string[]; internalDate: string; size: number } {
  const response = parseResponse([Buffer.from(line, 'latin1')]);
  if (response.kind !== 'data' || response.name !== 'FETCH') throw new Error('no FETCH');
  const [list] = response.tokens as [Extract<Token, { kind: 'list' }>];
  const at = (name: string): Token => list.items[list.items.findIndex((item) => item.kind === 'atom' && item.text === name) + 1]!;
  return { uid: Number(textOf(at('UID'))), flags: parseFlags(at('FLAGS')), internalDate: textOf(at('INTERNALDATE')), size: Number(textOf(at('RFC822.SIZE'))) };
}

const flag = fc.constantFrom('\\Seen', '\\Answered', '\\Recent', '$Forwarded', 'NonJunk', 'a.b-c', 'Überfällig');
const line = fc
  .record({ uid: fc.nat(), size: fc.nat(), flags: fc.array(flag), date: fc.constantFrom('17-Jul-1996 02:44:25 -0700', ' 1-Jan-2020 00:00:00 +0000', '', 'x\\"y'), order: fc.shuffledSubarray([0, 1, 2, 3], { minLength: 4 }) })
  .map(({ uid, size, flags, date, order }) => {
    const items = [`UID ${uid}`, `FLAGS (${flags.join(' ')})`, `INTERNALDATE "${date}"`, `RFC822.SIZE ${size}`];
    return `* 12 FETCH (${order.map((at) => items[at]).join(' ')})`;
  });

test('what it reads is what the parser of all responses reads', () => {
  let plain = 0;
  fc.assert(
    fc.property(line, (text) => {
      const read = readMessageLine(Buffer.from(text, 'latin1'));
      if (read === undefined) return;
      plain += 1;
      const { flags, ...rest } = parsed(text);
      const { flags: words, ...own } = read;
      expect(own).toEqual(rest);
      expect(new Set(words.split(' ').filter((word) => word !== '').map((word) => word.toLowerCase()))).toEqual(new Set(flags.map((each) => each.toLowerCase())));
    }),
    { numRuns: 500 },
  );
  expect(plain).toBeGreaterThan(50);
});

test('any bytes are read or left, never cut short', () => {
  const whole = '* 12 FETCH (UID 7 FLAGS (\\Seen) INTERNALDATE "17-Jul-1996 02:44:25 -0700" RFC822.SIZE 44)';
  expect(readMessageLine(Buffer.from(whole))).toEqual({ uid: 7, flags: '\\Seen', internalDate: '17-Jul-1996 02:44:25 -0700', size: 44 });
  for (let length = 0; length < whole.length; length += 1) expect(readMessageLine(Buffer.from(whole.slice(0, length)))).toBeUndefined();
  fc.assert(fc.property(fc.uint8Array(), fc.nat(whole.length), (bytes, at) => {
    const changed = Buffer.concat([Buffer.from(whole.slice(0, at)), bytes, Buffer.from(whole.slice(at))]);
    const read = readMessageLine(changed);
    if (read !== undefined) expect(read).toMatchObject({ uid: parsed(changed.toString('latin1')).uid, size: parsed(changed.toString('latin1')).size });
  }));
});

test.each([
  '* 12 FETCH (UID 7 FLAGS () INTERNALDATE NIL RFC822.SIZE 44)',
  '* 12 FETCH (UID 7 FLAGS () RFC822.SIZE 44)',
  '* 12 FETCH (UID 7 UID 8 FLAGS () RFC822.SIZE 44)',
  '* 12 FETCH (UID 7 FLAGS () INTERNALDATE "a" RFC822.SIZE 44 MODSEQ (5))',
  '* 12 FETCH (UID 7 FLAGS ((\\Seen)) INTERNALDATE "a" RFC822.SIZE 44)',
  '* 12 FETCH (UID 70000000000 FLAGS () INTERNALDATE "a" RFC822.SIZE 44)',
  '* 12 FETCH (uid 7 FLAGS () INTERNALDATE "a" RFC822.SIZE 44)',
  '* SEARCH 1 2 3',
  'a1 OK done',
])('%s is left to the parser', (text) => {
  expect(readMessageLine(Buffer.from(text))).toBeUndefined();
});

test('what stands before a body is read where it names the message and nothing else', () => {
  const whole = '* 12 FETCH (UID 7 BODY[] ';
  expect(readBodyHead(Buffer.from(whole))).toBe(7);
  for (let length = 0; length < whole.length; length += 1) expect(readBodyHead(Buffer.from(whole.slice(0, length)))).toBeUndefined();
  for (const other of ['* 12 FETCH (BODY[] ', '* 12 FETCH (FLAGS () UID 7 BODY[] ', '* 12 FETCH (UID 7 BODY[HEADER] ', '* 12 FETCH (UID 7 BODY[]  ', '* FETCH (UID 7 BODY[] ', '* 12 FETCH (UID 70000000000 BODY[] ', ' * 12 FETCH (UID 7 BODY[] ']) {
    expect(readBodyHead(Buffer.from(other))).toBeUndefined();
  }
});
