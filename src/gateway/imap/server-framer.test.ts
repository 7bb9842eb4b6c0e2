import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { createServerFramer } from './server-framer.ts';

function setUp(showContinuation = true) {
  const seen: string[] = [];
  const framer = createServerFramer({
    continued: () => {
      seen.push('+');
      return showContinuation;
    },
    tagged: (tag) => void seen.push(tag),
    bye: () => void seen.push('bye'),
  });
  const feed = (text: string): string => Buffer.concat(framer.feed(Buffer.from(text, 'latin1'))).toString('latin1');
  return { framer, feed, seen };
}

test('knows tagged answers from data, literals and texts that look like either', () => {
  const { framer, feed, seen } = setUp();
  const text = '* 1 FETCH (BODY[] {14}\r\na1 OK [x] {3}\r\n BODY[TEXT] {0}\r\n)\r\n* OK look {5}\r\na1 OK done {9}\r\n+ go\r\n* BYE\r\n';
  expect(feed(text)).toBe(text);
  expect(seen).toEqual(['a1', '+', 'bye']);
  expect(framer.atBoundary()).toBe(true);
});

test('takes what we cannot carry out of every list of capabilities', () => {
  const { feed } = setUp();
  expect(feed('* CAPABILITY IMAP4rev1 COMPRESS=DEFLATE IDLE AUTH=PLAIN\r\n')).toBe('* CAPABILITY IMAP4rev1 IDLE\r\n');
  expect(feed('* OK [CAPABILITY IMAP4rev1 UNAUTHENTICATE] hello\r\n')).toBe('* OK [CAPABILITY IMAP4rev1] hello\r\n');
  expect(feed('a ok [capability STARTTLS MOVE LOGIN-REFERRALS] x\r\n')).toBe('a ok [capability MOVE] x\r\n');
});

test('drops a continuation that the client did not ask for', () => {
  const { feed } = setUp(false);
  expect(feed('* 1 EXISTS\r\n+ go\r\n* 2 EXISTS\r\n')).toBe('* 1 EXISTS\r\n* 2 EXISTS\r\n');
});

test('data streams without being kept; a line that is not data has a cap', () => {
  const { framer, feed } = setUp();
  expect(feed('* SEARCH')).toBe('');
  expect(feed(' 1 2 3')).toBe('* SEARCH 1 2 3');
  for (let n = 0; n < 100; n += 1) expect(feed('4'.repeat(60_000))).toHaveLength(60_000);
  expect(framer.atBoundary()).toBe(false);
  expect(feed('\r\n')).toBe('\r\n');
  expect(framer.atBoundary()).toBe(true);
  expect(() => {
    for (let n = 0; n < 100; n += 1) feed('x'.repeat(60_000));
  }).toThrow('bytes');
});

test('literals pass as views of the chunk', () => {
  const { framer } = setUp();
  framer.feed(Buffer.from('* 1 FETCH (BODY[] {100000}\r\n'));
  const chunk = Buffer.alloc(65_536, 1);
  const [out] = framer.feed(chunk);
  expect(out?.buffer).toBe(chunk.buffer);
  expect(out?.length).toBe(chunk.length);
});

test('property: the way it is cut changes neither bytes nor meaning', () => {
  const line = fc.oneof(
    fc.constantFrom('* 1 EXISTS\r\n', '* OK x {3}\r\n', 'a1 OK done\r\n', 'a2 NO [TRYCREATE] no\r\n', '+ idling\r\n', '* SEARCH\r\n', '* BYE x\r\n', '\0* 2 EXISTS\r\n', '* OKAY {2}\r\nhi\r\n', '* CAPABILITY A IDLE\r\n', 'x\n'),
    fc.uint8Array({ maxLength: 200 }).map((bytes) => `* 1 FETCH (BODY[] {${bytes.length}}\r\n${Buffer.from(bytes).toString('latin1')} UID 1)\r\n`),
  );
  fc.assert(
    fc.property(fc.array(line, { maxLength: 12 }), fc.array(fc.integer({ min: 1, max: 30 }), { minLength: 1 }), (lines, cuts) => {
      const all = lines.join('');
      const whole = setUp();
      expect(whole.feed(all)).toBe(all);
      const cut = setUp();
      let out = '';
      for (let at = 0, n = 0; at < all.length; n += 1) {
        const size = cuts[n % cuts.length] ?? 1;
        out += cut.feed(all.slice(at, at + size));
        at += size;
      }
      expect(out).toBe(all);
      expect(cut.seen).toEqual(whole.seen);
      expect(cut.framer.atBoundary()).toBe(true);
    }),
  );
});

test('fuzz: any bytes pass or end in a limit', () => {
  fc.assert(
    fc.property(fc.array(fc.uint8Array({ maxLength: 50 }), { maxLength: 30 }), (chunks) => {
      const { framer } = setUp();
      try {
        for (const chunk of chunks) framer.feed(Buffer.from(chunk));
      } catch (error) {
        expect(error).toMatchObject({ code: 'limit' });
      }
    }),
  );
});
