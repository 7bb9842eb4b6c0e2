import { mkdtempSync, rmSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connect as connectTls } from 'node:tls';
import { afterEach, expect, test } from 'vitest';
import { CausewayError, type ErrorCode } from '#errors/index.ts';
import { systemClock as clock } from '#events/clock.ts';
import type { Fields } from '#events/index.ts';
import { ensureSelfSigned } from '#net/certificate.ts';
import { createNetworkList } from '#net/networks.ts';
import { createTlsContexts } from '#net/tls-contexts.ts';
import { type App, createApp, tellInJson } from './app.ts';
import { addressOf, type HttpServer, openHttpServer } from './server.ts';

const cleanUps: (() => Promise<unknown> | unknown)[] = [];
afterEach(async () => {
  for (const each of cleanUps.splice(0).toReversed()) await each();
});

async function served(build: (app: App) => void, { tls = false, proxies = [] as string[] } = {}): Promise<{ server: HttpServer; url: string; events: Fields[] }> {
  const events: Fields[] = [];
  const emit = (_: unknown, fields: Fields): void => void events.push(fields);
  const app = createApp(emit, tellInJson);
  build(app);
  let contexts;
  if (tls) {
    const folder = mkdtempSync(join(tmpdir(), 'causeway-http-'));
    cleanUps.push(() => rmSync(folder, { recursive: true }));
    contexts = createTlsContexts({ main: await ensureSelfSigned(folder, ['localhost']), clock, emit });
  }
  const server = await openHttpServer({ host: '127.0.0.1', port: 0, tls: contexts, proxies: createNetworkList(proxies), fetch: app.fetch, clock });
  cleanUps.push(() => server.close());
  return { server, url: `http://127.0.0.1:${server.port}`, events };
}

/** Says it and hears all. */
function raw(port: number, text: string, secure = false): Promise<string> {
  return new Promise((resolve) => {
    let heard = '';
    const socket = secure ? connectTls({ port, host: '127.0.0.1', rejectUnauthorized: false }) : connect({ port, host: '127.0.0.1' });
    socket.on('data', (chunk: Buffer) => (heard += chunk)).on('close', () => resolve(heard)).on('error', () => {});
    socket.write(text);
  });
}

test('every answer carries the headers, also to what nobody knows and to what threw', async () => {
  const { url, events } = await served((app) => {
    app.get('/address', (c) => c.text(addressOf(c.env)));
    app.get('/bug', () => {
      throw new TypeError('the secret is hunter2');
    });
  });
  for (const [path, status] of [['/address', 200], ['/nowhere', 404], ['/bug', 500]] as const) {
    const response = await fetch(url + path);
    const { headers } = response;
    expect(response.status).toBe(status);
    expect(headers.get('content-security-policy')).toContain("default-src 'none'");
    expect(headers.get('x-frame-options')).toBe('DENY');
    expect(headers.get('x-content-type-options')).toBe('nosniff');
    expect(headers.get('cache-control')).toBe('no-store');
    expect(headers.get('x-request-id')).toMatch(/^[0-9a-f-]{36}$/);
    expect(headers.get('strict-transport-security')).toBeNull();
    const text = await response.text();
    expect(text).not.toContain('hunter2');
    if (status === 200) expect(text).toBe('127.0.0.1');
  }
  expect(events).toEqual([expect.objectContaining({ error: expect.stringMatching(/^TypeError at .*server\.test\.ts/), path: '/bug', method: 'GET' })]);
});

test.each([
  ['unavailable', 503],
  ['aborted', 503],
  ['limit', 429],
  ['not-found', 404],
  ['conflict', 409],
  ['input', 422],
  ['usage', 400],
  ['refused', 403],
  ['internal', 500],
] as [ErrorCode, number][])('%s is %d', async (code, status) => {
  const { url } = await served((app) =>
    app.get('/', () => {
      throw new CausewayError(code, 'for the engineer', { customerText: 'for the customer' });
    }),
  );
  const response = await fetch(url);
  expect(response.status).toBe(status);
  expect(response.headers.get('retry-after')).toBe(status === 503 || status === 429 ? '5' : null);
  expect(await response.json()).toEqual({ code, message: 'for the engineer', sentence: 'for the customer', requestId: response.headers.get('x-request-id') });
});

test('a body, a head and a request line are capped', async () => {
  const { url, server } = await served((app) => app.post('/', async (c) => c.text(String((await c.req.text()).length))));
  expect(await (await fetch(url, { method: 'POST', body: 'x'.repeat(60_000) })).text()).toBe('60000');
  expect((await fetch(url, { method: 'POST', body: 'x'.repeat(70_000) })).status).toBe(413);
  // Without a length it is counted.
  const chunked = new ReadableStream({
    start(controller) {
      for (let n = 0; n < 70; n += 1) controller.enqueue(new TextEncoder().encode('x'.repeat(1_000)));
      controller.close();
    },
  });
  expect((await fetch(url, { method: 'POST', body: chunked, duplex: 'half' } as RequestInit)).status).toBe(413);
  expect(await raw(server.port, `GET / HTTP/1.1\r\nHost: a\r\nX: ${'x'.repeat(17_000)}\r\n\r\n`)).toMatch(/^HTTP\/1\.1 431 /);
  expect(await raw(server.port, 'EHLO a\r\n\r\n')).toMatch(/^HTTP\/1\.1 400 /);
});

test('over TLS, and who does not speak it ends alone', async () => {
  const { server } = await served((app) => app.get('/', (c) => c.text('in')), { tls: true });
  await raw(server.port, 'GET / HTTP/1.1\r\n\r\n');
  const heard = await raw(server.port, 'GET / HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n', true);
  expect(heard).toMatch(/^HTTP\/1\.1 200 OK\r\n/);
  expect(heard).toContain('strict-transport-security: max-age=31536000');
});

test('a proxy says whom it speaks for, and must', async () => {
  const build = (app: App): void => void app.get('/', (c) => c.text(`from ${addressOf(c.env)}`));
  const { server } = await served(build, { proxies: ['127.0.0.1'] });
  const get = 'GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n';
  expect(await raw(server.port, `PROXY TCP4 192.0.2.7 10.0.0.1 40000 443\r\n${get}`)).toContain('from 192.0.2.7');
  // In two pieces, and with the request later.
  const late = connect({ port: server.port, host: '127.0.0.1' });
  const heard = new Promise<string>((resolve) => {
    let text = '';
    late.on('data', (chunk: Buffer) => (text += chunk)).on('close', () => resolve(text));
  });
  late.write('PROXY TCP4 192.0.2.8 10.0.0.1');
  await raw(server.port, get);
  late.write(' 40000 443\r\n');
  await raw(server.port, get);
  late.write(get);
  expect(await heard).toContain('from 192.0.2.8');
  expect(await raw(server.port, get)).toBe('');
  // From others it is no header of ours, and no HTTP.
  const { server: open } = await served(build, { proxies: ['10.0.0.0/8'] });
  expect(await raw(open.port, `PROXY TCP4 192.0.2.7 10.0.0.1 40000 443\r\n${get}`)).toMatch(/^HTTP\/1\.1 400 /);
});

test('a proxy speaks first also where TLS follows', async () => {
  const { server } = await served((app) => app.get('/', (c) => c.text(`from ${addressOf(c.env)}`)), { tls: true, proxies: ['127.0.0.1'] });
  const clear = connect({ port: server.port, host: '127.0.0.1' });
  clear.write('PROXY TCP4 192.0.2.7 10.0.0.1 40000 443\r\n');
  const secure = connectTls({ socket: clear, rejectUnauthorized: false });
  const heard = new Promise<string>((resolve) => {
    let text = '';
    secure.on('data', (chunk: Buffer) => (text += chunk)).on('close', () => resolve(text));
  });
  secure.write('GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n');
  expect(await heard).toContain('from 192.0.2.7');
});
