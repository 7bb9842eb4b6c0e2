import { expect, test } from 'vitest';
import { type ConversationSetting, fuzzConversation, inConversation } from '../conversation.testing.ts';
import type { Entry } from '../conversing.ts';
import { settle } from '../peers.testing.ts';
import { conversePop3 } from './conversation.ts';

const REFUSED: Entry<string> = { end: 'refused', reply: '-ERR [SYS/TEMP] wait', closes: false };
const AWAY = '-ERR [SYS/TEMP] not now';

function setUp({ away = '', ...setting }: ConversationSetting & { away?: string } = {}) {
  return inConversation(conversePop3, '+OK POP3 ready.\r\n', REFUSED, { ...setting, turnAway: async (login) => (login === away ? { line: AWAY, closes: false } : undefined) });
}

test('before TLS: STLS and no USER; what was sent behind STLS is never looked at', async () => {
  const { client, says, attempts, outcome } = await setUp({ transport: 'clear' });
  const capabilities = await says('CAPA\r\n', '\r\n.\r\n');
  expect(capabilities).toContain('\r\nSTLS\r\n');
  expect(capabilities).not.toMatch(/USER|SASL/);
  await says('USER joe\r\n', '-ERR Begin TLS first.');
  await says('PASS pw\r\n', '-ERR Begin TLS first.');
  await says('STLS now\r\n', '-ERR');
  client.send('STLS\r\nCAPA\r\n');
  expect(await outcome).toEqual({ end: 'starttls' });
  await settle();
  expect(client.all()).toMatch(/\+OK Begin TLS\.\r\n$/);
  expect(attempts).toEqual([]);
});

test('over TLS: USER and no STLS, never SASL; nothing else without signing in', async () => {
  const { says, outcome, client } = await setUp();
  const capabilities = await says('capa\r\n', '\r\n.\r\n');
  expect(capabilities).toContain('\r\nUSER\r\n');
  expect(capabilities).not.toMatch(/STLS|SASL/);
  for (const text of ['STLS', 'AUTH', 'AUTH PLAIN am9lAGpvZQBwdw==', 'APOP joe x', 'NOOP', 'STAT', 'PASS pw', 'USER', 'USER joe*admin', 'USER jo\te', '', 'XCLIENT ADDR=10.0.0.1']) {
    expect(await says(`${text}\r\n`, '\r\n')).toMatch(/^-ERR (?!\[AUTH\])/);
  }
  client.send('QUIT\r\nUSER joe\r\n');
  expect(await outcome).toEqual({ end: 'over' });
  await settle();
  expect(client.all()).toMatch(/\+OK Until next time\.\r\n$/);
});

test('signs in; a password keeps its spaces; what is sent behind it goes to the session', async () => {
  const { client, attempts, outcome, stream } = await setUp({ enter: async () => ({ end: 'entered', entered: 'in' }) });
  client.send('USER joe\r\nPASS  two  words \r\nSTAT\r\nLI');
  expect(await outcome).toEqual({ end: 'entered', tag: '', entered: 'in' });
  expect(attempts).toEqual([{ login: 'joe', secret: ' two  words ' }]);
  await settle();
  expect(stream.release().rest().toString()).toBe('STAT\r\nLI');
});

test('who cannot be judged is turned away at USER, and again at a PASS that was sent behind it', async () => {
  const { client, attempts, says } = await setUp({ away: 'jane' });
  client.send('USER jane\r\nPASS pw\r\n');
  await client.sees(`${AWAY}\r\n${AWAY}\r\n`);
  await says('PASS pw\r\n', '-ERR USER comes first.');
  await says('USER joe\r\nPASS pw\r\n', '+OK The password, please.\r\n-ERR [SYS/TEMP] wait\r\n');
  expect(attempts).toEqual([{ login: 'joe', secret: 'pw' }]);
});

test('one attempt at a time; after a refusal it may try again, and not for ever', async () => {
  const { client, attempts, says } = await setUp();
  for (let n = 0; n < 19; n += 1) await says('USER joe\r\nPASS pw\r\n', 'wait\r\n');
  client.send('USER joe\r\nPASS pw\r\n');
  await client.sees('-ERR [SYS/TEMP] Too many attempts');
  expect(attempts).toHaveLength(20);
});

test('the time before sign-in ends a wait for the client, and never an attempt', async () => {
  const verdict = Promise.withResolvers<Entry<string>>();
  const { client, time } = await setUp({ enter: () => verdict.promise });
  client.send('USER joe\r\nPASS pw\r\n');
  await client.sees('please.\r\n');
  await settle();
  time.abort();
  await settle();
  verdict.resolve(REFUSED);
  expect(await client.sees('-ERR [SYS/TEMP] The time')).toBe('-ERR [SYS/TEMP] wait\r\n-ERR [SYS/TEMP] The time');
});

test('caps: commands, lines', async () => {
  const chatty = await setUp();
  chatty.client.send('CAPA\r\n'.repeat(101));
  await chatty.client.sees('-ERR [SYS/TEMP] Too many commands');
  const long = await setUp();
  for (let n = 0; n < 64; n += 1) long.client.send('x'.repeat(65_536));
  await long.client.sees('-ERR [SYS/TEMP] Cannot go on');
});

test('fuzz: no bytes make it fail, and no credentials of bad form get through', async () => {
  await fuzzConversation(setUp, ['USER j*e\r\nPASS pw\r\n', 'USER ', 'joe', 'PASS ', 'pw', '\r\n', '\n', '\r', 'CAPA\r\n', 'AUTH PLAIN', '\0', '*', ' ']);
});
