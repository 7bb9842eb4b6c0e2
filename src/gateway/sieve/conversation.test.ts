import { expect, test } from 'vitest';
import { encodePlain } from '#wire/sasl.ts';
import { type ConversationSetting, fuzzConversation, inConversation } from '../conversation.testing.ts';
import type { Entry } from '../conversing.ts';
import { settle } from '../peers.testing.ts';
import { converseSieve } from './conversation.ts';

const REFUSED: Entry<string> = { end: 'refused', reply: 'NO (TRYLATER) "wait"', closes: false };
const plain = (authcid: string, secret: string, authzid = ''): string => encodePlain({ authzid, authcid, secret });
const JOE = plain('joe', ' pw ');

function setUp(setting: ConversationSetting = {}) {
  return inConversation(converseSieve, setting.greet === false ? 'OK "TLS is in use."\r\n' : 'OK "ManageSieve ready."\r\n', REFUSED, setting);
}

test('before TLS: no mechanism, STARTTLS, no secret taken; what was sent behind STARTTLS is never looked at', async () => {
  const { client, says, attempts, outcome, greeting } = await setUp({ transport: 'clear' });
  expect(greeting).toMatch(/^"IMPLEMENTATION" "Causeway"\r\n"SASL" ""\r\n"SIEVE" "fileinto [a-z0-9 ]+"\r\n"STARTTLS"\r\n"VERSION" "1.0"\r\nOK/);
  await says(`AUTHENTICATE "PLAIN" "${JOE}"\r\n`, 'NO (ENCRYPT-NEEDED) "Begin TLS first."\r\n');
  await says('AUTHENTICATE "PLAIN"\r\n', 'NO (ENCRYPT-NEEDED) "Begin TLS first."\r\n');
  await says('STARTTLS "now"\r\n', 'NO "STARTTLS has no arguments."\r\n');
  client.send(`STARTTLS\r\nAUTHENTICATE "PLAIN" "${JOE}"\r\n`);
  expect(await outcome).toEqual({ end: 'starttls' });
  await settle();
  expect(client.all()).toMatch(/OK "Begin TLS\."\r\n$/);
  expect(attempts).toEqual([]);
});

test('over TLS the capabilities are said again, with PLAIN; nothing else without signing in', async () => {
  const { says, outcome, client, greeting, attempts } = await setUp({ greet: false });
  expect(greeting).toContain('"SASL" "PLAIN"\r\n');
  expect(greeting).not.toContain('STARTTLS');
  expect(await says('capability\r\n', 'OK "Done."\r\n')).toBe(greeting.replace('TLS is in use.', 'Done.'));
  await says('NOOP\r\n', 'OK "Done."\r\n');
  await says('NOOP {3+}\r\na b\r\n', 'OK (TAG "a b") "Done."\r\n');
  await says('NOOP {3+}\r\na"b\r\n', 'OK "Done."\r\n');
  const refused = ['STARTTLS', 'LISTSCRIPTS', 'PUTSCRIPT "a" {5+}\r\nkeep;', '', '"NOOP"', 'UNAUTHENTICATE', 'XCLIENT ADDR=10.0.0.1', 'NOOP {3}\r\nabc', 'NOOP x{3+}\r\nabc', 'NOOP "'];
  for (const text of refused) expect(await says(`${text}\r\n`, '\r\n'), text).toMatch(/^NO "/);
  const none = ['"LOGIN"', '"PLAIN" "=="', '"PLAIN" "a" "b"', `"PLAIN" "${plain('joe*admin', 'pw')}"`, `"PLAIN" "${plain('joe', 'pw', 'jane')}"`];
  for (const text of none) expect(await says(`AUTHENTICATE ${text}\r\n`, '\r\n'), text).toMatch(/^NO "/);
  expect(attempts).toEqual([]);
  client.send('LOGOUT\r\nNOOP\r\n');
  expect(await outcome).toEqual({ end: 'over' });
  await settle();
  expect(client.all()).toMatch(/OK "Until next time\."\r\n$/);
});

test.each([
  `AUTHENTICATE "PLAIN" "${JOE}"\r\n`,
  `authenticate {5+}\r\nplain {${JOE.length}+}\r\n${JOE}\r\n`,
  `AUTHENTICATE "PLAIN"\r\n"${JOE}"\r\n`,
  `AUTHENTICATE "PLAIN"\r\n{${JOE.length}+}\r\n${JOE}\r\n`,
])('signs in by %j; what is sent behind it goes to the session', async (text) => {
  const { client, attempts, outcome, stream } = await setUp({ enter: async () => ({ end: 'entered', entered: 'in' }) });
  client.send(`${text}LISTSCRIPTS\r\nGETS`);
  expect(await outcome).toEqual({ end: 'entered', tag: '', entered: 'in' });
  expect(attempts).toEqual([{ login: 'joe', secret: ' pw ' }]);
  await settle();
  expect(stream.release().rest().toString()).toBe('LISTSCRIPTS\r\nGETS');
});

test('a secret that is asked for may be withheld', async () => {
  const { says, attempts } = await setUp();
  await says('AUTHENTICATE "PLAIN"\r\n', '""\r\n');
  await says('"*"\r\n', 'NO "Cancelled."\r\n');
  await says('AUTHENTICATE "PLAIN"\r\n', '""\r\n');
  await says('"a" "b"\r\n', 'NO "The response is one string."\r\n');
  await says(`AUTHENTICATE "PLAIN" "${JOE}"\r\n`, 'NO (TRYLATER) "wait"\r\n');
  expect(attempts).toHaveLength(1);
});

test('one attempt at a time, and not for ever; the time ends a wait for the client, and never an attempt', async () => {
  const { attempts, says } = await setUp();
  for (let n = 0; n < 9; n += 1) await says(`AUTHENTICATE "PLAIN" "${JOE}"\r\n`, '"wait"\r\n');
  await says(`AUTHENTICATE "PLAIN" "${JOE}"\r\n`, '"wait"\r\nBYE (TRYLATER) "Too many attempts');
  expect(attempts).toHaveLength(10);
  const verdict = Promise.withResolvers<Entry<string>>();
  const slow = await setUp({ enter: () => verdict.promise });
  slow.client.send(`AUTHENTICATE "PLAIN" "${JOE}"\r\n`);
  await settle();
  slow.time.abort();
  await settle();
  verdict.resolve(REFUSED);
  await slow.client.sees('NO (TRYLATER) "wait"\r\nBYE (TRYLATER) "The time for signing in is over.');
});

test('caps: commands, lines, literals', async () => {
  const chatty = await setUp();
  chatty.client.send('NOOP\r\n'.repeat(101));
  await chatty.client.sees('BYE (TRYLATER) "Too many commands');
  const long = await setUp();
  for (let n = 0; n < 64; n += 1) long.client.send('x'.repeat(65_536));
  await long.client.sees('BYE (TRYLATER) "Cannot go on');
  for (const text of ['PUTSCRIPT "a" {1000000000+}\r\n', 'NOOP {9999999999999999999+}\r\n', `NOOP${' {1+}\r\na'.repeat(20)}\r\n`]) {
    const large = await setUp();
    await large.says(text, 'BYE (TRYLATER) "Cannot go on');
  }
});

test('fuzz: no bytes make it fail, and no credentials of bad form get through', async () => {
  await fuzzConversation(setUp, [`AUTHENTICATE "PLAIN" "${plain('a*b', 'c')}"\r\n`, 'AUTHENTICATE ', '"PLAIN" ', `"${JOE}"`, '{4+}\r\n', '{4}\r\n', '\r\n', '\n', '\r', 'CAPABILITY\r\n', 'NOOP ', '"', '\\', '\0', '(', `"${plain('a*b', 'c')}"`]);
});
