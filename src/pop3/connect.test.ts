import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import type { Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { TLSSocket } from 'node:tls';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { systemClock as clock } from '#events/clock.ts';
import { type CertificateFiles, ensureSelfSigned, secureContext } from '#net/certificate.ts';
import { type ScriptedLines, serveScriptedLines } from '#net/scripted-lines.testing.ts';
import { addMaster, addUser, createPlatform, type Platform } from '#practice/index.ts';
import { connect, type Endpoint } from './connect.ts';

const JOE = 'joe@example.net';
const LIMITS = { clock, connectMs: 5_000, commandMs: 5_000 };

const folder = mkdtempSync(join(tmpdir(), 'pop3-'));
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
  const server = await serveScriptedLines(greeting, answers, { STLS: begin });
  cleanUps.push(() => server.close());
  return server;
}

test('signs in by each entrance, and asks what it can', async () => {
  for (const [port, login] of [
    [practice.pop3Port, { user: JOE, password: ' pw ' }],
    [practice.pop3Port, { user: `${JOE}*boss`, password: 'master' }],
    [practice.pop3Port, { user: 'boss', password: 'master', authzid: JOE }],
    [practice.pop3TrustedPort, { user: JOE, password: 't0p' }],
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
    const connection = await connect(at((await scripted('+OK\r\n', { USER: '+OK\r\n', PASS: answer! })).port), LIMITS);
    const error = await connection.login({ user: JOE, password: 'se3ret' }).catch((thrown: unknown) => thrown as Error);
    expect(error).toMatchObject({ code });
    expect(String((error as Error).message)).not.toContain('se3ret');
    connection.destroy();
  }
  const connection = await connect(at(practice.pop3Port), LIMITS);
  await expect(connection.login({ user: JOE, password: 'a\r\nDELE 1' })).rejects.toMatchObject({ code: 'input' });
  connection.destroy();
});

test('a server that does not greet, refuses, or does not know CAPA', async () => {
  await expect(connect(at((await scripted('', {})).port), { ...LIMITS, connectMs: 50 })).rejects.toMatchObject({ code: 'unavailable' });
  await expect(connect(at((await scripted('-ERR [SYS/TEMP] full\r\n', {})).port), LIMITS)).rejects.toMatchObject({ code: 'unavailable' });
  const gone = new AbortController();
  gone.abort();
  await expect(connect(at(practice.pop3Port), { ...LIMITS, signal: gone.signal })).rejects.toMatchObject({ code: 'aborted' });
  const old = await connect(at((await scripted('+OK\r\n', { USER: '+OK\r\n', PASS: '+OK\r\n', CAPA: '-ERR\r\n' })).port), LIMITS);
  await old.login({ user: JOE, password: 'pw' });
  expect(old.capabilities.size).toBe(0);
  old.destroy();
});

test('STLS: the certificate is checked, and bytes before TLS are an attack', async () => {
  const upgrade = (socket: Socket): void => {
    socket.removeAllListeners('data');
    const secured = new TLSSocket(socket, { isServer: true, secureContext: secureContext(certificate) });
    secured.on('error', () => {});
    secured.on('data', (chunk) => void secured.write(chunk.toString().startsWith('CAPA') ? '+OK\r\nTOP\r\n.\r\n' : '+OK\r\n'));
  };
  const { port } = await scripted('+OK\r\n', { STLS: '+OK\r\n' }, upgrade);
  await expect(connect(at(port, 'starttls'), LIMITS)).rejects.toMatchObject({ code: 'unavailable' });
  const trusting = await connect({ host: 'localhost', port, tls: 'starttls', ca: readFileSync(certificate.certificate, 'utf8') }, LIMITS);
  await trusting.login({ user: JOE, password: 'pw' });
  expect([...trusting.capabilities]).toEqual(['TOP']);
  trusting.destroy();
  const injected = await scripted('+OK\r\n', { STLS: '+OK\r\n+OK injected\r\n' });
  await expect(connect(at(injected.port, 'starttls'), LIMITS)).rejects.toMatchObject({ code: 'protocol' });
});

test('where it is configured the client’s address is told by XCLIENT before the sign-in; a server may not like it', async () => {
  const behalfOf = { address: '2001:db8::7', port: 4711 };
  for (const clientAddress of ['xclient', 'none']) {
    const { port, heard } = await scripted('+OK [XCLIENT] old\r\n', { XCLIENT: '-ERR not you\r\n', USER: '+OK\r\n', PASS: '+OK\r\n', CAPA: '+OK\r\n.\r\n' });
    const connection = await connect({ ...at(port), clientAddress, behalfOf }, LIMITS);
    await connection.login({ user: 'joe', password: 'pw' });
    connection.destroy();
    expect(heard).toEqual([...(clientAddress === 'xclient' ? ['XCLIENT ADDR=2001:db8::7 PORT=4711'] : []), 'USER joe', 'PASS pw', 'CAPA']);
  }
});
