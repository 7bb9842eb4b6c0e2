import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { createByteQueue } from '#wire/byte-queue.ts';
import { cut } from '#wire/cut.testing.ts';
import { encodeString, literal } from '#wire/sieve/string.ts';
import { betweenFramers, bytes } from '../framers.testing.ts';
import { createClientFramer } from './client-framer.ts';
import { createServerFramer } from './server-framer.ts';

function setUp() {
  const queue = createByteQueue();
  const commands = createClientFramer({ queue });
  return betweenFramers(queue, commands, createServerFramer(commands));
}

test('whole commands pass one at a time; what is none is answered in its turn', () => {
  const { client, platform, passed, told } = setUp();
  client('LISTSCRIPTS\r\nXYZ {3+}\r\nabc {2+}\r\nde\r\n\r\nNOOP "x"\r\nGETSC');
  expect(passed()).toBe('LISTSCRIPTS\r\n');
  platform('"a" ACTIVE\r\n{3}\r\nb\rc\r\n');
  platform('OK\r\n');
  expect(told()).toBe('"a" ACTIVE\r\n{3}\r\nb\rc\r\nOK\r\nNO "That is no command here."\r\n');
  expect(passed()).toBe('LISTSCRIPTS\r\nNOOP "x"\r\n');
  platform('OK (TAG "x") {4}\r\nDo\r\n\r\n');
  client('RIPT "a"\r\n');
  expect(passed()).toBe('LISTSCRIPTS\r\nNOOP "x"\r\nGETSCRIPT "a"\r\n');
});

test.each([
  ['AUTHENTICATE "PLAIN" "x"', 'Already signed in.'],
  ['STARTTLS', 'TLS is begun before signing in.'],
  ['UNAUTHENTICATE', 'Signing out without leaving is not offered here.'],
  ['XCLIENT ADDR=10.0.0.1', 'Only the gateway says where a client comes from.'],
  ['NOOP {11}\r\nLISTSCRIPTS', 'That is no command: '],
  ['NOOP ~{11+}\r\nLISTSCRIPTS', 'That is no command: '],
  ['NOOP x{11+}\r\nLISTSCRIPTS', 'That is no command: '],
  ['NOOP "x {11+}\r\nLISTSCRIPTS', 'That is no command: '],
  ['NOOP "x', 'That is no command: '],
  ['NOOP\0', 'That is no command here.'],
  ['NOOP \rLISTSCRIPTS', 'That is no command: '],
])('%j is not passed on, nor anything within it', (text, why) => {
  const { client, passed, told } = setUp();
  client(`${text}\r\n`);
  expect([passed(), told().slice(0, why.length + 4)]).toEqual(['', `NO "${why}`]);
});

test('a command whose end cannot be known any more ends the session', () => {
  for (const rest of ['x{3+}', '{3}', '"x', 'a\rb']) {
    const { client } = setUp();
    expect(() => client(`PUTSCRIPT {1+}\r\na ${rest}\r\n`), rest).toThrow(expect.objectContaining({ code: 'protocol' }));
  }
  expect(() => setUp().client('x'.repeat(9_000))).toThrow(expect.objectContaining({ code: 'limit' }));
  expect(() => setUp().client('PUTSCRIPT "a" {9999999999999999999+}\r\n')).toThrow(expect.objectContaining({ code: 'limit' }));
});

test('quiet at a command boundary; a script that has begun goes on to its end; after LOGOUT nothing follows', () => {
  const { client, platform, commands, passed, pump } = setUp();
  client('PUTSCRIPT "a" {10+}\r\nkeep;');
  commands.freeze();
  expect([commands.quiet(), commands.midCommand()]).toEqual([false, true]);
  client('\r\nx\r\n\r\nLISTSCRIPTS\r\n');
  expect([commands.quiet(), commands.midCommand()]).toEqual([false, false]);
  platform('NO "line 2"\r\n');
  expect([commands.quiet(), passed()]).toEqual([true, 'PUTSCRIPT "a" {10+}\r\nkeep;\r\nx\r\n\r\n']);
  commands.thaw();
  pump();
  platform('OK\r\n');
  client('LOGOUT\r\nLISTSCRIPTS\r\n');
  expect(commands.leaving).toBe(true);
  platform('OK\r\n');
  expect(passed()).toMatch(/LISTSCRIPTS\r\nLOGOUT\r\n$/);
});

test('CAPABILITY loses what a gateway cannot carry', () => {
  const { client, platform, told } = setUp();
  client('CAPABILITY\r\n');
  platform('"IMPLEMENTATION" "x"\r\n"sasl" "PLAIN"\r\n"UNAUTHENTICATE"\r\n"XCLIENT" {4}\r\nADDR\r\n"STARTTLS"\r\n"OWNER" {3}\r\nada\r\nOK "SASL"\r\n');
  expect(told()).toBe('"IMPLEMENTATION" "x"\r\n"OWNER" {3}\r\nada\r\nOK "SASL"\r\n');
  client('CAPABILITY\r\n');
  expect(() => platform('{4}\r\nSASL "x"\r\n')).toThrow(expect.objectContaining({ code: 'protocol' }));
});

test('what nobody asked for and what leads elsewhere ends the session, but for the platform’s goodbye', () => {
  for (const surprise of ['OK "surprise"\r\n', '"data"\r\n', 'HELLO\r\n', 'BYE (REFERRAL "sieve://elsewhere") "Go."\r\n']) {
    expect(() => setUp().platform(surprise), surprise).toThrow(expect.objectContaining({ code: 'protocol' }));
  }
  for (const [answer, code] of [['HELLO\r\n', 'protocol'], ['NO (referral {3}\r\n', 'protocol'], ['OK "a\r\n', 'protocol'], [`OK "${'x'.repeat(70_000)}`, 'limit'], ['{9999999999999999999}\r\n', 'limit']] as const) {
    const { client, platform } = setUp();
    client('LISTSCRIPTS\r\n');
    expect(() => platform(answer), answer.slice(0, 30)).toThrow(expect.objectContaining({ code }));
  }
  const goodbye = setUp();
  goodbye.platform('BYE "Idle for too long"\r\n');
  expect([goodbye.told(), goodbye.answers.saidBye]).toEqual(['BYE "Idle for too long"\r\n', true]);
});

const text = fc.string({ unit: fc.constantFrom('\r', '\n', '\r\n', '"', '\\', 'OK', 'NO ', '{3+}\r\n', '{3}\r\n', 'LOGOUT\r\n', 'a'), maxLength: 12 });
const command = fc.oneof(
  fc.constantFrom('LISTSCRIPTS', 'NOOP', 'CAPABILITY'),
  fc.tuple(text, text).map(([name, script]) => `PUTSCRIPT ${encodeString(name, 'client').toString('latin1')} ${literal(bytes(script), 'client').toString('latin1')}`),
  text.map((name) => `GETSCRIPT ${encodeString(name, 'client').toString('latin1')}`),
);
const answer = fc.tuple(fc.array(text, { maxLength: 3 }), fc.constantFrom('OK', 'NO (QUOTA/MAXSIZE)', 'OK (TAG "x")'), text).map(
  ([data, status, words]) => `${data.map((each) => `"${'n'.repeat(each.length)}" ${literal(bytes(each), 'server').toString('latin1')}\r\n`).join('')}${status} ${encodeString(words, 'server').toString('latin1')}\r\n`,
);

test('however the bytes are cut, both ways, all of them pass and nothing stays under way', () => {
  fc.assert(
    fc.property(fc.array(fc.tuple(command, answer), { maxLength: 10 }), fc.array(fc.nat(6)), fc.array(fc.nat(6)), (exchanges, there, back) => {
      const { client, platform, passed, told, commands, answers } = setUp();
      const asked = exchanges.map(([each]) => `${each}\r\n`).join('');
      for (const chunk of cut(bytes(asked), there)) client(chunk.toString('latin1'));
      for (const [, each] of exchanges) for (const chunk of cut(bytes(each), back)) platform(chunk.toString('latin1'));
      expect([passed(), told()]).toEqual([asked, exchanges.map(([, each]) => each).join('')]);
      expect([commands.expected(), answers.atBoundary(), commands.midCommand()]).toEqual([undefined, true, false]);
    }),
    { numRuns: 1_000 },
  );
});

/** What stands outside of quoted strings and literals. */
function outsideStrings(said: string): string {
  const next = /"(?:[^"\\]|\\[^])*"|\{(\d+)\+?\}\r\n/.exec(said);
  if (next === null) return said;
  const after = next.index + next[0].length + Number(next[1] ?? 0);
  return `${said.slice(0, next.index)} ${outsideStrings(said.slice(after))}`;
}

test('fuzz: any bytes from either side end in CausewayError or in order', () => {
  const piece = fc.oneof(
    fc.constantFrom('OK', 'NO ', 'BYE', '\r\n', '\n', '"', '{3+}\r\n', '{3}\r\n', 'LISTSCRIPTS\r\n', 'PUTSCRIPT "a" ', 'CAPABILITY\r\n', 'LOGOUT\r\n', '\0', '(REFERRAL '),
    fc.uint8Array({ maxLength: 6 }).map((array) => Buffer.from(array).toString('latin1')),
  );
  fc.assert(
    fc.property(fc.array(fc.tuple(fc.boolean(), piece), { maxLength: 60 }), (pieces) => {
      const { client, platform, told } = setUp();
      try {
        for (const [fromClient, each] of pieces) (fromClient ? client : platform)(each);
      } catch (error) {
        expect(error).toMatchObject({ name: 'CausewayError' });
      }
      expect(outsideStrings(told())).not.toMatch(/REFERRAL/i);
    }),
    { numRuns: 1_000 },
  );
});
