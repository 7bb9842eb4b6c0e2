import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type AddressInfo, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { TLSSocket } from 'node:tls';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { systemClock as clock } from '#events/clock.ts';
import { type CertificateFiles, ensureSelfSigned, secureContext } from '#net/certificate.ts';
import type { Endpoint } from '#net/endpoint.ts';
import { addMaster, addUser, createPlatform, type Platform } from '#practice/index.ts';
import { connect } from './connect.ts';

const JOE = 'joe@example.net';
const LIMITS = { clock, connectMs: 5_000, commandMs: 5_000 };

const folder = mkdtempSync(join(tmpdir(), 'sieve-'));
let certificate: CertificateFiles;
let practice: Platform;
beforeAll(async () => {
  certificate = await ensureSelfSigned(folder, ['localhost']);
  writeFileSync(join(folder, 'token'), 't0p');
  addUser(join(folder, 'p'), JOE, ' pw ');
  addMaster(join(folder, 'p'), 'boss', 'master');
  practice = await createPlatform({ name: 'p', folder: join(folder, 'p'), master: { user: 'boss' }, trustedTokenFile: join(folder, 'token') });
});
const cleanUps: (() => void)[] = [];
afterEach(() => {
  for (const cleanUp of cleanUps.splice(0)) cleanUp();
});
afterAll(async () => {
  await practice.close();
  rmSync(folder, { recursive: true });
});

const at = (port: number, tls: Endpoint['tls'] = 'plain'): Endpoint => ({ host: '127.0.0.1', port, tls });

/** Says its greeting, and an answer to each line that comes. */
async function scripted(greeting: string, answers: Readonly<Record<string, string>>, onStartTls?: (socket: Socket) => void): Promise<number> {
  const server = createServer((socket) => {
    socket.on('error', () => {});
    cleanUps.push(() => socket.destroy());
    socket.write(greeting);
    socket.on('data', (chunk) => {
      for (const line of chunk.toString().split('\r\n').slice(0, -1)) {
        const answer = answers[line.split(' ')[0]!];
        if (answer !== undefined) socket.write(answer);
        if (line === 'STARTTLS') onStartTls?.(socket);
      }
    });
  }).listen(0, '127.0.0.1');
  cleanUps.push(() => server.close());
  await once(server, 'listening');
  return (server.address() as AddressInfo).port;
}

test('signs in by each entrance', async () => {
  for (const [port, login] of [
    [practice.sievePort, { user: JOE, password: ' pw ' }],
    [practice.sievePort, { user: `${JOE}*boss`, password: 'master' }],
    [practice.sievePort, { user: 'boss', password: 'master', authzid: JOE }],
    [practice.sieveTrustedPort, { user: JOE, password: 't0p' }],
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
    const connection = await connect(at(await scripted('OK\r\n', { AUTHENTICATE: answer })), LIMITS);
    cleanUps.push(() => connection.destroy());
    return connection.login({ user: JOE, password: 'hush' }).catch((error: unknown) => error);
  };
  expect(await tried('NO "hush"\r\n')).toMatchObject({ code: 'refused', message: 'sign-in: NO' });
  for (const answer of ['NO (TRYLATER) "later"\r\n', 'NO (TRANSITION-NEEDED)\r\n', 'BYE {4}\r\nhush\r\n']) {
    expect(await tried(answer)).toMatchObject({ code: 'unavailable', message: expect.not.stringContaining('hush') });
  }
  expect(await tried('* NO\r\n')).toMatchObject({ code: 'protocol' });
  expect(await tried(`NO {999999}\r\n`)).toMatchObject({ code: 'limit' });
  await expect(connect(at(await scripted('BYE (TRYLATER) "full"\r\n', {})), LIMITS)).rejects.toMatchObject({ code: 'unavailable' });
  await expect(connect(at(await scripted('"SASL" "PLAIN"\r\n'.repeat(200), {})), LIMITS)).rejects.toMatchObject({ code: 'limit' });
});

test('STARTTLS: the certificate is checked, what was said before is forgotten, and bytes before TLS are an attack', async () => {
  const upgrade = (socket: Socket): void => {
    socket.removeAllListeners('data');
    const secured = new TLSSocket(socket, { isServer: true, secureContext: secureContext(certificate) });
    secured.on('error', () => {});
    secured.write('"SASL" "PLAIN"\r\nOK "inside"\r\n');
    secured.on('data', () => void secured.write('OK\r\n'));
  };
  const port = await scripted('"SASL" "GSSAPI"\r\n"STARTTLS"\r\nOK\r\n', { STARTTLS: 'OK\r\n' }, upgrade);
  await expect(connect(at(port, 'starttls'), LIMITS)).rejects.toMatchObject({ code: 'unavailable' });
  const trusting = await connect({ host: 'localhost', port, tls: 'starttls', ca: readFileSync(certificate.certificate, 'utf8') }, LIMITS);
  expect([...trusting.capabilities]).toEqual(['SASL PLAIN']);
  await trusting.login({ user: JOE, password: 'pw'.repeat(2_000) });
  trusting.destroy();
  const injected = await scripted('OK\r\n', { STARTTLS: 'OK\r\nOK "injected"\r\n' });
  await expect(connect(at(injected, 'starttls'), LIMITS)).rejects.toMatchObject({ code: 'protocol' });
});

test('a platform that believes us is told where the client is', async () => {
  const heard: string[] = [];
  const server = createServer((socket) => {
    cleanUps.push(() => socket.destroy());
    socket.write('"XCLIENT"\r\nOK\r\n');
    socket.on('data', (chunk) => {
      for (const line of chunk.toString().split('\r\n').slice(0, -1)) {
        heard.push(line.split(' ', 3).join(' '));
        socket.write(line.startsWith('XCLIENT') ? 'NO\r\n' : 'OK\r\n');
      }
    });
  }).listen(0, '127.0.0.1');
  cleanUps.push(() => server.close());
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const behalfOf = { address: '2001:db8::7', port: 4711 };
  for (const clientAddress of ['xclient', 'none'] as const) {
    const connection = await connect({ ...at(port), clientAddress, behalfOf }, LIMITS);
    await connection.login({ user: JOE, password: 'pw' });
    connection.destroy();
  }
  expect(heard.map((line) => line.replace(/"[^"]*"$/, '...'))).toEqual(['XCLIENT ADDR=2001:db8::7 PORT=4711', 'AUTHENTICATE "PLAIN" ...', 'AUTHENTICATE "PLAIN" ...']);
});
