import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { CausewayError } from '#errors/index.ts';
import { parseResponse } from '#wire/imap/response.ts';
import type { Token } from '#wire/imap/tokens.ts';
import { announcedLimit, limitIn, resourcesIn } from './limits.ts';

const tokensOf = (line: string): readonly Token[] => {
  const response = parseResponse([Buffer.from(line)]);
  if (response.kind !== 'data') throw new CausewayError('protocol', 'no data');
  return response.tokens;
};

test('limits as the RFCs have them', () => {
  expect(announcedLimit(new Set(['IMAP4REV1', 'APPENDLIMIT=35651584']))).toBe(35_651_584);
  expect(announcedLimit(new Set(['APPENDLIMIT', 'APPENDLIMIT=', 'APPENDLIMIT=12x', 'APPENDLIMIT=9999999999999999']))).toBeUndefined();
  expect(limitIn(tokensOf('* STATUS INBOX (MESSAGES 3 APPENDLIMIT 257890)'))).toBe(257_890);
  expect(limitIn(tokensOf('* STATUS INBOX (APPENDLIMIT NIL)'))).toBeUndefined();
  expect([...resourcesIn(tokensOf('* QUOTA "" (STORAGE 10 512 message 3 100)'))]).toEqual([['STORAGE', 512], ['MESSAGE', 100]]);
  expect([...resourcesIn(tokensOf('* QUOTA "" ()'))]).toEqual([]);
});

test('whatever a server says, a limit is a whole number or none', () => {
  const word = fc.oneof(fc.constantFrom('STORAGE', 'MESSAGE', 'APPENDLIMIT', 'appendlimit', 'NIL', '""', '-1', '1e3', '0', '512', '99999999999999999999', '(', ')'), fc.string({ maxLength: 8 }));
  fc.assert(
    fc.property(fc.constantFrom('STATUS INBOX', 'QUOTA root'), fc.array(word, { maxLength: 9 }), (name, words) => {
      let tokens: readonly Token[];
      try {
        tokens = tokensOf(`* ${name} (${words.join(' ')})`);
      } catch (error) {
        return error instanceof CausewayError;
      }
      const limits = [limitIn(tokens), ...[...resourcesIn(tokens)].map(([, limit]) => limit)];
      return limits.every((limit) => limit === undefined || (Number.isSafeInteger(limit) && limit >= 0));
    }),
    { numRuns: 1_000 },
  );
});
