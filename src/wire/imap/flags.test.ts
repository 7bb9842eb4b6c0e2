import { expect, it } from 'vitest';
import { CausewayError } from '#errors/index.ts';
import { parseFlags } from './flags.ts';
import { parseLine } from './tokens.ts';

it('spells system flags as the RFC does and keeps keywords', () => {
  const [list, atom] = parseLine([Buffer.from(String.raw`(\SEEN \seen \draft $MDNSent nonjunk \* \HasNoChildren "x y") \Seen`)]);
  expect(parseFlags(list)).toEqual(['\\Seen', '\\Draft', '$MDNSent', 'nonjunk', '\\*', '\\HasNoChildren', 'x y']);
  expect(() => parseFlags(atom)).toThrow(CausewayError);
  expect(() => parseFlags(undefined)).toThrow(CausewayError);
  expect(() => parseFlags(parseLine([Buffer.from('((a))')])[0])).toThrow(CausewayError);
});
