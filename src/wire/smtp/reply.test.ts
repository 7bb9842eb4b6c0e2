import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { CausewayError } from '#errors/index.ts';
import { cut } from '../cut.testing.ts';
import { createReplyReader, type Reply } from './reply.ts';

function readAll(chunks: Buffer[], limit?: number): { replies: Reply[]; error?: string } {
  const reader = createReplyReader(limit);
  const replies: Reply[] = [];
  try {
    for (const chunk of chunks) {
      reader.push(chunk);
      for (let reply = reader.read(); reply !== undefined; reply = reader.read()) replies.push(reply);
    }
  } catch (error) {
    if (!(error instanceof CausewayError)) throw error;
    return { replies, error: error.code };
  }
  return { replies };
}

const read = (text: string, limit?: number): ReturnType<typeof readAll> => readAll([Buffer.from(text)], limit);

describe('replies', () => {
  it('of an LMTP session', () => {
    const transcript =
      '220 mx LMTP ready\r\n250-mx\r\n250-PIPELINING\r\n250 8BITMIME\r\n250 2.1.0 OK\r\n550 5.1.1 <x@y> no such user\r\n354\r\n250 2.0.0 saved\r\n452 4.2.2 full\r\n';
    expect(read(transcript).replies).toEqual([
      { code: 220, lines: ['mx LMTP ready'] },
      { code: 250, lines: ['mx', 'PIPELINING', '8BITMIME'] },
      { code: 250, enhanced: '2.1.0', lines: ['2.1.0 OK'] },
      { code: 550, enhanced: '5.1.1', lines: ['5.1.1 <x@y> no such user'] },
      { code: 354, lines: [''] },
      { code: 250, enhanced: '2.0.0', lines: ['2.0.0 saved'] },
      { code: 452, enhanced: '4.2.2', lines: ['4.2.2 full'] },
    ]);
  });

  it('with bare LF, no text, 8-bit text', () => {
    expect(read('250-\n250\n421 caf\u00e9\r\n').replies).toEqual([{ code: 250, lines: ['', ''] }, { code: 421, lines: ['café'] }]);
  });

  it('are refused when they are none', () => {
    for (const text of ['\r\n', 'hello\r\n', '99 x\r\n', '2500 x\r\n', '600 x\r\n', '250x\r\n', '250-a\r\n251 b\r\n']) {
      expect(read(text), text).toEqual({ replies: [], error: 'protocol' });
    }
  });

  it('are bounded, all lines together', () => {
    expect(read('250 12345\r\n'.repeat(9), 10).replies).toHaveLength(9);
    expect(read(`250 ${'x'.repeat(7)}\r\n`, 10).error).toBe('limit');
    expect(read('250-\r\n'.repeat(20), 50).error).toBe('limit');
    expect(read('x'.repeat(70_000)).error).toBe('limit');
  });

  it('do not change with how the stream is cut, and any bytes end well', () => {
    const word = fc.constantFrom('250', '-', ' ', '\r\n', '\n', '\r', '2.1.5 ', 'text', '354 go\r\n', '250-a\r\n', '250 b\r\n');
    fc.assert(
      fc.property(fc.array(fc.oneof({ weight: 9, arbitrary: word }, fc.string({ maxLength: 3 }))), fc.array(fc.nat(9)), (words, cuts) => {
        const all = Buffer.from(words.join(''));
        expect(readAll(cut(all, cuts), 60)).toEqual(readAll([all], 60));
      }),
      { numRuns: 500 },
    );
  });
});
