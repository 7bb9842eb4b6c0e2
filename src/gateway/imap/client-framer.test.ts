import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { createByteQueue } from '#wire/byte-queue.ts';
import { createClientFramer, LINE_LIMIT, OUTSTANDING_LIMIT } from './client-framer.ts';

function setUp(openLiteral = Number.POSITIVE_INFINITY) {
  const queue = createByteQueue();
  const framer = createClientFramer({ queue, openLiteral });
  const sent: string[] = [];
  const answers: string[] = [];
  const pump = (): void => {
    for (let step = framer.next(); step !== undefined; step = framer.next()) {
      if (step.kind === 'forward') sent.push(step.bytes.toString('latin1'));
      else answers.push(step.line);
    }
  };
  const push = (text: string): void => {
    queue.push(Buffer.from(text, 'latin1'));
    pump();
  };
  return { framer, push, pump, answers, sent: () => sent.join('') };
}

test('commands pass as they are, and are over when the server says so', () => {
  const { framer, push, sent } = setUp();
  push('a1 SELECT INBOX\r\na2 FETCH 1 (UID)\r\na3');
  expect(sent()).toBe('a1 SELECT INBOX\r\na2 FETCH 1 (UID)\r\n');
  expect(framer.outstanding()).toBe(2);
  expect([framer.tagged('a1'), framer.tagged('a1'), framer.tagged('a2')]).toEqual([true, false, true]);
  framer.freeze();
  expect(framer.quiet()).toBe(true);
});

test('nothing is passed on beyond a synchronising literal until the server asks for it', () => {
  const { framer, push, pump, sent } = setUp();
  push('a APPEND x {5}\r\nhello\r\nb NOOP\r\n');
  expect(sent()).toBe('a APPEND x {5}\r\n');
  expect(framer.midCommand()).toBe(true);
  expect(framer.continued()).toBe(true);
  pump();
  expect(sent()).toBe('a APPEND x {5}\r\nhello\r\nb NOOP\r\n');
});

test('after the refusal of a synchronising literal comes a new command', () => {
  const { framer, push, pump, sent } = setUp();
  push('a APPEND x {5}\r\nb NOOP\r\n');
  framer.tagged('a');
  pump();
  expect(sent()).toBe('a APPEND x {5}\r\nb NOOP\r\n');
  expect(framer.outstanding()).toBe(1);
});

test('an open literal goes to a platform that takes it, and is asked for from one that does not', () => {
  const open = setUp();
  open.push('a APPEND x {5+}\r\nhello\r\n');
  expect(open.sent()).toBe('a APPEND x {5+}\r\nhello\r\n');
  const { framer, push, pump, sent } = setUp(4);
  push('a APPEND x {5+}\r\nhello {3+}\r\nabc\r\nb NOOP\r\n');
  expect(sent()).toBe('a APPEND x {5}\r\n');
  expect(framer.continued()).toBe(false); // the client never waited for it
  pump();
  expect(sent()).toBe('a APPEND x {5}\r\nhello {3+}\r\nabc\r\nb NOOP\r\n');
});

test('an open literal that was asked for and refused is thrown away with the rest of its command', () => {
  const { framer, push, pump, sent } = setUp(4);
  push('a APPEND x {5+}\r\nhel');
  framer.tagged('a');
  push('lo {2+}\r\nxx\r\nb NOOP\r\n');
  pump();
  expect(sent()).toBe('a APPEND x {5}\r\nb NOOP\r\n');
});

test('IDLE waits for the server; frozen, its DONE waits too', () => {
  const { framer, push, pump, sent } = setUp();
  push('a IDLE\r\nDONE\r\nb NOOP\r\n');
  expect(sent()).toBe('a IDLE\r\n');
  framer.freeze();
  expect(framer.quiet()).toBe(false);
  framer.continued();
  pump();
  expect([framer.quiet(), framer.idling(), sent()]).toEqual([true, true, 'a IDLE\r\n']);
  framer.thaw();
  pump();
  expect(sent()).toBe('a IDLE\r\nDONE\r\nb NOOP\r\n');
  framer.freeze();
  expect(framer.quiet()).toBe(false);
  framer.tagged('a');
  framer.tagged('b');
  expect(framer.quiet()).toBe(true);
});

test('an IDLE that is refused, or ended by the server, leaves a command boundary', () => {
  const { framer, push, pump, sent } = setUp();
  push('a IDLE\r\nb NOOP\r\n');
  framer.tagged('a');
  pump();
  expect(sent()).toBe('a IDLE\r\nb NOOP\r\n');
  push('c IDLE\r\n');
  framer.continued();
  framer.tagged('c');
  push('d COMPRESS DEFLATE\r\n');
  expect(sent()).not.toContain('COMPRESS');
});

test('frozen, a command that has begun goes on to its end and the next one waits', () => {
  const { framer, push, pump, sent } = setUp();
  push('a APPEND x {5+}\r\nhe');
  framer.freeze();
  push('llo\r\nb NOOP\r\n');
  expect(sent()).toBe('a APPEND x {5+}\r\nhello\r\n');
  expect(framer.quiet()).toBe(false);
  framer.tagged('a');
  expect(framer.quiet()).toBe(true);
  framer.thaw();
  pump();
  expect(sent()).toBe('a APPEND x {5+}\r\nhello\r\nb NOOP\r\n');
});

test.each([
  ['a COMPRESS DEFLATE\r\n', 'a BAD Compression is not offered here.'],
  ['a unauthenticate\r\n', 'a BAD Signing out without leaving is not offered here.'],
  ['a STARTTLS\r\n', 'a BAD TLS is begun before signing in.'],
  ['a AUTHENTICATE PLAIN\r\n', 'a BAD Already signed in.'],
  ['a LOGIN {3}\r\n', 'a BAD Already signed in.'],
  ['a LOGIN {3+}\r\nabc {2+}\r\nab\r\n', 'a BAD Already signed in.'],
  ['a COMPRESS\tDEFLATE\r\n', 'a BAD Compression is not offered here.'],
  ['a ID ("x-originating-ip" "10.0.0.1")\r\n', 'a BAD Only the gateway says where a client comes from.'],
  ['a ID ("name" {3+}\r\nabc)\r\n', 'a BAD Only the gateway says where a client comes from.'],
  ['a XCLIENT ADDR=1.2.3.4\r\n', 'a BAD Only the gateway says where a client comes from.'],
  ['a\r\n', 'a BAD The name of the command is missing.'],
  ['a "COMPRESS" DEFLATE\r\n', 'a BAD The name of the command is missing.'],
  ['a(b NOOP\r\n', '* BAD A command begins with a tag.'],
  ['a NOOP\rb COMPRESS DEFLATE\r\n', 'a BAD A NUL or a lone CR in a command.'],
  ['a SEARCH TEXT "x {14+}\r\nb COMPRESS X\r\n\r\n', 'a BAD A literal is announced where none can be.'],
  ['a SEARCH TEXT x{14+}\r\nb COMPRESS X\r\n\r\n', 'a BAD A literal is announced where none can be.'],
])('%j is answered here, and the next command passes', (text, answer) => {
  const { push, answers, sent } = setUp();
  push(`${text}z NOOP\r\n`);
  expect(answers).toEqual([answer]);
  expect(sent()).toBe('z NOOP\r\n');
});

test('a bare LF ends a line, and goes on as CRLF', () => {
  const { push, sent } = setUp();
  push('a NOOP\nb NOOP\r\n\r\n');
  expect(sent()).toBe('a NOOP\r\nb NOOP\r\n');
});

test('a second command with a tag in flight waits for the first', () => {
  const { framer, push, pump, sent } = setUp();
  push('. NOOP\r\n. CHECK\r\n');
  expect(sent()).toBe('. NOOP\r\n');
  framer.tagged('.');
  pump();
  expect(sent()).toBe('. NOOP\r\n. CHECK\r\n');
});

test('caps: a line, the commands in flight, the number in a mark, a later line that servers read differently', () => {
  const { framer, push } = setUp();
  for (let n = 0; n < OUTSTANDING_LIMIT + 10; n += 1) push(`a${n} NOOP\r\n`);
  expect(framer.outstanding()).toBe(OUTSTANDING_LIMIT);
  expect(framer.hungry()).toBe(false);
  expect(() => setUp().push(`a NOOP ${'x'.repeat(LINE_LIMIT)}`)).toThrow('bytes');
  expect(() => setUp().push('a APPEND x {9999999999999999999+}\r\n')).toThrow('counted');
  expect(() => setUp().push('a APPEND x {1+}\r\na "b {2+}\r\n')).toThrow('differently');
});

const word = fc.stringMatching(/^[a-z]{1,8}$/);
const body = fc.uint8Array({ maxLength: 300 }).map((bytes) => Buffer.from(bytes).toString('latin1'));
const command = fc.oneof(
  word.map((arg) => `FETCH ${arg}\r\n`),
  fc.array(fc.tuple(word, body), { minLength: 1, maxLength: 3 }).map((parts) => `APPEND${parts.map(([arg, literal]) => ` ${arg} {${literal.length}+}\r\n${literal}`).join('')}\r\n`),
);

test('property: however it is cut, what is passed on is what was sent, and frozen it ends at a command', () => {
  fc.assert(
    fc.property(fc.array(command, { minLength: 1, maxLength: 8 }), fc.array(fc.integer({ min: 1, max: 40 }), { minLength: 1 }), fc.nat({ max: 60 }), (commands, cuts, freezeAt) => {
      const whole = commands.map((text, n) => `t${n} ${text}`);
      const all = whole.join('');
      const { framer, push, pump, sent } = setUp();
      for (let at = 0, n = 0; at < all.length; n += 1) {
        if (n === freezeAt) framer.freeze();
        const size = cuts[n % cuts.length] ?? 1;
        push(all.slice(at, at + size));
        at += size;
      }
      const boundaries = whole.map((_, n) => whole.slice(0, n).join('')).concat(all);
      expect(boundaries).toContain(sent());
      whole.forEach((_, n) => framer.tagged(`t${n}`));
      framer.thaw();
      pump();
      expect(sent()).toBe(all);
    }),
  );
});

test('fuzz: no bytes and no answers make it fail otherwise than by a limit or protocol error', () => {
  const piece = fc.oneof(
    fc.constantFrom('a ', 'NOOP', 'IDLE', ' {3+}\r\n', ' {2}\r\n', '\r\n', '\n', '"', '\\', 'DONE\r\n', 'b LOGIN ', '\0', '~{0+}\r\n', 'a APPEND x'),
    fc.uint8Array({ maxLength: 6 }).map((bytes) => Buffer.from(bytes).toString('latin1')),
  );
  fc.assert(
    fc.property(fc.array(fc.tuple(piece, fc.nat({ max: 5 })), { maxLength: 60 }), (pieces) => {
      const { framer, push, pump } = setUp(4);
      try {
        for (const [text, act] of pieces) {
          push(text);
          if (act === 0) framer.continued();
          if (act === 1) framer.tagged('a');
          if (act === 2) framer.freeze();
          if (act === 3) framer.thaw();
          pump();
        }
      } catch (error) {
        expect(error).toMatchObject({ name: 'CausewayError', code: expect.stringMatching(/^(?:limit|protocol)$/) });
      }
    }),
  );
});
