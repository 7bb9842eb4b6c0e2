import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import type { Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { TLSSocket } from 'node:tls';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { systemClock as clock } from '#events/clock.ts';
import { type CertificateFiles, ensureSelfSigned, secureContext } from '#net/certificate.ts';
import type { Endpoint } from '#net/endpoint.ts';
import { type ScriptedLines, serveScriptedLines } from '#net/scripted-lines.testing.ts';
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

async function scripted(greeting: string, answers: Readonly<Record<string, string>>, begin: (socket: Socket) => void = () => {}): Promise<ScriptedLines> {
  const server = await serveScriptedLines(greeting, answers, { STARTTLS: begin });
  cleanUps.push(() => server.close());
  return server;
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
    const connection = await connect(at((await scripted('OK\r\n', { AUTHENTICATE: answer })).port), LIMITS);
    cleanUps.push(() => connection.destroy());
    return connection.login({ user: JOE, password: 'hush' }).catch((error: unknown) => error);
  };
  expect(await tried('NO "hush"\r\n')).toMatchObject({ code: 'refused', message: 'sign-in: NO' });
  for (const answer of ['NO (TRYLATER) "later"\r\n', 'NO (TRANSITION-NEEDED)\r\n', 'BYE {4}\r\nhush\r\n']) {
    expect(await tried(answer)).toMatchObject({ code: 'unavailable', message: expect.not.stringContaining('hush') });
  }
  expect(await tried('* NO\r\n')).toMatchObject({ code: 'protocol' });
  expect(await tried(`NO {999999}\r\n`)).toMatchObject({ code: 'limit' });
  await expect(connect(at((await scripted('BYE (TRYLATER) "full"\r\n', {})).port), LIMITS)).rejects.toMatchObject({ code: 'unavailable' });
  await expect(connect(at((await scripted('"SASL" "PLAIN"\r\n'.repeat(200), {})).port), LIMITS)).rejects.toMatchObject({ code: 'limit' });
});

test('STARTTLS: the certificate is checked, what was said before is forgotten, and bytes before TLS are an attack', async () => {
  const upgrade = (socket: Socket): void => {
    socket.removeAllListeners('data');
    const secured = new TLSSocket(socket, { isServer: true, secureContext: secureContext(certificate) });
    secured.on('error', () => {});
    secured.write('"SASL" "PLAIN"\r\nOK "inside"\r\n');
    secured.on('data', () => void secured.write('OK\r\n'));
  };
  const { port } = await scripted('"SASL" "GSSAPI"\r\n"STARTTLS"\r\nOK\r\n', { STARTTLS: 'OK\r\n' }, upgrade);
  await expect(connect(at(port, 'starttls'), LIMITS)).rejects.toMatchObject({ code: 'unavailable' });
  const trusting = await connect({ host: 'localhost', port, tls: 'starttls', ca: readFileSync(certificate.certificate, 'utf8') }, LIMITS);
  expect([...trusting.capabilities]).toEqual(['SASL PLAIN']);
  await trusting.login({ user: JOE, password: 'pw'.repeat(2_000) });
  trusting.destroy();
  const injected = await scripted('OK\r\n', { STARTTLS: 'OK\r\nOK "injected"\r\n' });
  await expect(connect(at(injected.port, 'starttls'), LIMITS)).rejects.toMatchObject({ code: 'protocol' });
});

test('a platform that believes us is told where the client is', async () => {
  const { port, heard } = await scripted('"XCLIENT"\r\nOK\r\n', { XCLIENT: 'NO\r\n', AUTHENTICATE: 'OK\r\n' });
  const behalfOf = { address: '2001:db8::7', port: 4711 };
  for (const clientAddress of ['xclient', 'none'] as const) {
    const connection = await connect({ ...at(port), clientAddress, behalfOf }, LIMITS);
    await connection.login({ user: JOE, password: 'pw' });
    connection.destroy();
  }
  expect(heard.map((line) => line.replace(/"[^"]*"$/, '...'))).toEqual(['XCLIENT ADDR=2001:db8::7 PORT=4711', 'AUTHENTICATE "PLAIN" ...', 'AUTHENTICATE "PLAIN" ...']);
});
