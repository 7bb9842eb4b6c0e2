import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { connect as connectTcp, createServer, type AddressInfo, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connect as connectTls, type ConnectionOptions, type SecureContext } from 'node:tls';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { createSecret, type PlatformConfig } from '#config/index.ts';
import { createEmit } from '#events/index.ts';
import { createManualClock } from '#events/manual-clock.testing.ts';
import { connectToHandOver } from '#imap/hand-over.ts';
import { connect as connectPop3 } from '#pop3/connect.ts';
import { ensureSelfSigned, secureContext } from '#net/certificate.ts';
import { createNetworkList } from '#net/networks.ts';
import { HEADER_MS } from './client-address.ts';
import type { FromWorker, ToWorker } from './messages.ts';
import { createPeer, listenForPeers, type Peer, settle } from './peers.testing.ts';
import { createGatewayWorker } from './worker.ts';

const V1 = 'PROXY TCP4 192.0.2.7 203.0.113.9 54321 993\r\n';
const SIGNATURE = '0d0a0d0a000d0a515549540a';
const V2 = Buffer.from(`${SIGNATURE}21210024` + '20010db8000000000000000000000007'.repeat(2) + 'd43103e1', 'hex').toString('latin1');
const LOCAL = Buffer.from(`${SIGNATURE}20000000`, 'hex').toString('latin1');

const folder = mkdtempSync(join(tmpdir(), 'gateway-address-'));
let context: SecureContext;
beforeAll(async () => {
  context = secureContext(await ensureSelfSigned(folder, ['localhost']), { minimum: 'TLSv1' });
});
const cleanUps: (() => void)[] = [];
afterEach(() => {
  for (const cleanUp of cleanUps.splice(0)) cleanUp();
});
afterAll(() => rmSync(folder, { recursive: true }));

/** A worker before whose ports stands a load balancer at `from`; every attempt is accepted. */
async function setUp({ from = ['127.0.0.1'], perAddress = 100, clientAddress = 'none' as 'none' | 'id' | 'proxy', greeting = 'IMAP4rev1 ID' } = {}) {
  const home = await listenForPeers(`* OK [CAPABILITY ${greeting}] ready\r\n`);
  const networks: string[] = [];
  const events: string[] = [];
  let toWorker: (message: ToWorker) => void = () => {};
  const hear = (message: FromWorker): void => {
    if (message.t !== 'attempt') return;
    networks.push(message.attempt.network);
    setImmediate(() => toWorker({ t: 'verdict', id: message.id, verdict: { verdict: 'accepted', accountId: 7, address: 'joe@example.net', home: 'old' } }));
  };
  const platform = {
    imap: { host: '127.0.0.1', port: home.port, tls: 'plain', trustedNetwork: true, clientAddress },
    entrances: [{ kind: 'trusted', secret: createSecret('t0p') }],
  } as unknown as PlatformConfig;
  const clock = createManualClock();
  const worker = createGatewayWorker({
    channel: { send: hear, onMessage: (callback) => void (toWorker = callback) },
    platforms: { old: platform },
    connect: { imap: connectToHandOver, pop3: connectPop3 },
    secureContext: () => context,
    clock,
    emit: createEmit([{ kind: 'count', accept: ({ name }, { reason }) => void events.push(reason === undefined ? name : `${name} ${String(reason)}`) }]),
    random: () => 0,
    addressLimit: { perAddress },
  });
  const proxies = createNetworkList(from);
  const open = async (port: 'clear' | 'tls'): Promise<number> => {
    const server = createServer((socket) => worker.accept(socket, port, proxies)).listen(0, '127.0.0.1');
    await new Promise((resolve) => server.once('listening', resolve));
    cleanUps.push(() => server.close());
    return (server.address() as AddressInfo).port;
  };
  cleanUps.push(() => home.close());
  return { worker, home, clock, networks, events, clear: await open('clear'), tls: await open('tls') };
}

function peer(socket: Socket): Peer {
  cleanUps.push(() => socket.destroy());
  return createPeer(socket);
}

/** A client behind a balancer that sends `header`, in TLS from then on. */
async function dial(port: number, header: string, options: ConnectionOptions = {}): Promise<Peer> {
  const raw = connectTcp(port, '127.0.0.1');
  await once(raw, 'connect');
  raw.write(header, 'latin1');
  return peer(connectTls({ ...options, socket: raw, rejectUnauthorized: false }));
}

test.each([
  ['version 1', V1, '192.0.2.7'],
  ['version 2', V2, '2001:db8::7'],
  ['a health check', LOCAL, '127.0.0.1'],
])('%s: the attempt is told of the right network', async (_, header, network) => {
  const { tls, home, networks } = await setUp();
  (await dial(tls, header)).send('a LOGIN joe pw\r\n');
  await home.next(); // it was judged
  expect(networks).toEqual([network]);
});

test('on the port with STARTTLS too, the header in one packet with nothing', async () => {
  const { clear, home, networks } = await setUp();
  const client = peer(connectTcp(clear, '127.0.0.1'));
  client.send(V1);
  await client.sees('IMAP ready.\r\n');
  client.send('a STARTTLS\r\n');
  await client.sees('a OK');
  client.socket.removeAllListeners('data');
  const inside = peer(connectTls({ socket: client.socket, rejectUnauthorized: false }));
  inside.send('b LOGIN joe pw\r\n');
  await home.next(); // it was judged
  expect(networks).toEqual(['192.0.2.7']);
});

test('a listed address that sends no header, or none in time, is not served', async () => {
  const { clear, tls, clock, events, worker } = await setUp();
  const bare = await dial(tls, '');
  await bare.ended();
  const silentClient = peer(connectTcp(clear, '127.0.0.1'));
  await settle();
  clock.advance(HEADER_MS);
  await silentClient.ended();
  await settle();
  expect([silentClient.all(), worker.connections(), events]).toEqual(['', 0, ['gateway.proxy-header-refused', 'gateway.proxy-header-refused']]);
});

test('from elsewhere a plain connection is served with its own address, and a header closes it', async () => {
  const { clear, tls, home, networks, events, worker } = await setUp({ from: ['10.0.0.0/8'] });
  (await dial(tls, '')).send('a LOGIN joe pw\r\n');
  await home.next(); // it was judged
  expect(networks).toEqual(['127.0.0.1']);
  const before = worker.connections();
  for (const header of [V1, V2, LOCAL]) {
    const forger = peer(connectTcp(clear, '127.0.0.1'));
    await forger.sees('IMAP ready.\r\n');
    for (const piece of [header.slice(0, 7), `${header.slice(7)}a NOOP\r\n`]) {
      forger.send(piece);
      await settle();
    }
    await forger.ended();
    expect(forger.all()).not.toContain('a OK');
    await (await dial(tls, header)).ended();
  }
  await settle();
  expect(events.filter((name) => name === 'gateway.proxy-header-refused')).toHaveLength(3);
  expect(worker.connections()).toBe(before);
});

test('one address has so many connections before signing in; who is in does not count, nor does another address', async () => {
  const { clear, tls, home, events } = await setUp({ perAddress: 1 });
  const first = await dial(tls, V1);
  await first.sees('IMAP ready.\r\n');
  await (await dial(tls, V1)).sees('* BYE [UNAVAILABLE] ');
  const over = peer(connectTcp(clear, '127.0.0.1'));
  over.send(V1);
  await over.sees('* BYE [UNAVAILABLE] ');
  await (await dial(tls, V2)).sees('IMAP ready.\r\n');
  expect(events.filter((name) => name === 'gateway.shed address')).toHaveLength(2);
  first.send('a LOGIN joe pw\r\n');
  const platform = await home.next();
  const said = await platform.sees('\r\n');
  platform.send(`${said.split(' ')[0]} OK [CAPABILITY IMAP4rev1] in\r\n`);
  await first.sees('a OK');
  await (await dial(tls, V1)).sees('IMAP ready.\r\n');
  platform.socket.destroy();
});

test('a platform that lists it is told the client’s address before the sign-in, and may refuse to hear it', async () => {
  const { tls, home } = await setUp({ clientAddress: 'id' });
  const client = await dial(tls, V1);
  client.send('a LOGIN joe pw\r\n');
  const platform = await home.next();
  cleanUps.push(() => platform.socket.destroy());
  const id = await platform.sees('\r\n');
  expect(id).toMatch(/^\S+ ID \("x-originating-ip" "192\.0\.2\.7" "x-originating-port" "54321"\)\r\n$/);
  const login = await platform.sees('\r\n'); // in the same packet: nothing was answered yet
  expect(login).toMatch(/ LOGIN /);
  platform.send(`${id.split(' ')[0]} NO not here\r\n${login.split(' ')[0]} OK [CAPABILITY IMAP4rev1] in\r\n`);
  await client.sees('a OK');
});

test('a platform that expects a PROXY header gets the client’s address in one, before all else', async () => {
  const { tls, home } = await setUp({ clientAddress: 'proxy' });
  const client = await dial(tls, V1);
  client.send('a LOGIN joe pw\r\n');
  const platform = await home.next();
  cleanUps.push(() => platform.socket.destroy());
  expect(await platform.sees('\r\n')).toBe(`PROXY TCP4 192.0.2.7 127.0.0.1 54321 ${home.port}\r\n`);
  const login = await platform.sees('\r\n');
  expect(login).toMatch(/ LOGIN /);
  platform.send(`${login.split(' ')[0]} OK [CAPABILITY IMAP4rev1] in\r\n`);
  await client.sees('a OK');
});

test.each([
  ['that does not list it', 'none', 'IMAP4rev1 ID'],
  ['without ID', 'id', 'IMAP4rev1'],
] as const)('a platform %s is told nothing', async (_, clientAddress, greeting) => {
  const { tls, home } = await setUp({ clientAddress, greeting });
  (await dial(tls, V1)).send('a LOGIN joe pw\r\n');
  const platform = await home.next();
  expect(await platform.sees('\r\n')).toMatch(/^\S+ LOGIN /);
  platform.socket.destroy();
});

test('TLS below 1.2, where it is allowed, is counted', async () => {
  const { tls, events } = await setUp();
  await (await dial(tls, V1)).sees('IMAP ready.\r\n');
  expect(events).not.toContain('gateway.old-tls');
  await (await dial(tls, V1, { minVersion: 'TLSv1.1', maxVersion: 'TLSv1.1', ciphers: 'DEFAULT@SECLEVEL=0' })).sees('IMAP ready.\r\n');
  expect(events).toContain('gateway.old-tls');
});
