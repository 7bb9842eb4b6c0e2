import { randomBytes } from 'node:crypto';
import { copyFileSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { connect as connectTcp, createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connect, type ConnectionOptions, type TLSSocket } from 'node:tls';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { createEmit, silent } from '#events/index.ts';
import { createManualClock } from '#events/manual-clock.testing.ts';
import { secure } from '#gateway/tls.ts';
import { type CertificateFiles, ensureSelfSigned } from './certificate.ts';
import { createTlsContexts, type TlsContexts } from './tls-contexts.ts';

const folder = mkdtempSync(join(tmpdir(), 'net-tls-'));
let one: CertificateFiles;
let other: CertificateFiles;
beforeAll(async () => {
  one = await ensureSelfSigned(join(folder, 'one'), ['one.example']);
  other = await ensureSelfSigned(join(folder, 'other'), ['other.example']);
});
const cleanUps: (() => void)[] = [];
afterEach(() => {
  for (const cleanUp of cleanUps.splice(0)) cleanUp();
});
afterAll(() => rmSync(folder, { recursive: true }));

/** A server as the gateway is one. */
async function serve(contexts: TlsContexts): Promise<number> {
  const server = createServer((socket) => {
    socket.on('error', () => {});
    secure(socket, contexts.main(), AbortSignal.timeout(60_000), contexts.named).then((secured) => secured.resume().end('hello'), () => {});
  }).listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  cleanUps.push(() => server.close());
  return (server.address() as AddressInfo).port;
}

type Seen = { readonly name: string | undefined; readonly resumed: boolean; readonly version: string | null; readonly session: Buffer | undefined };

/** Whose certificate a client sees, and the last ticket that it got. */
function visit(port: number, options: ConnectionOptions = {}): Promise<Seen> {
  return new Promise((resolve, reject) => {
    const socket: TLSSocket = connect({ socket: connectTcp(port, '127.0.0.1'), rejectUnauthorized: false, ...options });
    let session: Buffer | undefined;
    let seen: Omit<Seen, 'session'> | undefined;
    socket.on('session', (ticket) => (session = ticket));
    socket.on('secureConnect', () => {
      seen = { name: socket.getPeerCertificate().subject?.CN as string, resumed: socket.isSessionReused(), version: socket.getProtocol() };
    });
    socket.on('error', reject);
    socket.on('close', () => (seen === undefined ? reject(new Error('closed')) : resolve({ ...seen, session })));
    socket.resume();
  });
}

test('a certificate is read again when its files change; one that cannot be used changes nothing', async () => {
  const files = { certificate: join(folder, 'live.crt'), key: join(folder, 'live.key') };
  const put = (from: CertificateFiles): void => {
    copyFileSync(from.certificate, files.certificate);
    copyFileSync(from.key, files.key);
  };
  put(one);
  const clock = createManualClock();
  const told: string[] = [];
  const emit = createEmit([{ kind: 'log', accept: ({ name }) => void told.push(name) }]);
  const contexts = createTlsContexts({ main: files, clock, emit });
  const port = await serve(contexts);
  expect((await visit(port)).name).toBe('one.example');
  put(other);
  expect((await visit(port)).name).toBe('one.example'); // not looked at again yet
  clock.advance(5_000);
  expect((await visit(port)).name).toBe('other.example');
  writeFileSync(files.certificate, 'half a certif');
  for (let n = 0; n < 3; n += 1) {
    clock.advance(5_000);
    expect((await visit(port)).name).toBe('other.example');
  }
  rmSync(files.certificate);
  clock.advance(5_000);
  expect((await visit(port)).name).toBe('other.example');
  put(one);
  clock.advance(5_000);
  expect((await visit(port)).name).toBe('one.example');
  expect(told).toEqual(['net.certificate-renewed', 'net.certificate-unusable', 'net.certificate-renewed']);
});

test('a client gets the certificate of the host that it names', async () => {
  const contexts = createTlsContexts({ main: one, names: { 'imap.other.example': other, '*.wild.example': other }, clock: createManualClock(), emit: silent });
  const port = await serve(contexts);
  const nameFor = async (servername?: string): Promise<unknown> => (await visit(port, { servername })).name;
  expect(await nameFor('imap.other.example')).toBe('other.example');
  expect(await nameFor('IMAP.Other.Example')).toBe('other.example');
  expect(await nameFor('a.wild.example')).toBe('other.example');
  for (const host of [undefined, 'one.example', 'a.b.wild.example', 'wild.example']) expect([host, await nameFor(host)]).toEqual([host, 'one.example']);
});

test('without names of their own nothing is asked in a handshake', () => {
  expect(createTlsContexts({ main: one, clock: createManualClock(), emit: silent }).named).toBeUndefined();
});

test.each(['TLSv1.2', 'TLSv1.3'] as const)('%s: a ticket of one process is good at another with the same secret, for a period', async (version) => {
  const clock = createManualClock();
  const ticketSecret = randomBytes(32);
  const make = (secret: Buffer): TlsContexts => createTlsContexts({ main: one, names: { 'other.example': other }, ticketSecret: secret, clock, emit: silent });
  const [here, there, stranger] = [await serve(make(ticketSecret)), await serve(make(ticketSecret)), await serve(make(randomBytes(32)))];
  const as = { minVersion: version, maxVersion: version, servername: 'other.example' };
  const { session, resumed } = await visit(here, as);
  expect([session === undefined, resumed]).toEqual([false, false]);
  expect((await visit(there, { ...as, session })).resumed).toBe(true);
  expect((await visit(stranger, { ...as, session })).resumed).toBe(false);
  clock.advance(12 * 3_600_000);
  expect((await visit(there, { ...as, session })).resumed).toBe(false);
});

test('the floor: 1.2 unless another is asked for', async () => {
  const old = { minVersion: 'TLSv1', maxVersion: 'TLSv1', ciphers: 'DEFAULT@SECLEVEL=0' } as const;
  const portOf = (minimum?: 'TLSv1' | 'TLSv1.3'): Promise<number> => serve(createTlsContexts({ main: one, minimum, clock: createManualClock(), emit: silent }));
  const [usual, low, high] = [await portOf(), await portOf('TLSv1'), await portOf('TLSv1.3')];
  await expect(visit(usual, old)).rejects.toThrow();
  expect((await visit(low, old)).version).toBe('TLSv1');
  expect((await visit(low)).version).toBe('TLSv1.3');
  expect((await visit(usual, { maxVersion: 'TLSv1.2' })).version).toBe('TLSv1.2');
  await expect(visit(high, { maxVersion: 'TLSv1.2' })).rejects.toThrow();
});

test('files that cannot be used at the start are an error of the configuration', () => {
  const bad = { certificate: one.certificate, key: other.key };
  expect(() => createTlsContexts({ main: one, names: { 'a.example': bad }, clock: createManualClock(), emit: silent })).toThrow(expect.objectContaining({ code: 'config' }));
});
