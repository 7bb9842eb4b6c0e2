import { expect, test } from 'vitest';
import { type ConversationSetting, fuzzConversation, inConversation } from '../conversation.testing.ts';
import type { Entry } from '../conversing.ts';
import { settle } from '../peers.testing.ts';
import { converseSubmission } from './conversation.ts';

const REFUSED: Entry<string> = { end: 'refused', reply: '454 4.7.0 wait', closes: false };
const base64 = (text: string): string => Buffer.from(text).toString('base64');
const JOE = base64('\0joe\0p w');

const setUp = (setting: ConversationSetting = {}) => inConversation(converseSubmission, '220 causeway ESMTP ready.\r\n', REFUSED, setting);

test('before TLS: STARTTLS and no AUTH, no secret is asked for; what was sent behind STARTTLS is never looked at', async () => {
  const { client, says, attempts, outcome } = await setUp({ transport: 'clear' });
  expect(await says('EHLO x\r\n', '250 STARTTLS\r\n')).not.toContain('AUTH');
  for (const text of ['AUTH PLAIN', `AUTH PLAIN ${JOE}`, 'AUTH LOGIN', 'MAIL FROM:<a@b>']) await says(`${text}\r\n`, '530 5.7.0 Begin TLS first.\r\n');
  await says('STARTTLS now\r\n', '501 5.5.4');
  client.send(`STARTTLS\r\nEHLO x\r\nAUTH PLAIN ${JOE}\r\n`);
  expect(await outcome).toEqual({ end: 'starttls' });
  await settle();
  expect(client.all()).toMatch(/220 2\.0\.0 Begin TLS\.\r\n$/);
  expect(attempts).toEqual([]);
});

test('over TLS: our own short list; nothing else without signing in, and not a word of a password', async () => {
  const { says, outcome, client } = await setUp();
  expect(await says('ehlo x\r\n', '250 AUTH PLAIN LOGIN\r\n')).toMatch(/^250-causeway\r\n250-PIPELINING\r\n250-SIZE\r\n250-8BITMIME\r\n250-ENHANCEDSTATUSCODES\r\n/);
  await says('HELO x\r\n', '250 causeway\r\n');
  await says('NOOP\r\nRSET\r\n', '250 2.0.0 Done.\r\n250 2.0.0 Done.\r\n');
  const refused: [string, RegExp][] = [
    ['MAIL FROM:<a@b>', /^530 5\.7\.0 /],
    ['RCPT TO:<a@b>', /^530 5\.7\.0 /],
    ['DATA', /^530 5\.7\.0 /],
    ['STARTTLS', /^503 /],
    ['XCLIENT ADDR=10.0.0.1 LOGIN=jane', /^550 5\.7\.0 /],
    ['XFORWARD ADDR=10.0.0.1', /^550 5\.7\.0 /],
    ['AUTH CRAM-MD5', /^504 /],
    ['AUTH', /^501 /],
    ['AUTH PLAIN joe', /^501 5\.5\.2 /],
    ['AUTH PLAIN =', /^501 5\.5\.2 /],
    [`AUTH PLAIN ${base64('jane\0joe\0pw')}`, /^501 5\.5\.2 Signing in for another/],
    [`AUTH PLAIN ${base64('\0joe*admin\0pw')}`, /^501 5\.5\.2 /],
    ['GET / HTTP/1.1', /^500 /],
    ['', /^500 /],
  ];
  for (const [text, answer] of refused) {
    const said = await says(`${text}\r\n`, '\r\n');
    expect(said).toMatch(answer);
    expect(said).not.toMatch(/535|password|wrong/i);
  }
  client.send('QUIT\r\nEHLO x\r\n');
  expect(await outcome).toEqual({ end: 'over' });
  await settle();
  expect(client.all()).toMatch(/221 2\.0\.0 Until next time\.\r\n$/);
});

test.each([
  ['PLAIN with its response', [`AUTH PLAIN ${JOE}\r\n`], []],
  ['PLAIN asked', ['AUTH PLAIN\r\n', `${JOE}\r\n`], ['334 \r\n']],
  ['PLAIN with authzid = authcid', [`auth plain ${base64('joe\0joe\0p w')}\r\n`], []],
  ['LOGIN', ['AUTH LOGIN\r\n', `${base64('joe')}\r\n`, `${base64('p w')}\r\n`], ['334 VXNlcm5hbWU6\r\n', '334 UGFzc3dvcmQ6\r\n']],
  ['LOGIN with the name', [`AUTH LOGIN ${base64('joe')}\r\n`, `${base64('p w')}\r\n`], ['334 UGFzc3dvcmQ6\r\n']],
])('%s; the host is passed on; what is sent behind goes to the session', async (_, lines, prompts) => {
  const { client, attempts, outcome, stream, says } = await setUp({ enter: async () => ({ end: 'entered', entered: 'in' }) });
  await says('EHLO [192.0.2.7]\r\n', '250 AUTH PLAIN LOGIN\r\n');
  for (const [at, line] of lines.entries()) {
    client.send(at === lines.length - 1 ? `${line}MAIL FROM:<joe@example.net>\r\nRC` : line);
    if (prompts[at] !== undefined) expect(await client.sees('\r\n')).toBe(prompts[at]);
  }
  expect(await outcome).toEqual({ end: 'entered', tag: '', entered: 'in' });
  expect(attempts).toEqual([{ login: 'joe', secret: 'p w', host: '[192.0.2.7]' }]);
  await settle();
  expect(stream.release().rest().toString()).toBe('MAIL FROM:<joe@example.net>\r\nRC');
});

test('a client may cancel, at any prompt', async () => {
  const { says, attempts } = await setUp();
  await says('AUTH PLAIN\r\n*\r\n', '334 \r\n501 5.5.2 Cancelled.\r\n');
  await says('AUTH LOGIN\r\n*\r\n', '501 5.5.2 Cancelled.\r\n');
  await says(`AUTH LOGIN\r\n${base64('joe')}\r\n*\r\n`, '334 UGFzc3dvcmQ6\r\n501 5.5.2 Cancelled.\r\n');
  expect(attempts).toEqual([]);
});

test('one attempt at a time; after a refusal it may try again on the same connection, and not for ever', async () => {
  const { client, attempts, says } = await setUp();
  for (let n = 0; n < 9; n += 1) await says(`AUTH PLAIN ${JOE}\r\n`, '454 4.7.0 wait\r\n');
  client.send(`AUTH PLAIN ${JOE}\r\nAUTH PLAIN ${JOE}\r\n`);
  await client.sees('454 4.7.0 wait\r\n421 4.3.2 Too many attempts');
  expect(attempts).toHaveLength(10);
});

test('the time before sign-in ends a wait for the client, and never an attempt', async () => {
  const verdict = Promise.withResolvers<Entry<string>>();
  const { client, time } = await setUp({ enter: () => verdict.promise });
  client.send(`AUTH PLAIN ${JOE}\r\n`);
  await settle();
  time.abort();
  await settle();
  verdict.resolve(REFUSED);
  expect(await client.sees('421 4.3.2 The time')).toBe('454 4.7.0 wait\r\n421 4.3.2 The time');
});

test('caps: commands, lines; BDAT’s bytes are never read as commands', async () => {
  const chatty = await setUp();
  chatty.client.send('NOOP\r\n'.repeat(101));
  await chatty.client.sees('421 4.3.2 Too many commands');
  const long = await setUp();
  for (let n = 0; n < 64; n += 1) long.client.send('x'.repeat(65_536));
  await long.client.sees('421 4.3.2 Cannot go on');
  const chunking = await setUp();
  chunking.client.send(`BDAT 60 LAST\r\nAUTH PLAIN ${JOE}\r\n`);
  await chunking.client.sees('421 4.3.2 BDAT');
  expect([await chunking.outcome, chunking.attempts]).toEqual([{ end: 'over' }, []]);
});

test('fuzz: no bytes make it fail, and no credentials of bad form get through', async () => {
  await fuzzConversation(setUp, [`AUTH PLAIN ${base64('\0j*\0p')}\r\n`, 'AUTH ', 'PLAIN ', 'LOGIN', JOE, base64('\0j*\0p'), base64('joe'), '\r\n', '\n', '\r', 'EHLO x\r\n', '*\r\n', '=', '\0', ' ', 'MAIL FROM:<a>\r\n']);
});
