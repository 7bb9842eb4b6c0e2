import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { createByteQueue } from '#wire/byte-queue.ts';
import { cut } from '#wire/cut.testing.ts';
import { createTranslate, type Translate } from '#wire/pop3/uidls.ts';
import { createStuffer } from '#wire/smtp/dot-stuffing.ts';
import { betweenFramers, bytes } from '../framers.testing.ts';
import { createClientFramer, OUTSTANDING_LIMIT } from './client-framer.ts';
import { createServerFramer } from './server-framer.ts';

function setUp({ pipelining = true, uidls = undefined as Translate | undefined } = {}) {
  const queue = createByteQueue();
  const commands = createClientFramer({ queue, pipelining });
  return betweenFramers(queue, commands, createServerFramer(commands, uidls));
}

test('whole commands pass; what is none is answered in its turn', () => {
  const { client, platform, toPlatform, told } = setUp();
  client('STAT\r\nUSER x\r\nXTND\r\nLI');
  expect(toPlatform).toEqual(['STAT\r\n']);
  platform('+OK 1 2\r\n');
  expect(told()).toBe('+OK 1 2\r\n-ERR That is no command here.\r\n-ERR That is no command here.\r\n');
  client('ST\nNOOP\r\n');
  expect(toPlatform).toEqual(['STAT\r\n', 'LIST\r\n', 'NOOP\r\n']);
});

test('without PIPELINING one at a time', () => {
  const { client, platform, toPlatform } = setUp({ pipelining: false });
  client('RETR 1\r\nRETR 2\r\n');
  platform('+OK\r\nmail\r\n');
  expect(toPlatform).toEqual(['RETR 1\r\n']);
  platform('.\r\n');
  expect(toPlatform).toEqual(['RETR 1\r\n', 'RETR 2\r\n']);
});

test('commands without their answer are capped, and so is a line', () => {
  const { client, toPlatform } = setUp();
  client('NOOP\r\n'.repeat(1_000));
  expect(toPlatform).toHaveLength(OUTSTANDING_LIMIT);
  expect(() => setUp().client('x'.repeat(600))).toThrow(expect.objectContaining({ code: 'limit' }));
});

test('after QUIT nothing follows', () => {
  const { client, platform, toPlatform, commands } = setUp();
  client('DELE 1\r\nQUIT\r\nRETR 1\r\n');
  platform('+OK\r\n');
  expect(commands.quitting()).toBe(true);
  platform('+OK\r\n');
  expect([toPlatform, commands.quitting(), commands.mayQuit()]).toEqual([['DELE 1\r\n', 'QUIT\r\n'], false, false]);
});

test('quiet at a command boundary, until RETR or DELE; from then on it goes on to its QUIT', () => {
  const { client, platform, commands, pump, toPlatform } = setUp();
  client('UIDL\r\n');
  commands.freeze();
  expect(commands.quiet()).toBe(false);
  platform('+OK\r\n1 a\r\n.\r\n');
  client('RETR 1\r\n');
  expect([commands.quiet(), commands.mayQuit(), toPlatform]).toEqual([true, true, ['UIDL\r\n']]);
  commands.thaw();
  pump();
  platform('+OK\r\nmail\r\n.\r\n');
  commands.freeze();
  expect([commands.quiet(), commands.mayQuit()]).toEqual([false, false]);
  client('QUIT\r\n');
  expect(toPlatform.at(-1)).toBe('QUIT\r\n');
});

test('CAPA loses what a gateway cannot carry, and SASL above all', () => {
  const { client, platform, told } = setUp();
  client('CAPA\r\n');
  platform('+OK mine\r\nTOP\r\nSASL PLAIN LOGIN\r\nUIDL\r\nsasl X\r\nSTLS\r\n.\r\n');
  expect(told()).toBe('+OK mine\r\nTOP\r\nUIDL\r\n.\r\n');
});

test('what nobody asked for ends the session, but for the platform’s goodbye', () => {
  expect(() => setUp().platform('+OK surprise\r\n')).toThrow(expect.objectContaining({ code: 'protocol' }));
  const noAnswer = setUp();
  noAnswer.client('STAT\r\n');
  expect(() => noAnswer.platform('HELLO\r\n')).toThrow(expect.objectContaining({ code: 'protocol' }));
  expect(() => noAnswer.platform(`+OK ${'x'.repeat(5_000)}`)).toThrow(expect.objectContaining({ code: 'limit' }));
  const goodbye = setUp();
  goodbye.platform('-ERR Idle for too long\r\n');
  expect(goodbye.told()).toBe('-ERR Idle for too long\r\n');
});

const text = fc.string({ unit: fc.constantFrom('\r', '\n', '\r\n', '.', '+OK', '-ERR ', 'a'), maxLength: 30 });
const exchange = fc.oneof(
  fc.record({ command: fc.constantFrom('RETR 1', 'TOP 1 0', 'LIST', 'UIDL'), message: text, ok: fc.boolean() }),
  fc.record({ command: fc.constantFrom('STAT', 'NOOP', 'LIST 1', 'RSET', 'DELE 2'), message: fc.constant(undefined), ok: fc.boolean() }),
);

function answerTo({ ok, message }: { ok: boolean; message: string | undefined }): string {
  if (!ok) return '-ERR [SYS/TEMP] no\r\n';
  if (message === undefined) return '+OK 1 2\r\n';
  const stuffer = createStuffer();
  return `+OK\r\n${Buffer.concat([stuffer.push(bytes(message)), stuffer.end()]).toString('latin1')}.\r\n`;
}

test('however the bytes are cut, both ways, all of them pass and nothing stays under way', () => {
  fc.assert(
    fc.property(fc.array(exchange, { maxLength: 12 }), fc.array(fc.nat(6)), fc.array(fc.nat(6)), fc.boolean(), (exchanges, there, back, pipelining) => {
      const { client, platform, toPlatform, told, commands, answers } = setUp({ pipelining });
      const asked = exchanges.map(({ command }) => `${command}\r\n`).join('');
      for (const chunk of cut(bytes(asked), there)) client(chunk.toString('latin1'));
      const answer = exchanges.map(answerTo).join('');
      // A platform answers what it was asked; with all of it on the wire the framer must still find each end.
      if (pipelining) for (const chunk of cut(bytes(answer), back)) platform(chunk.toString('latin1'));
      else for (const each of exchanges) for (const chunk of cut(bytes(answerTo(each)), back)) platform(chunk.toString('latin1'));
      expect([toPlatform.join(''), told()]).toEqual([asked, answer]);
      expect([commands.expected(), answers.atBoundary()]).toEqual([undefined, true]);
    }),
    { numRuns: 1_000 },
  );
});

const KEPT = createTranslate({ kept: new Map([['new1', 'old1'], ['new2', 'old2']]), epoch: 1, marked: false });

test('answers to UIDL have the ids that clients know, all others pass as they are, however they are cut', () => {
  const TALK: readonly (readonly [command: string, fromPlatform: string, toClient?: string])[] = [
    ['UIDL', '+OK 3 messages\r\n1 new1\r\n2 new2\r\n3 old2\r\n4 new4\r\n.\r\n', '+OK 3 messages\r\n1 old1\r\n2 old2\r\n3 1~old2\r\n4 new4\r\n.\r\n'],
    ['UIDL 2', '+OK 2 new2\r\n', '+OK 2 old2\r\n'],
    ['uidl 9', '-ERR no message new1\r\n'],
    ['UIDL', '-ERR 1 new1\r\n'],
    ['UIDL', '+OK\r\n.\r\n'],
    ['LIST', '+OK\r\n1 10\r\n.\r\n'],
    ['LIST 1', '+OK 1 10\r\n'],
    ['RETR 1', '+OK new1\r\n1 new1\r\n..\r\n2 new2\r\n.\r\n'],
    ['TOP 1 0', '+OK\r\n1 new1\r\n.\r\n'],
    ['STAT', '+OK 1 10\r\n'],
    ['DELE 1', '+OK 1 new1\r\n'],
  ];
  fc.assert(
    fc.property(fc.array(fc.constantFrom(...TALK), { maxLength: 12 }), fc.array(fc.nat(9)), (talk, back) => {
      const { client, platform, told, toPlatform, commands } = setUp({ uidls: KEPT });
      client(talk.map(([command]) => `${command}\r\n`).join(''));
      for (const chunk of cut(bytes(talk.map(([, answer]) => answer).join('')), back)) platform(chunk.toString('latin1'));
      expect(told()).toBe(talk.map(([, answer, mine = answer]) => mine).join(''));
      expect(toPlatform.join('')).toBe(talk.map(([command]) => `${command}\r\n`).join(''));
      expect(commands.expected()).toBeUndefined();
    }),
    { numRuns: 1_000 },
  );
});

test('an id that cannot be read is not passed on', () => {
  for (const [command, answer] of [['UIDL', '+OK\r\n1 new 1\r\n'], ['UIDL', '+OK\r\nnew1\r\n'], ['UIDL 1', '+OK new1\r\n'], ['UIDL 1', '+OK\r\n']] as const) {
    const { client, platform } = setUp({ uidls: KEPT });
    client(`${command}\r\n`);
    expect(() => platform(answer)).toThrow(expect.objectContaining({ code: 'protocol' }));
  }
});

test('fuzz: any bytes from either side end in CausewayError or in order', () => {
  const piece = fc.oneof(
    fc.constantFrom('+OK', '-ERR', '\r\n', '\n', '.', '.\r\n', 'RETR 1\r\n', 'CAPA\r\n', 'UIDL\r\n', 'UIDL 1\r\n', ' 1 x', 'QUIT\r\n', 'STAT\r\n', '\0'),
    fc.uint8Array({ maxLength: 6 }).map((array) => Buffer.from(array).toString('latin1')),
  );
  fc.assert(
    fc.property(fc.array(fc.tuple(fc.boolean(), piece), { maxLength: 60 }), fc.boolean(), (pieces, translating) => {
      const { client, platform, toPlatform } = setUp({ uidls: translating ? KEPT : undefined });
      try {
        for (const [fromClient, each] of pieces) (fromClient ? client : platform)(each);
      } catch (error) {
        expect(error).toMatchObject({ name: 'CausewayError' });
      }
      for (const line of toPlatform) expect(line).toMatch(/^[A-Z]+(?: [^\r\n\0]*)?\r\n$/i);
    }),
    { numRuns: 1_000 },
  );
});
