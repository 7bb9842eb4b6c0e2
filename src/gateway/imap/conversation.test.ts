import { expect, test } from 'vitest';
import { encodePlain } from '#wire/sasl.ts';
import { type ConversationSetting, fuzzConversation, inConversation } from '../conversation.testing.ts';
import type { Entry } from '../conversing.ts';
import { settle } from '../peers.testing.ts';
import { converseImap } from './conversation.ts';

const REFUSED: Entry<string> = { end: 'refused', reply: 'NO [UNAVAILABLE] wait', closes: false };

const setUp = (setting: ConversationSetting = {}) => inConversation(converseImap, 'IMAP ready.\r\n', REFUSED, setting);

test('before TLS: says so, and refuses secrets before they are sent', async () => {
  const { client, says, attempts, outcome } = await setUp({ transport: 'clear' });
  expect(client.all()).toBe('* OK [CAPABILITY IMAP4rev1 SASL-IR ID LITERAL+ STARTTLS LOGINDISABLED] IMAP ready.\r\n');
  expect(await says('a LOGIN {3}\r\n', 'a NO [PRIVACYREQUIRED] Begin TLS first.\r\n')).not.toContain('+');
  await says('b LOGIN {3+}\r\njoe {2+}\r\npw\r\n', 'b NO [PRIVACYREQUIRED]');
  await says('c AUTHENTICATE PLAIN\r\n', 'c NO [PRIVACYREQUIRED]');
  await says('d STARTTLS now\r\n', 'd BAD');
  client.send('e STARTTLS\r\nf NOOP\r\n');
  expect(await outcome).toEqual({ end: 'starttls' });
  await settle();
  expect(client.all()).toMatch(/e OK Begin TLS\.\r\n$/);
  expect(attempts).toEqual([]);
});

test('over TLS: CAPABILITY, ID, NOOP, LOGOUT; nothing else without signing in', async () => {
  const { says, outcome, client } = await setUp();
  await says('a capability\r\n', '* CAPABILITY IMAP4rev1 SASL-IR ID LITERAL+ AUTH=PLAIN\r\na OK Done.\r\n');
  await says('b ID ("name" "x")\r\n', '* ID ("name" "Causeway")\r\nb OK');
  await says('c ID ("x-originating-ip" "10.0.0.1")\r\n', 'c BAD');
  await says('d NOOP\r\n', 'd OK');
  await says('e STARTTLS\r\n', 'e BAD');
  await says('f SELECT INBOX\r\n', 'f BAD Sign in first.');
  await says('g NOOP\rh NOOP\r\n', 'g BAD');
  await says('(\r\n', '* BAD');
  await says('i LOGOUT\r\nj NOOP\r\n', '* BYE Until next time.\r\ni OK Done.\r\n');
  expect(await outcome).toEqual({ end: 'over' });
  expect(client.all()).not.toContain('j OK');
});

test.each([
  ['LOGIN joe pw\r\n'],
  ['LOGIN "joe" "pw"\r\n'],
  ['LOGIN {3+}\r\njoe {2+}\r\npw\r\n'],
  ['login joe {2+}\r\npw\r\n'],
  [`AUTHENTICATE PLAIN ${encodePlain({ authcid: 'joe', secret: 'pw' })}\r\n`],
  [`authenticate plain ${encodePlain({ authzid: 'joe', authcid: 'joe', secret: 'pw' })}\r\n`],
  [`AUTHENTICATE PLAIN\r\n${encodePlain({ authcid: 'joe', secret: 'pw' })}\r\n`],
])('signs in with %j', async (text) => {
  const { client, attempts, outcome } = await setUp({ enter: async () => ({ end: 'entered', entered: 'in' }) });
  client.send(`a ${text}`);
  expect(await outcome).toEqual({ end: 'entered', tag: 'a', entered: 'in' });
  expect(attempts).toEqual([{ login: 'joe', secret: 'pw' }]);
});

test('synchronising literals are asked for one by one; quoted strings are unquoted', async () => {
  const { says, attempts } = await setUp();
  await says('a LOGIN {3}\r\n', '+ OK\r\n');
  await says('joe {5}\r\n', '+ OK\r\n');
  await says('p"w\\ü\r\n', 'a NO [UNAVAILABLE] wait\r\n');
  await says('b LOGIN "jo\\"e" "p\\\\w"\r\n', 'b NO');
  expect(attempts).toEqual([{ login: 'joe', secret: 'p"w\\\ufffd' }, { login: 'jo"e', secret: 'p\\w' }]);
});

test.each([
  [`AUTHENTICATE PLAIN ${encodePlain({ authzid: 'jane', authcid: 'joe', secret: 'pw' })}\r\n`],
  [`AUTHENTICATE PLAIN\r\n*\r\n`],
  [`AUTHENTICATE PLAIN\r\nb NOOP\r\n`],
  [`AUTHENTICATE PLAIN =\r\n`],
  [`AUTHENTICATE LOGIN\r\n`],
  [`AUTHENTICATE PLAIN ${Buffer.from('joe\0joe\0p\0w').toString('base64')}\r\n`],
  ['LOGIN joe*admin pw\r\n'],
  ['LOGIN {4+}\r\njo\0e pw\r\n'],
  ['LOGIN {4+}\r\njo\ne pw\r\n'],
  ['LOGIN joe {3+}\r\np\0w\r\n'],
  ['LOGIN joe ""\r\n'],
  ['LOGIN joe\r\n'],
  ['LOGIN joe (pw)\r\n'],
  [`LOGIN joe ${'x'.repeat(1_025)}\r\n`],
  ['LOGIN joe {4097}\r\n'],
  ['LOGIN joe{2}\r\n'],
])('%j is refused unasked, and blames no password', async (text) => {
  const { says, attempts } = await setUp();
  const answer = await says(`a ${text}`, '\r\na BAD'.slice(2));
  expect(answer).not.toContain('AUTHENTICATIONFAILED');
  await says('z NOOP\r\n', 'z OK');
  expect(attempts).toEqual([]);
});

test('one attempt at a time; what is sent behind it waits, and goes to the session', async () => {
  const verdicts: ((entry: Entry<string>) => void)[] = [];
  const { client, attempts, outcome, stream } = await setUp({ enter: () => new Promise((resolve) => verdicts.push(resolve)) });
  client.send('a LOGIN joe one\r\nb LOGIN joe two\r\nc SELECT INBOX\r\nd FETCH');
  await settle();
  expect(attempts).toHaveLength(1);
  verdicts[0]?.(REFUSED);
  await client.sees('a NO [UNAVAILABLE] wait\r\n');
  verdicts[1]?.({ end: 'entered', entered: 'in' });
  expect(await outcome).toMatchObject({ tag: 'b' });
  expect(stream.release().rest().toString()).toBe('c SELECT INBOX\r\nd FETCH');
});

test('the time before sign-in ends a wait for the client, and never an attempt', async () => {
  const waiting = await setUp();
  waiting.time.abort();
  await waiting.client.sees('* BYE The time for signing in is over.');
  expect(await waiting.outcome).toEqual({ end: 'over' });
  const verdict = Promise.withResolvers<Entry<string>>();
  const judged = await setUp({ enter: () => verdict.promise });
  judged.client.send('a LOGIN joe pw\r\n');
  await settle();
  judged.time.abort();
  await settle();
  verdict.resolve(REFUSED);
  expect(await judged.client.sees('* BYE The time')).toBe('a NO [UNAVAILABLE] wait\r\n* BYE The time');
});

test('caps: failed attempts, commands, lines, literals', async () => {
  const failing = await setUp();
  for (let n = 0; n < 10; n += 1) await failing.says(`a${n} LOGIN joe pw\r\n`, `a${n} NO`);
  await failing.client.sees('* BYE Too many attempts');
  const chatty = await setUp();
  chatty.client.send('a NOOP\r\n'.repeat(101));
  await chatty.client.sees('* BYE Too many commands');
  const long = await setUp();
  for (let n = 0; n < 64; n += 1) long.client.send('x'.repeat(65_536));
  await long.client.sees('* BYE Cannot go on');
  const literal = await setUp();
  literal.client.send('a LOGIN {1000000000+}\r\n');
  await literal.client.sees('* BYE Cannot go on');
});

test('a client that goes ends the conversation, also during an attempt', async () => {
  const { client, stream, outcome } = await setUp({ enter: () => new Promise(() => {}) });
  client.send('a LOGIN joe pw\r\n');
  await settle();
  client.socket.destroy();
  await settle();
  expect(stream.gone.aborted).toBe(true);
  const idle = await setUp();
  idle.client.socket.destroy();
  await expect(idle.outcome).rejects.toMatchObject({ code: 'aborted' });
  void outcome;
});

test('fuzz: no bytes make it fail, and no credentials of bad form get through', async () => {
  await fuzzConversation(setUp, ['a LOGIN j*e pw\r\n', 'a LOGIN ', 'joe', ' pw', ' "', ' {3+}\r\n', ' {2}\r\n', '\r\n', '\n', 'AUTHENTICATE PLAIN', ' am9l', 'b ID (', '\0', '*\r\n', '(', ')'], 80);
});
