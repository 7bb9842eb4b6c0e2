import { type ChildProcess, fork } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { connect as connectTcp } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connect as connectTls, type ConnectionOptions } from 'node:tls';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { FromWorker } from '#gateway/messages.ts';
import { type CertificateFiles, ensureSelfSigned } from '#net/certificate.ts';
import { freePorts } from '#net/free-ports.testing.ts';
import type { Batch } from './batch.ts';
import type { GatewayOrders, TicketSecret } from './gateway.ts';

const folder = mkdtempSync(join(tmpdir(), 'context-worker-'));
const secret: TicketSecret = { t: 'ticket-secret', secret: randomBytes(32).toString('base64') };
const workers: ChildProcess[] = [];
let main: CertificateFiles;
let named: CertificateFiles;
beforeAll(async () => {
  main = await ensureSelfSigned(join(folder, 'main'), ['main.example']);
  named = await ensureSelfSigned(join(folder, 'named'), ['imap.named.example']);
});
afterAll(() => {
  for (const worker of workers) worker.kill('SIGKILL');
  rmSync(folder, { recursive: true });
});

/** The worker's process as `serve` starts it. */
async function start(): Promise<{ worker: ChildProcess; port: number }> {
  const { port } = await freePorts('port');
  const config = join(folder, `${port}.yaml`);
  writeFileSync(config, `listen: { imaps: { host: 127.0.0.1, port: ${port}, proxy: { from: [127.0.0.1] } } }
tls: { certificate: ${main.certificate}, key: ${main.key}, names: { imap.named.example: { certificate: ${named.certificate}, key: ${named.key} } } }
platforms:
  old:
    imap: { host: 127.0.0.1, port: 1, tls: plain, trustedNetwork: true }
    lmtp: { host: 127.0.0.1, port: 2 }
    entrances: [{ kind: replay }]
`);
  const orders: GatewayOrders = { config, ports: { imaps: port }, certificate: main };
  const worker = fork(join(import.meta.dirname, 'gateway-worker.ts'), [JSON.stringify(orders)]);
  workers.push(worker);
  worker.send(secret);
  await said(worker, 'started');
  return { worker, port };
}

/** The worker's next message of that kind. */
function said(worker: ChildProcess, kind: string): Promise<FromWorker> {
  return new Promise((resolve, reject) => {
    worker.on('message', (message: FromWorker | Batch<FromWorker>) => {
      for (const each of message.t === 'batch' ? message.messages : [message]) if (each.t === kind) resolve(each);
    });
    worker.once('exit', () => reject(new Error('the worker ended')));
  });
}

/** Connects as a balancer does for 192.0.2.7, and signs in as far as the secret. */
async function visit(port: number, options: ConnectionOptions = {}) {
  const raw = connectTcp(port, '127.0.0.1');
  await once(raw, 'connect');
  raw.write('PROXY TCP4 192.0.2.7 203.0.113.9 54321 993\r\n');
  const socket = connectTls({ ...options, socket: raw, rejectUnauthorized: false });
  let session: Buffer | undefined;
  socket.on('session', (ticket) => (session = ticket));
  // The ticket comes behind the handshake, before or after the greeting; a session that was resumed goes on with the one it has.
  await Promise.all([once(socket, 'data'), options.session === undefined && once(socket, 'session')]);
  // 'session' comes out of OpenSSL's own reading, and a write in the same turn is lost.
  await new Promise(setImmediate);
  socket.write('a LOGIN joe pw\r\n');
  return { name: socket.getPeerCertificate().subject?.CN, resumed: socket.isSessionReused(), session, end: () => socket.destroy() };
}

test('two processes: the client’s own address, the certificate of the host, and each resumes what the other began', async () => {
  const [one, other] = await Promise.all([start(), start()]);
  const attempt = said(one.worker, 'attempt');
  const first = await visit(one.port, { servername: 'imap.named.example' });
  expect([first.name, first.resumed, first.session === undefined]).toEqual(['imap.named.example', false, false]);
  expect(await attempt).toMatchObject({ attempt: { network: '192.0.2.7' } });
  first.end();
  const again = await visit(other.port, { servername: 'imap.named.example', session: first.session });
  expect(again.resumed).toBe(true);
  again.end();
});
