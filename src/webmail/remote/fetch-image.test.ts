/** The servers that a mail points at, and what is fetched of them. */
import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, expect, test } from 'vitest';
import { isPublicAddress } from './public-address.ts';
import { createFetchImage, type FetchImage } from './fetch-image.ts';

const PNG = Buffer.from('iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==', 'base64');
const servers: Server[] = [];
afterEach(() => {
  for (const server of servers.splice(0)) server.closeAllConnections();
});

type World = { readonly fetchImage: FetchImage; readonly seen: IncomingMessage[]; readonly dialled: string[]; readonly asked: string[] };

/** Every name is what `names` says, and every address is this machine's server. */
async function world(answer: (request: IncomingMessage, response: ServerResponse) => void, names: Record<string, readonly string[]> = { 'pictures.example': ['93.184.216.34'] }): Promise<World> {
  const seen: IncomingMessage[] = [];
  const dialled: string[] = [];
  const asked: string[] = [];
  const server = createServer((request, response) => {
    seen.push(request);
    answer(request, response);
  }).listen(0, '127.0.0.1');
  server.unref();
  servers.push(server);
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const fetchImage = createFetchImage({
    resolve: async (name) => {
      asked.push(name);
      return names[name] ?? [];
    },
    mayReach: isPublicAddress,
    at: ({ address }) => {
      dialled.push(address);
      return { address: '127.0.0.1', port };
    },
  });
  return { fetchImage, seen, dialled, asked };
}

const png = (_: IncomingMessage, response: ServerResponse): void => void response.writeHead(200, { 'content-type': 'text/html' }).end(PNG);
const signal = (): AbortSignal => new AbortController().signal;

async function bytesOf(fetchImage: FetchImage, url: string): Promise<Buffer> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of (await fetchImage(url, signal())).bytes) chunks.push(chunk);
  return Buffer.concat(chunks);
}

test('a picture is what its bytes say; the server learns nothing of who looks at it', async () => {
  const { fetchImage, seen, dialled } = await world(png);
  const picture = await fetchImage('http://pictures.example/a.png?b=c', signal());
  expect(picture.type).toBe('image/png');
  expect(await bytesOf(fetchImage, 'http://pictures.example/a.png')).toEqual(PNG);
  expect(dialled[0]).toBe('93.184.216.34');
  expect(seen[0]!.url).toBe('/a.png?b=c');
  expect(Object.keys(seen[0]!.headers).toSorted()).toEqual(['accept', 'accept-encoding', 'connection', 'host', 'user-agent']);
  expect(seen[0]!.headers.host).toBe('pictures.example');
});

test.each([
  // Roundcube 1.6.14 to 1.7.3 (CVE-2026-35540, CVE-2026-48843, CVE-2026-62643 and the fixes of 1.7.3).
  'http://127.0.0.1/', 'http://10.1.1.1/', 'http://172.16.0.1/', 'http://192.168.0.100/', 'http://169.254.169.254/latest/meta-data/', 'http://[fc00::1]/', 'http://[::1]/', 'http://localhost/', 'http://localhost.localdomain/', 'http://localhost./',
  'http://2130706433/', 'http://0x7f000001/', 'http://0x7f.1/', 'http://0177.0.0.1/', 'http://127.1/', 'http://0.0.0.0/', 'http://0/', 'http://[::ffff:127.0.0.1]/', 'http://[0:0:0:0:0:ffff:127.0.0.1]/', 'http://[::127.0.0.1]/', 'http://100.64.0.1/', 'http://[fe80::1]/',
  'http://[64:ff9b::7f00:1]/', 'http://[2002:7f00:1::]/', 'http://metadata.google.internal/', 'http://router/', 'http://nas.local/', 'http://intranet.corp/', 'http://①②⑦.⓪.⓪.①/', 'http://127。0。0。1/',
  // No picture of the web at all.
  'http://pictures.example:8080/', 'https://pictures.example:22/', 'http://user:secret@pictures.example/', 'http://user@pictures.example/', 'ftp://pictures.example/', 'file:///etc/passwd', 'gopher://pictures.example/', 'data:image/png;base64,AAAA', 'javascript:alert(1)', '//pictures.example/', '/api/sessions', '', `http://pictures.example/${'a'.repeat(5_000)}`,
])('%s is not fetched, and nothing is dialled for it', async (url) => {
  const { fetchImage, dialled } = await world(png);
  await expect(fetchImage(url, signal())).rejects.toMatchObject({ code: 'refused' });
  expect(dialled).toEqual([]);
});

test('a name that leads inside is refused by what it resolves to, in whatever way it is spelt (nip.io, sslip.io), and also when only one of its addresses does', async () => {
  const names = { '127.0.0.1.nip.io': ['127.0.0.1'], 'fc00--1.nip.io': ['fc00::1'], '--1.nip.io': ['::1'], '7f000001.nip.io': ['127.0.0.1'], '127-0-0-1.sslip.io': ['127.0.0.1'], 'mapped.example': ['::ffff:10.0.0.1'], 'both.example': ['93.184.216.34', '10.0.0.1'], 'nobody.example': [] };
  const { fetchImage, dialled } = await world(png, names);
  for (const name of Object.keys(names)) await expect(fetchImage(`http://${name}/`, signal()), name).rejects.toThrow(/not public|no address|inside/);
  expect(dialled).toEqual([]);
});

test('a name is asked once, and what was checked is what is dialled (DNS rebinding)', async () => {
  const names = { 'pictures.example': ['93.184.216.34'] };
  const { fetchImage, dialled, asked } = await world((request, response) => {
    names['pictures.example'] = ['127.0.0.1'];
    png(request, response);
  }, names);
  await fetchImage('http://pictures.example/', signal());
  expect([asked, dialled]).toEqual([['pictures.example'], ['93.184.216.34']]);
});

test('each redirect is checked as the first address was, and there are three at most', async () => {
  let to = 'http://127.0.0.1/';
  const { fetchImage, seen } = await world((_, response) => void response.writeHead(302, { location: to }).end());
  for (to of ['http://127.0.0.1/', 'http://localhost/', 'file:///etc/passwd', 'http://pictures.example:25/', '//[::1]/', 'http://other.example/']) {
    await expect(fetchImage('http://pictures.example/', signal()), to).rejects.toThrow();
  }
  seen.splice(0);
  to = '/again';
  await expect(fetchImage('http://pictures.example/', signal())).rejects.toThrow(/too many redirects/);
  expect(seen.map(({ url }) => url)).toEqual(['/', '/again', '/again', '/again']);
});

test.each([
  ['SVG', '<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>'],
  ['SVG behind an XML declaration', '<?xml version="1.0"?><svg xmlns="http://www.w3.org/2000/svg"/>'],
  ['a page', '<!doctype html><script>alert(1)</script>'],
  ['CSS', '@import "http://127.0.0.1/";'],
  ['nothing', ''],
  ['the beginning of a picture and no more', '\x89PNG'],
])('what is no picture is not passed on, whatever its server calls it: %s', async (_, body) => {
  const { fetchImage } = await world((_request, response) => void response.writeHead(200, { 'content-type': 'image/png' }).end(body));
  await expect(fetchImage('http://pictures.example/', signal())).rejects.toMatchObject({ code: 'protocol' });
});

test('a picture that is packed, missing, too large, or has no end is cut off', async () => {
  let how = (response: ServerResponse): unknown => response.writeHead(404).end(PNG);
  const { fetchImage } = await world((_, response) => void how(response));
  await expect(fetchImage('http://pictures.example/', signal())).rejects.toThrow(/answers 404/);
  how = (response) => response.writeHead(200, { 'content-encoding': 'gzip' }).end(PNG);
  await expect(fetchImage('http://pictures.example/', signal())).rejects.toThrow(/packed/);
  how = (response) => response.writeHead(200, { 'content-length': String(100 * 1024 * 1024) }).end(PNG);
  await expect(fetchImage('http://pictures.example/', signal())).rejects.toThrow(/too large/);
  how = (response) => {
    response.writeHead(200).write(PNG);
    for (let n = 0; n < 20; n++) response.write(Buffer.alloc(1024 * 1024));
    response.end();
  };
  await expect(bytesOf(fetchImage, 'http://pictures.example/')).rejects.toThrow(/too large/);
  how = () => {};
  const patience = new AbortController();
  setTimeout(() => patience.abort(), 50);
  await expect(fetchImage('http://pictures.example/', patience.signal)).rejects.toMatchObject({ code: 'unavailable' });
});
