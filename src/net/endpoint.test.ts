import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer, type AddressInfo, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { TLSSocket } from 'node:tls';
import { afterAll, expect, test } from 'vitest';
import { ensureSelfSigned, secureContext } from './certificate.ts';
import { openSocket } from './endpoint.ts';
import { takeProxyHeader } from './proxy-header.ts';

const folder = mkdtempSync(join(tmpdir(), 'endpoint-'));
const servers: Server[] = [];
afterAll(() => {
  for (const server of servers) server.close();
  rmSync(folder, { recursive: true });
});

test.each([
  ['for a client', { address: '2001:db8::7', port: 54321 }],
  ['for ourselves', undefined],
])('TLS to a service that expects a PROXY header, %s', async (_, behalfOf) => {
  const files = await ensureSelfSigned(folder, ['localhost']);
  const context = secureContext(files);
  const told = Promise.withResolvers<unknown>();
  const server = createServer((socket) => {
    takeProxyHeader(socket, new AbortController().signal).then((source) => {
      told.resolve(source);
      new TLSSocket(socket, { isServer: true, secureContext: context }).end('hello');
    }, told.reject);
  }).listen(0, '127.0.0.1');
  servers.push(server);
  await new Promise((resolve) => server.once('listening', resolve));
  const { port } = server.address() as AddressInfo;
  const ca = readFileSync(files.certificate, 'utf8');
  const socket = await openSocket({ host: '127.0.0.1', port, tls: 'implicit', ca, servername: 'localhost', clientAddress: 'proxy', ...(behalfOf && { behalfOf }) }, () => {});
  socket.setEncoding('latin1');
  expect(await new Promise((resolve) => socket.once('data', resolve))).toBe('hello');
  expect(await told.promise).toEqual(behalfOf);
  socket.destroy();
});
