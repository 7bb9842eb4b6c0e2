import type { Socket } from 'node:net';
import { expect, test } from 'vitest';
import type { Endpoint } from '#net/endpoint.ts';
import { JOE, LIMITS, useClientBench } from '#practice/client-bench.testing.ts';
import { connect } from './connect.ts';

const bench = useClientBench('STARTTLS');
const at = (port: number, tls: Endpoint['tls'] = 'plain'): Endpoint => ({ host: '127.0.0.1', port, tls });

test('signs in by each entrance', async () => {
  for (const [port, login] of [
    [bench.practice.sievePort, { user: JOE, password: ' pw ' }],
    [bench.practice.sievePort, { user: `${JOE}*boss`, password: 'master' }],
    [bench.practice.sievePort, { user: 'boss', password: 'master', authzid: JOE }],
    [bench.practice.sieveTrustedPort, { user: JOE, password: 't0p' }],
  ] as const) {
    const connection = await connect(at(port), LIMITS);
    expect([...connection.capabilities]).toContain('SASL PLAIN');
    await connection.login(login);
    expect(await connection.listScripts()).toEqual([]);
    await connection.logout();
  }
});

test('a NO without a code is a refusal; anything else is not about the secret', async () => {
  const tried = async (answer: string): Promise<unknown> => {
    const connection = await connect(at((await bench.scripted('OK\r\n', { AUTHENTICATE: answer })).port), LIMITS);
    bench.later(() => connection.destroy());
    return connection.login({ user: JOE, password: 'hush' }).catch((error: unknown) => error);
  };
  expect(await tried('NO "hush"\r\n')).toMatchObject({ code: 'refused', message: 'sign-in: NO' });
  for (const answer of ['NO (TRYLATER) "later"\r\n', 'NO (TRANSITION-NEEDED)\r\n', 'BYE {4}\r\nhush\r\n']) {
    expect(await tried(answer)).toMatchObject({ code: 'unavailable', message: expect.not.stringContaining('hush') });
  }
  expect(await tried('* NO\r\n')).toMatchObject({ code: 'protocol' });
  expect(await tried(`NO {999999}\r\n`)).toMatchObject({ code: 'limit' });
  await expect(connect(at((await bench.scripted('BYE (TRYLATER) "full"\r\n', {})).port), LIMITS)).rejects.toMatchObject({ code: 'unavailable' });
  await expect(connect(at((await bench.scripted('"SASL" "PLAIN"\r\n'.repeat(200), {})).port), LIMITS)).rejects.toMatchObject({ code: 'limit' });
});

test('STARTTLS: the certificate is checked, what was said before is forgotten, and bytes before TLS are an attack', async () => {
  const upgrade = (socket: Socket): void => {
    const secured = bench.secured(socket);
    secured.write('"SASL" "PLAIN"\r\nOK "inside"\r\n');
    secured.on('data', () => void secured.write('OK\r\n'));
  };
  const { port } = await bench.scripted('"SASL" "GSSAPI"\r\n"STARTTLS"\r\nOK\r\n', { STARTTLS: 'OK\r\n' }, upgrade);
  await expect(connect(at(port, 'starttls'), LIMITS)).rejects.toMatchObject({ code: 'unavailable' });
  const trusting = await connect({ host: 'localhost', port, tls: 'starttls', ca: bench.ca }, LIMITS);
  expect([...trusting.capabilities]).toEqual(['SASL PLAIN']);
  await trusting.login({ user: JOE, password: 'pw'.repeat(2_000) });
  trusting.destroy();
  const injected = await bench.scripted('OK\r\n', { STARTTLS: 'OK\r\nOK "injected"\r\n' });
  await expect(connect(at(injected.port, 'starttls'), LIMITS)).rejects.toMatchObject({ code: 'protocol' });
});

test('a platform that believes us is told where the client is', async () => {
  const { port, heard } = await bench.scripted('"XCLIENT"\r\nOK\r\n', { XCLIENT: 'NO\r\n', AUTHENTICATE: 'OK\r\n' });
  const behalfOf = { address: '2001:db8::7', port: 4711 };
  for (const clientAddress of ['xclient', 'none'] as const) {
    const connection = await connect({ ...at(port), clientAddress, behalfOf }, LIMITS);
    await connection.login({ user: JOE, password: 'pw' });
    connection.destroy();
  }
  expect(heard.map((line) => line.replace(/"[^"]*"$/, '...'))).toEqual(['XCLIENT ADDR=2001:db8::7 PORT=4711', 'AUTHENTICATE "PLAIN" ...', 'AUTHENTICATE "PLAIN" ...']);
});
