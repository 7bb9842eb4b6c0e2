import type { Socket } from 'node:net';
import { expect, test } from 'vitest';
import { JOE, LIMITS, useClientBench } from '#practice/client-bench.testing.ts';
import { connect, type Endpoint } from './connect.ts';

const bench = useClientBench('STLS');
const at = (port: number, tls: Endpoint['tls'] = 'plain'): Endpoint => ({ host: '127.0.0.1', port, tls });

test('signs in by each entrance, and asks what it can', async () => {
  for (const [port, login] of [
    [bench.practice.pop3Port, { user: JOE, password: ' pw ' }],
    [bench.practice.pop3Port, { user: `${JOE}*boss`, password: 'master' }],
    [bench.practice.pop3Port, { user: 'boss', password: 'master', authzid: JOE }],
    [bench.practice.pop3TrustedPort, { user: JOE, password: 't0p' }],
  ] as const) {
    const connection = await connect(at(port), LIMITS);
    await connection.login(login);
    expect(connection.capabilities.has('PIPELINING')).toBe(true);
    expect(await connection.stat()).toEqual({ messages: 0, octets: 0 });
    await connection.quit();
  }
});

test('a refusal is one only with [AUTH] or no code; no message holds a secret', async () => {
  const cases = [
    ['-ERR [AUTH] se3ret is wrong\r\n', 'refused'],
    ['-ERR se3ret\r\n', 'refused'],
    ['-ERR [SYS/TEMP] se3ret\r\n', 'unavailable'],
    ['-ERR [IN-USE] locked\r\n', 'conflict'],
    ['what se3ret\r\n', 'protocol'],
    [`+OK ${'x'.repeat(9_000)}`, 'limit'],
  ];
  for (const [answer, code] of cases) {
    const connection = await connect(at((await bench.scripted('+OK\r\n', { USER: '+OK\r\n', PASS: answer! })).port), LIMITS);
    const error = await connection.login({ user: JOE, password: 'se3ret' }).catch((thrown: unknown) => thrown as Error);
    expect(error).toMatchObject({ code });
    expect(String((error as Error).message)).not.toContain('se3ret');
    connection.destroy();
  }
  const connection = await connect(at(bench.practice.pop3Port), LIMITS);
  await expect(connection.login({ user: JOE, password: 'a\r\nDELE 1' })).rejects.toMatchObject({ code: 'input' });
  connection.destroy();
});

test('a server that does not greet, refuses, or does not know CAPA', async () => {
  await expect(connect(at((await bench.scripted('', {})).port), { ...LIMITS, connectMs: 50 })).rejects.toMatchObject({ code: 'unavailable' });
  await expect(connect(at((await bench.scripted('-ERR [SYS/TEMP] full\r\n', {})).port), LIMITS)).rejects.toMatchObject({ code: 'unavailable' });
  const gone = new AbortController();
  gone.abort();
  await expect(connect(at(bench.practice.pop3Port), { ...LIMITS, signal: gone.signal })).rejects.toMatchObject({ code: 'aborted' });
  const old = await connect(at((await bench.scripted('+OK\r\n', { USER: '+OK\r\n', PASS: '+OK\r\n', CAPA: '-ERR\r\n' })).port), LIMITS);
  await old.login({ user: JOE, password: 'pw' });
  expect(old.capabilities.size).toBe(0);
  old.destroy();
});

test('STLS: the certificate is checked, and bytes before TLS are an attack', async () => {
  const upgrade = (socket: Socket): void => {
    const secured = bench.secured(socket);
    secured.on('data', (chunk) => void secured.write(chunk.toString().startsWith('CAPA') ? '+OK\r\nTOP\r\n.\r\n' : '+OK\r\n'));
  };
  const { port } = await bench.scripted('+OK\r\n', { STLS: '+OK\r\n' }, upgrade);
  await expect(connect(at(port, 'starttls'), LIMITS)).rejects.toMatchObject({ code: 'unavailable' });
  const trusting = await connect({ host: 'localhost', port, tls: 'starttls', ca: bench.ca }, LIMITS);
  await trusting.login({ user: JOE, password: 'pw' });
  expect([...trusting.capabilities]).toEqual(['TOP']);
  trusting.destroy();
  const injected = await bench.scripted('+OK\r\n', { STLS: '+OK\r\n+OK injected\r\n' });
  await expect(connect(at(injected.port, 'starttls'), LIMITS)).rejects.toMatchObject({ code: 'protocol' });
});

test('where it is configured the client’s address is told by XCLIENT before the sign-in; a server may not like it', async () => {
  const behalfOf = { address: '2001:db8::7', port: 4711 };
  for (const clientAddress of ['xclient', 'none']) {
    const { port, heard } = await bench.scripted('+OK [XCLIENT] old\r\n', { XCLIENT: '-ERR not you\r\n', USER: '+OK\r\n', PASS: '+OK\r\n', CAPA: '+OK\r\n.\r\n' });
    const connection = await connect({ ...at(port), clientAddress, behalfOf }, LIMITS);
    await connection.login({ user: 'joe', password: 'pw' });
    connection.destroy();
    expect(heard).toEqual([...(clientAddress === 'xclient' ? ['XCLIENT ADDR=2001:db8::7 PORT=4711'] : []), 'USER joe', 'PASS pw', 'CAPA']);
  }
});
