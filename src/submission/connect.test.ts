import type { Socket } from 'node:net';
import { expect, test } from 'vitest';
import { createManualClock } from '#events/manual-clock.testing.ts';
import { JOE, LIMITS, useClientBench } from '#practice/client-bench.testing.ts';
import { connect, type Endpoint, type Login } from './connect.ts';

const bench = useClientBench('STARTTLS', { xclient: true });
const at = (port: number, tls: Endpoint['tls'] = 'plain'): Endpoint => ({ host: '127.0.0.1', port, tls });

const HELLO = { EHLO: '250-old\r\n250-AUTH PLAIN LOGIN\r\n250 PIPELINING\r\n' };

test.each<[string, Login, 'submissionPort' | 'submissionTrustedPort']>([
  ['replay', { user: JOE, password: ' pw ' }, 'submissionPort'],
  ['master, separator', { user: `${JOE}*boss`, password: 'master' }, 'submissionPort'],
  ['master, authzid', { user: 'boss', password: 'master', authzid: JOE }, 'submissionPort'],
  ['trusted', { user: JOE, password: 't0p' }, 'submissionTrustedPort'],
])('signs in: %s; and the platform would take mail', async (_, login, port) => {
  const connection = await connect(at(bench.practice[port]), LIMITS);
  await connection.login(login);
  await connection.wouldTake(JOE);
  await connection.quit();
  expect(connection.capabilities).toContain('PIPELINING');
  expect(bench.log().filter(({ command }) => command === 'AUTH').at(-1)).toMatchObject({ user: JOE });
});

test('a wrong secret is refused, and mail is not taken without signing in', async () => {
  const connection = await connect(at(bench.practice.submissionPort), LIMITS);
  await expect(connection.login({ user: JOE, password: 'wrong' })).rejects.toMatchObject({ code: 'refused' });
  await expect(connection.wouldTake(JOE)).rejects.toMatchObject({ code: 'unavailable', message: 'MAIL: 530 5.7.0' });
  connection.destroy();
});

test('XCLIENT tells where the client is, and with a login signs it in; then it is greeted anew', async () => {
  const connection = await connect(at(bench.practice.submissionPort), LIMITS);
  await connection.introduce({ address: '2001:db8::7', port: 54321, host: 'laptop', login: JOE });
  expect(connection.capabilities).toContain('PIPELINING');
  await connection.wouldTake(JOE);
  expect(bench.log().filter(({ command }) => command === 'XCLIENT').at(-1)).toMatchObject({ user: JOE, client: 'IPV6:2001:db8::7:54321' });
  await connection.introduce({ address: '192.0.2.7', port: 1 });
  await expect(connection.wouldTake(JOE)).rejects.toMatchObject({ code: 'unavailable' });
  connection.destroy();
});

test('only what the platform takes of XCLIENT is told; where it takes no login, none is signed in by it', async () => {
  const { port, heard } = await bench.scripted('220 old\r\n', { ...HELLO, EHLO: '250-old\r\n250 XCLIENT ADDR NAME HELO\r\n', XCLIENT: '220 again\r\n' });
  const connection = await connect(at(port), LIMITS);
  await connection.introduce({ address: '192.0.2.7', port: 54321, host: 'laptop' });
  expect(heard).toEqual(['EHLO [127.0.0.1]', 'XCLIENT ADDR=192.0.2.7 NAME=[UNAVAILABLE] HELO=laptop', 'EHLO laptop']);
  await expect(connection.introduce({ address: '192.0.2.7', port: 1, login: JOE })).rejects.toMatchObject({ code: 'unavailable' });
  const plain = await bench.scripted('220 old\r\n', HELLO);
  const other = await connect(at(plain.port), LIMITS);
  await other.introduce({ address: '192.0.2.7', port: 1 });
  expect(plain.heard).toEqual(['EHLO [127.0.0.1]']);
});

test('a platform that knows only LOGIN; one that is particular about names', async () => {
  const { port, heard } = await bench.scripted('220 old\r\n', {
    'EHLO my_pc': '501 no such name\r\n',
    'EHLO [127.0.0.1]': '250-old\r\n250 AUTH LOGIN\r\n',
    AUTH: '334 VXNlcm5hbWU6\r\n',
    'am9l': '334 UGFzc3dvcmQ6\r\n',
    'cHc=': '235 in\r\n',
  });
  const connection = await connect(at(port), { ...LIMITS, host: 'my_pc' });
  await connection.login({ user: 'joe', password: 'pw' });
  expect(heard).toEqual(['EHLO my_pc', 'EHLO [127.0.0.1]', 'AUTH LOGIN', 'am9l', 'cHc=']);
});

test.each([
  ['535 5.7.8 no', 'refused'],
  ['454 4.7.0 later', 'unavailable'],
  ['421 4.3.2 down', 'unavailable'],
  ['534 5.7.9 weak', 'unavailable'],
  ['550 joe pw', 'unavailable'],
  ['hello', 'protocol'],
])('%j in answer to the secret: %s, and nothing of it in the message', async (answer, code) => {
  const { port } = await bench.scripted('220 old\r\n', { ...HELLO, AUTH: `${answer}\r\n` });
  const connection = await connect(at(port), LIMITS);
  const error: unknown = await connection.login({ user: 'joe', password: 'pw' }).catch((thrown: unknown) => thrown);
  expect(error).toMatchObject({ code });
  expect((error as Error).message).not.toMatch(/pw|am9l|AGpv/);
});

test.each([['421 4.3.2 full\r\n'], ['554 no\r\n'], ['+OK\r\n']])('a greeting that is none: %j', async (greeting) => {
  const { port } = await bench.scripted(greeting, HELLO);
  await expect(connect(at(port), LIMITS)).rejects.toMatchObject({ code: greeting.startsWith('+') ? 'protocol' : 'unavailable' });
});

const begin = (after: string) => (socket: Socket) => {
  socket.write('220 go\r\n');
  const inside = bench.secured(socket);
  inside.on('data', (chunk) => void (chunk.toString().startsWith('EHLO') && inside.write(after)));
};

test('STARTTLS: what was announced in clear is forgotten', async () => {
  const { port } = await bench.scripted('220 old\r\n', { EHLO: '250-old\r\n250 XCLIENT LOGIN\r\n' }, begin('250-old\r\n250 SIZE 5\r\n'));
  const connection = await connect({ ...at(port, 'starttls'), host: 'localhost', ca: bench.ca }, LIMITS);
  expect([...connection.capabilities]).toEqual(['SIZE 5']);
  connection.destroy();
});

test('STARTTLS: bytes that come before TLS are an attack; a certificate of somebody else is refused', async () => {
  const injected = await bench.scripted('220 old\r\n', { ...HELLO, STARTTLS: '220 go\r\n250 injected\r\n' });
  await expect(connect(at(injected.port, 'starttls'), LIMITS)).rejects.toMatchObject({ code: 'protocol' });
  const { port } = await bench.scripted('220 old\r\n', HELLO, begin('250 old\r\n'));
  await expect(connect(at(port, 'starttls'), LIMITS)).rejects.toMatchObject({ code: 'unavailable' });
});

test('a platform that is silent', async () => {
  const { port } = await bench.scripted('220 old\r\n', {});
  await expect(connect(at(port), { ...LIMITS, connectMs: 50 })).rejects.toMatchObject({ code: 'unavailable' });
});

const ENVELOPE = { mailFrom: 'joe@example.net', rcptTo: ['ann@example.net', 'bob@example.net'] };
const TAKES = { ...HELLO, MAIL: '250 OK\r\n', RCPT: '250 OK\r\n', DATA: '354 Go ahead\r\n', '.': '250 Queued\r\n' };

test('a message goes with its line ends made whole and its dots doubled; nothing in it is a command', async () => {
  const { port, heard } = await bench.scripted('220 hello\r\n', TAKES);
  const connection = await connect(at(port), LIMITS);
  await connection.send(ENVELOPE, Buffer.from('Subject: x\r\n\r\n.dot\n.\nMAIL FROM:<evil@example.net>\r.\rend'));
  expect(heard.slice(1)).toEqual(['MAIL FROM:<joe@example.net>', 'RCPT TO:<ann@example.net>', 'RCPT TO:<bob@example.net>', 'DATA', 'Subject: x', '', '..dot', '..', 'MAIL FROM:<evil@example.net>', '..', 'end', '.']);
  connection.destroy();
});

test.each([
  [{ RCPT: '550 5.1.1 Nobody\r\n' }, 'refused'],
  [{ MAIL: '451 4.3.0 Later\r\n' }, 'unavailable'],
  [{ '.': '552 5.2.3 Too large\r\n' }, 'refused'],
  [{ '.': '452 4.3.1 Full\r\n' }, 'unavailable'],
])('%j: %s', async (answers, code) => {
  const { port, heard } = await bench.scripted('220 hello\r\n', { ...TAKES, ...answers });
  const connection = await connect(at(port), LIMITS);
  await expect(connection.send(ENVELOPE, Buffer.from('Subject: x\r\n\r\n'))).rejects.toMatchObject({ code });
  // Where one of them is refused nobody gets it.
  if (!('.' in answers)) expect(heard).not.toContain('DATA');
  connection.destroy();
});

test('an answer that does not come leaves open whether it was taken; addresses cannot be commands', async () => {
  const { port, heard } = await bench.scripted('220 hello\r\n', { ...TAKES, '.': '' });
  const clock = createManualClock();
  const connection = await connect(at(port), { ...LIMITS, clock });
  const sent = connection.send(ENVELOPE, Buffer.from('x'));
  sent.catch(() => {});
  // What it waits for at last, and not what a busy machine was slow with before.
  await expect.poll(() => heard.at(-1), { interval: 5 }).toBe('.');
  clock.advance(LIMITS.commandMs);
  await expect(sent).rejects.toMatchObject({ code: 'conflict', customerText: expect.stringContaining('do not know whether') });
  const other = await connect(at(port), LIMITS);
  for (const mailFrom of ['', 'a>\r\nRSET', 'a b', 'a\0']) await expect(other.send({ ...ENVELOPE, mailFrom }, Buffer.from('x'))).rejects.toMatchObject({ code: 'input' });
  await expect(other.send({ ...ENVELOPE, mailFrom: 'jörg@example.net' }, Buffer.from('x'))).rejects.toMatchObject({ code: 'refused' });
  other.destroy();
});
