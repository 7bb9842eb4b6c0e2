import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { brotliCompressSync } from 'node:zlib';
import { afterAll, expect, test } from 'vitest';
import { silent } from '#events/index.ts';
import { createApp, tellInJson } from './app.ts';
import { addAssets, addPage, readSite } from './static.ts';

const folder = mkdtempSync(join(tmpdir(), 'causeway-site-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
mkdirSync(join(folder, 'assets'));
mkdirSync(join(folder, 'mail'));
writeFileSync(join(folder, 'mail/index.html'), '<!doctype html>');
writeFileSync(join(folder, 'assets/app-1a2b.js'), 'run()');
writeFileSync(join(folder, 'assets/app-1a2b.js.br'), brotliCompressSync('run()'));
writeFileSync(join(folder, 'built'), 'no type');

const app = createApp(silent, tellInJson);
const site = readSite(folder);
addAssets(app, site);
addPage(app, site, 'mail/index.html', ['/', '/mail/*'], "default-src 'none'");
addPage(app, readSite(join(folder, 'none')), 'desk/index.html', ['/desk'], "default-src 'none'");
const get = (path: string, headers: Record<string, string> = {}): Promise<Response> => Promise.resolve(app.request(path, { headers }, { incoming: { socket: {} } }));

test('the page is asked for each time and has its policy; what has a hash in its name is kept, compressed for those who take it', async () => {
  for (const path of ['/', '/mail/a/b']) {
    const page = await get(path);
    expect([page.status, page.headers.get('cache-control'), page.headers.get('content-security-policy'), await page.text()]).toEqual([200, 'no-cache', "default-src 'none'", '<!doctype html>']);
  }
  const plain = await get('/assets/app-1a2b.js');
  expect([plain.headers.get('content-type'), plain.headers.get('content-encoding'), plain.headers.get('cache-control'), await plain.text()]).toEqual(['text/javascript; charset=utf-8', null, 'public, max-age=31536000, immutable', 'run()']);
  const coded = await get('/assets/app-1a2b.js', { 'accept-encoding': 'gzip, deflate, br;q=1.0' });
  expect([coded.headers.get('content-encoding'), coded.headers.get('vary')]).toEqual(['br', 'Accept-Encoding']);
});

test('nothing else is served: no other file, no way out, and what was not built says so', async () => {
  for (const path of ['/assets/none.js', '/assets/..%2Fbuilt', '/assets/..%2f..%2f..%2fetc%2fpasswd', '/built', '/assets/app-1a2b.js.br']) expect((await get(path)).status, path).toBe(404);
  const missing = await get('/desk');
  expect([missing.status, await missing.json()]).toMatchObject([503, { sentence: 'This page is not there yet.' }]);
});
