import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { createServer as createHttpsServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, test } from 'vitest';
import { type LoopbackCertificate, makeLoopbackCertificate } from '#net/loopback-certificate.testing.ts';
import { createHttpSignIn } from './verifier-http.ts';

type Seen = { method: string; url: string; type: string; body: string; port: number };

let server: Server | undefined;
afterEach(() => {
  server?.closeAllConnections();
  server?.close();
});

async function serve(answer: (response: ServerResponse, seen: Seen) => void, tls?: LoopbackCertificate) {
  const seen: Seen[] = [];
  const onRequest = (request: IncomingMessage, response: ServerResponse): void => {
    let body = '';
    request.on('data', (chunk: Buffer) => (body += chunk.toString()));
    request.on('end', () => {
      const one = { method: request.method!, url: request.url!, type: request.headers['content-type']!, body, port: request.socket.remotePort! };
      seen.push(one);
      answer(response, one);
    });
  };
  server = tls === undefined ? createServer(onRequest) : createHttpsServer(tls, onRequest);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return { url: `http${tls === undefined ? '' : 's'}://127.0.0.1:${(server.address() as AddressInfo).port}/check?a=1`, seen };
}

const status = (code: number) => (response: ServerResponse) => void response.writeHead(code, { location: '/elsewhere' }).end('body');
const endpoint = (url: string) => ({ url, format: 'json' as const, refused: [401, 403] });
const signal = (): AbortSignal => new AbortController().signal;

describe('a check over HTTP', () => {
  test('is accepted by 200, and sends login and secret as they are', async () => {
    const { url, seen } = await serve(status(200));
    expect(await createHttpSignIn(endpoint(url))('ann@example.org', 'pä"ss&=', signal())).toBe('accepted');
    expect(seen[0]).toMatchObject({ method: 'POST', url: '/check?a=1', type: 'application/json', body: '{"login":"ann@example.org","password":"pä\\"ss&="}' });
    expect(await createHttpSignIn({ ...endpoint(url), format: 'form' })('ann@example.org', 'pä"ss&=', signal())).toBe('accepted');
    expect(Object.fromEntries(new URLSearchParams(seen[1]!.body))).toEqual({ login: 'ann@example.org', password: 'pä"ss&=' });
  });

  test('is refused by the statuses that are configured, and by no others', async () => {
    const { url } = await serve((response, { body }) => status(JSON.parse(body).login)(response));
    const signIn = createHttpSignIn(endpoint(url));
    for (const code of [401, 403]) expect(await signIn(code as unknown as string, 'x', signal())).toBe('refused');
    for (const code of [201, 204, 301, 302, 307, 308, 400, 404, 408, 429, 500, 502, 503]) {
      await expect(signIn(code as unknown as string, 'hunter2', signal())).rejects.toMatchObject({
        code: [400, 404].includes(code) ? 'refused' : 'unavailable',
        message: `status ${code} says nothing about the secret`,
      });
    }
    expect(await createHttpSignIn({ ...endpoint(url), refused: [404] })(404 as unknown as string, 'x', signal())).toBe('refused');
  });

  test('follows no redirect', async () => {
    const { url, seen } = await serve(status(307));
    await expect(createHttpSignIn(endpoint(url))('ann', 'x', signal())).rejects.toMatchObject({ code: 'unavailable' });
    expect(seen.map((one) => one.url)).toEqual(['/check?a=1']);
  });

  test('keeps its connection, and survives its end', async () => {
    const { url, seen } = await serve(status(200));
    const signIn = createHttpSignIn(endpoint(url));
    for (let i = 0; i < 3; i++) expect(await signIn('ann', 'x', signal())).toBe('accepted');
    expect(new Set(seen.map(({ port }) => port)).size).toBe(1);
    server!.closeAllConnections();
    expect(await signIn('ann', 'x', signal())).toBe('accepted');
  });

  test('a body without an end holds nothing up', async () => {
    const { url } = await serve((response) => {
      response.writeHead(200);
      const pour = (): void => void (response.destroyed || (response.write(Buffer.alloc(16_384)) ? setImmediate(pour) : response.once('drain', pour)));
      pour();
    });
    expect(await createHttpSignIn(endpoint(url))('ann', 'x', signal())).toBe('accepted');
  });

  test('over TLS asks who is there', async () => {
    const made = await makeLoopbackCertificate();
    const { url, seen } = await serve(status(200), made);
    await expect(createHttpSignIn(endpoint(url))('ann', 'x', signal())).rejects.toMatchObject({ code: 'unavailable' });
    expect(seen).toEqual([]);
    expect(await createHttpSignIn({ ...endpoint(url), ca: made.cert })('ann', 'x', signal())).toBe('accepted');
  });

  test('ends with its signal; where nobody listens has no verdict', async () => {
    const { url, seen } = await serve(() => {});
    const end = new AbortController();
    const attempt = createHttpSignIn(endpoint(url))('ann', 'x', end.signal);
    attempt.catch(() => {});
    await expect.poll(() => seen.length).toBe(1);
    end.abort();
    await expect(attempt).rejects.toMatchObject({ code: 'aborted' });
    server!.closeAllConnections();
    server!.close();
    await expect(createHttpSignIn(endpoint(url))('ann', 'x', signal())).rejects.toMatchObject({ code: 'unavailable' });
  });
});
