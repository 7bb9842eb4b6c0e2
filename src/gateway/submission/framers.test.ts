import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { createByteQueue } from '#wire/byte-queue.ts';
import { cut } from '#wire/cut.testing.ts';
import { createStuffer } from '#wire/smtp/dot-stuffing.ts';
import { betweenFramers, bytes } from '../framers.testing.ts';
import { createClientFramer, OUTSTANDING_LIMIT } from './client-framer.ts';
import { createServerFramer } from './server-framer.ts';

function setUp({ pipelining = true } = {}) {
  const queue = createByteQueue();
  const commands = createClientFramer({ queue, pipelining });
  return betweenFramers(queue, commands, createServerFramer(commands));
}

test('a message: commands together, then the message alone, then the next', () => {
  const { client, platform, toPlatform, told, commands } = setUp();
  client('MAIL FROM:<a@b>\r\nRCPT TO:<c@d>\r\nDATA\r\n');
  expect(toPlatform.join('')).toBe('MAIL FROM:<a@b>\r\nRCPT TO:<c@d>\r\nDATA\r\n');
  client('Subject: x\r\n');
  platform('250 ok\r\n250-two\r\n250 lines\r\n');
  expect([toPlatform.length, commands.inMessage]).toEqual([3, true]);
  platform('354 go\r\n');
  client('\r\n..dot\r\n.\r\nRSET\r\nMAIL FROM:<a@b>\r\nDATA\r\nQUIT\r\n');
  expect(toPlatform.slice(3).join('')).toBe('Subject: x\r\n\r\n..dot\r\n.\r\nRSET\r\nMAIL FROM:<a@b>\r\n');
  expect(commands.inMessage).toBe(true);
  platform('250 taken\r\n');
  expect(toPlatform.at(-1)).toBe('DATA\r\n');
  platform('250 reset\r\n250 ok\r\n503 no recipients\r\n');
  expect([toPlatform.at(-1), commands.inMessage]).toEqual(['QUIT\r\n', false]);
  expect(told()).toBe('250 ok\r\n250-two\r\n250 lines\r\n354 go\r\n250 taken\r\n250 reset\r\n250 ok\r\n503 no recipients\r\n');
  client('NOOP\r\n');
  expect([toPlatform.at(-1), commands.mayQuit()]).toEqual(['QUIT\r\n', false]);
});

test('what is refused never reaches the platform, and is answered in its turn', () => {
  const { client, platform, toPlatform, told } = setUp();
  client('NOOP\r\nAUTH PLAIN AGpvZQBwdw==\r\nSTARTTLS\r\nXCLIENT LOGIN=jane\r\nXFORWARD ADDR=10.0.0.1\r\nETRN x\r\nNOOP\r\r\n\r\nNOOP\r\n');
  expect([toPlatform, told()]).toEqual([['NOOP\r\n'], '']);
  platform('250 ok\r\n');
  expect(toPlatform).toEqual(['NOOP\r\n', 'NOOP\r\n']);
  expect(told().replaceAll(/^(\d+ \S+).*\r\n/gm, '$1|')).toBe('250 ok|503 5.5.1|503 5.5.1|550 5.7.0|550 5.7.0|500 5.5.1|500 5.5.1|500 5.5.1|');
  for (const text of ['BDAT 5 LAST\r\nQUIT\r\n', 'BDAT 0\r\n']) expect(() => setUp().client(text)).toThrow(expect.objectContaining({ code: 'protocol' }));
});

test('without PIPELINING one at a time; with it capped, as is a line', () => {
  const one = setUp({ pipelining: false });
  one.client('MAIL FROM:<a@b>\r\nRCPT TO:<c@d>\r\nDATA\r\n');
  expect(one.toPlatform).toEqual(['MAIL FROM:<a@b>\r\n']);
  one.platform('250 ok\r\n250 ok\r\n'.slice(0, 8));
  expect(one.toPlatform).toHaveLength(2);
  const many = setUp();
  many.client('RCPT TO:<a@b>\r\n'.repeat(1_000));
  expect(many.toPlatform).toHaveLength(OUTSTANDING_LIMIT);
  expect(() => setUp().client('x'.repeat(13_000))).toThrow(expect.objectContaining({ code: 'limit' }));
  expect(() => setUp().platform(`250 ${'x'.repeat(5_000)}`)).toThrow(expect.objectContaining({ code: 'limit' }));
});

test('EHLO shows the platform’s keywords, less what is not carried', () => {
  const { client, platform, told } = setUp();
  client('EHLO x\r\nHELP\r\n');
  platform('250-mail.old.example\r\n250-PIPELINING\r\n250-AUTH PLAIN LOGIN\r\n250-AUTH=PLAIN LOGIN\r\n250-STARTTLS\r\n250-XCLIENT NAME ADDR\r\n250-SIZE 1000\r\n250-BINARYMIME\r\n250-DSN\r\n250-BURL imap\r\n250 CHUNKING\r\n');
  platform('214-AUTH\r\n214 help\r\n');
  expect(told()).toBe('250-mail.old.example\r\n250-PIPELINING\r\n250-SIZE 1000\r\n250 DSN\r\n214-AUTH\r\n214 help\r\n');
});

test('replies that nobody asked for: a goodbye passes, as does a refusal inside a message; others end the session', () => {
  const idle = setUp();
  idle.platform('421 4.3.2 going down\r\n');
  expect(idle.told()).toBe('421 4.3.2 going down\r\n');
  const sending = setUp();
  sending.client('DATA\r\nab');
  sending.platform('354 go\r\n552 too much\r\n');
  expect(sending.told()).toBe('354 go\r\n552 too much\r\n');
  expect(() => sending.platform('250 taken\r\n')).toThrow(expect.objectContaining({ code: 'protocol' }));
  for (const text of ['250 ok\r\n', '* OK\r\n', '25\r\n', '250-a\r\n251 b\r\n']) expect(() => setUp().platform(text), text).toThrow(expect.objectContaining({ code: 'protocol' }));
});

test('frozen: no command begins, a message that has begun is finished', () => {
  const { client, platform, toPlatform, commands, pump } = setUp();
  client('MAIL FROM:<a@b>\r\nDATA\r\n');
  commands.freeze();
  platform('250 ok\r\n');
  expect(commands.quiet()).toBe(false);
  platform('354 go\r\n');
  client('x\r\n.\r\nNOOP\r\n');
  expect([toPlatform.at(-1), commands.quiet(), commands.inMessage]).toEqual(['x\r\n.\r\n', false, true]);
  platform('250 taken\r\n');
  expect([commands.quiet(), commands.mayQuit(), toPlatform.at(-1)]).toEqual([true, true, 'x\r\n.\r\n']);
  commands.thaw();
  pump();
  expect([commands.quiet(), toPlatform.at(-1)]).toEqual([false, 'NOOP\r\n']);
});

test('whatever the message, it comes out byte for byte, and what follows it is commands again; cuts make no difference', () => {
  const line = fc.constantFrom('', '.', '..', 'QUIT', 'text', '.x', 'XCLIENT LOGIN=jane');
  fc.assert(
    fc.property(fc.array(line, { maxLength: 10 }), fc.array(fc.integer({ min: 1, max: 7 }), { maxLength: 40 }), (lines, lengths) => {
      const stuffed = `${createStuffer().push(bytes(lines.map((each) => `${each}\r\n`).join(''))).toString('latin1')}.\r\n`;
      const { client, platform, toPlatform, commands } = setUp();
      client('DATA\r\n');
      platform('354 go\r\n');
      for (const chunk of cut(bytes(`${stuffed}NOOP\r\n`), lengths)) client(chunk.toString('latin1'));
      expect(toPlatform.slice(1).join('')).toBe(`${stuffed}NOOP\r\n`);
      platform('250 taken\r\n250 ok\r\n');
      expect(commands.expected()).toBeUndefined();
    }),
  );
});

test('fuzz: nothing but whole known commands and messages reaches the platform, whatever both sides send', () => {
  const said = fc.constantFrom('MAIL FROM:<a>\r\n', 'DATA\r\n', '.\r\n', 'x\r\n', 'XCLIENT A=b\r\n', 'BDAT 3\r\n', '\r', '\n', '.', 'AUTH PLAIN\r\n', 'QUIT\r\n', '\0');
  const replied = fc.constantFrom('250 ok\r\n', '354 go\r\n', '250-a\r\n', '421 bye\r\n', '5', '\r\n');
  fc.assert(
    fc.property(fc.array(fc.oneof(said.map((text) => ['client', text] as const), replied.map((text) => ['platform', text] as const)), { maxLength: 40 }), (turns) => {
      const world = setUp();
      try {
        for (const [side, text] of turns) world[side](text);
      } catch (error) {
        expect(error).toMatchObject({ code: expect.stringMatching(/^(?:protocol|limit)$/) });
      }
      const all = world.toPlatform.join('');
      // Read as a lenient server reads it: what it takes for commands are carried ones.
      let inMessage = false;
      for (const each of all.split(/\r\n|\r|\n/).slice(0, -1)) {
        if (!inMessage) expect(each).toMatch(/^(?:MAIL|DATA|QUIT)\b/);
        inMessage = inMessage ? each !== '.' : each === 'DATA' && world.told().includes('354 go');
      }
    }),
    { numRuns: 500 },
  );
});
