/**
 * The status site when nothing else is left: exported, served by a plain web server, and everything of Causeway killed.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, expect, test } from 'vitest';
import { attach } from '../src/context/attach.ts';
import { addUpdate, declareIncident } from '../src/incident/declared/index.ts';
import { statusSchema } from '../src/status/api.ts';
import { readCode } from '../src/status/codes/code.ts';
import { accountOfCode } from '../src/status/codes/codes.ts';
import { causeway, install, processesOf, serve, sleep } from './installation.ts';

const closers: (() => Promise<unknown> | unknown)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0).toReversed()) await close();
});

/** Files of a folder by HTTP; knows nothing of us. */
const SERVER = `
  const { createServer } = require('node:http'), { readFile } = require('node:fs'), { join, normalize } = require('node:path');
  createServer((request, response) => {
    const path = normalize(decodeURIComponent(new URL(request.url, 'http://x').pathname));
    readFile(join(process.argv[1], path.endsWith('/') ? path + 'index.html' : path), (error, bytes) => {
      response.statusCode = error ? 404 : 200;
      response.end(bytes);
    });
  }).listen(0, '127.0.0.1', function () { console.log(this.address().port); });
`;

async function serveFiles(folder: string): Promise<{ url: string; child: ChildProcess }> {
  const child = spawn(process.execPath, ['-e', SERVER, folder], { stdio: ['ignore', 'pipe', 'inherit'] });
  closers.push(() => child.kill('SIGKILL'));
  const port = await new Promise<string>((told) => child.stdout!.once('data', (chunk: Buffer) => told(chunk.toString().trim())));
  return { url: `http://127.0.0.1:${port}`, child };
}

async function until<T>(what: string, look: () => T | undefined | Promise<T | undefined>, ms = 60_000): Promise<T> {
  for (const end = performance.now() + ms; ; await sleep(100)) {
    const found = await look();
    if (found !== undefined) return found;
    if (performance.now() > end) throw new Error(`not in time: ${what}`);
  }
}

test('the exported site answers, and says how old it is, while all of Causeway is dead', async () => {
  const loopback = { host: '127.0.0.1', port: 0 };
  const at = install({ old: { imapPort: 1, lmtpPort: 2, trustedPort: 3 } }, { listen: { imap: loopback, status: { ...loopback, tls: false } }, status: { provider: 'Ribera', timeZone: 'Europe/Madrid', export: 'site' } });
  closers.push(() => at.remove());
  const running = serve(at.config);
  closers.push(() => running.stop());
  await running.event('serve.ready');
  const site = join(at.folder, 'site');

  const { store, run } = await attach(at.config);
  // Codes for a mail-merge: a new file for its owner alone, and each leads to its account.
  expect((await causeway(['account', 'import', at.file('accounts.csv', 'address,platform\njane@isp.example,old\njohn@isp.example,old\n'), '-c', at.config])).status).toBe(0);
  const csv = join(at.folder, 'codes.csv');
  const made = await causeway(['status', 'codes', '--out', csv, '-c', at.config]);
  expect([made.status, made.stderr]).toEqual([0, '']);
  const rows = readFileSync(csv, 'utf8').trim().split('\r\n').map((line) => line.split(','));
  expect(rows.map(([address]) => address)).toEqual(['address', 'jane@isp.example', 'john@isp.example']);
  expect(statSync(csv).mode & 0o777).toBe(0o600);
  expect(await Promise.all(rows.slice(1).map(([, code]) => accountOfCode(store, readCode(code!)!)))).toEqual([expect.any(Number), expect.any(Number)]);
  expect((await causeway(['status', 'codes', '--out', csv, '-c', at.config])).status).toBe(65);
  const id = randomUUID();
  await store.transaction((tx) => declareIncident(tx, { id, title: 'Sign-in <b>fails</b>', titleEs: 'No se puede entrar', components: ['sign-in', 'imap'], impact: 'critical', public: true, state: 'investigating', text: 'We look into it.', by: 'staff:ada' }));
  await store.transaction((tx) => declareIncident(tx, { id: randomUUID(), title: 'Nobody may read this', components: ['imap'], impact: 'minor', public: false, state: 'identified', text: 'Secret.', by: 'staff:ada' }));
  const page = (path: string): string | undefined => (existsSync(join(site, path)) ? readFileSync(join(site, path), 'utf8') : undefined);
  await until('the incident is on the page', () => page('index.html')?.match(/Sign-in &lt;b&gt;fails/)?.[0]);
  await store.transaction((tx) => addUpdate(tx, { incidentId: id, key: randomUUID(), state: 'identified', text: 'It is the verifier.', textEs: 'Es el verificador.', by: 'staff:ada' }));
  await until('the update is on the page of its own', () => page(`es/incidents/${id}.html`)?.match(/Es el verificador/)?.[0]);
  // A round writes one file after the other, and this one last.
  await until('the update is in the whole site', () => page('status.json')?.match(/It is the verifier/)?.[0]);
  // What the public listener shows is what lies there.
  const live = await (await fetch(`http://127.0.0.1:${run.ports.status!}/es/`)).text();
  expect(live).toContain('No funciona: Inicio de sesión');
  await store.close();

  const { url, child } = await serveFiles(site);
  const left = (): string[] => processesOf(at.folder).filter((line) => !line.startsWith(`${child.pid} `));
  // Everything of Causeway: serve, its workers, and PostgreSQL with them.
  for (const line of left()) {
    try {
      process.kill(Number(line.split(' ')[0]), 'SIGKILL');
    } catch {
      // It went with its parent.
    }
  }
  await running.ended;
  await until('all are gone', () => (left().length === 0 ? true : undefined));
  await expect(fetch(`http://127.0.0.1:${run.ports.status!}/`)).rejects.toThrow();

  const get = async (path: string): Promise<string> => {
    const answer = await fetch(`${url}/${path}`);
    expect([path, answer.status]).toEqual([path, 200]);
    return answer.text();
  };
  const [front, spanish, json, atom] = await Promise.all(['', 'es/', 'status.json', 'atom.xml'].map(get));
  const status = statusSchema.parse(JSON.parse(json!));
  expect(status).toMatchObject({ provider: 'Ribera', level: 'down', incidents: [{ id, updates: [{ text: 'It is the verifier.' }, { text: 'We look into it.' }] }] });
  // It says when that was, for machines and in words, and what it means if that is long ago.
  const written = /<time id="written" datetime="([^"]+)">([^<]+)<\/time>/.exec(front!)!;
  expect(Math.abs(Date.parse(written[1]!) - Date.parse(status.writtenAt))).toBeLessThan(60_000);
  expect(written[2]).toMatch(/^\d{1,2} \w+ \d{4}.* \d{2}:\d{2} (CET|CEST|GMT\+[12])$/);
  expect(front).toContain('If it is much later now, it could not be, and things may have changed.');
  expect(spanish).toContain('Si ahora es mucho más tarde');
  expect(front).toContain('Out of order: Sign\u2011in and Mail programs (IMAP)');
  expect(atom).toContain('Sign-in &lt;b&gt;fails&lt;/b&gt;: Cause found');
  for (const path of ['status.css', 'age.js', 'mark.svg', `incidents/${id}.html`, 'es/atom.xml']) await get(path);
  // Nothing of what is not public, nothing half written, nothing from elsewhere.
  const all = readdirSync(site, { recursive: true, withFileTypes: true }).filter((each) => each.isFile());
  expect(all.filter(({ name }) => name.startsWith('.'))).toEqual([]);
  for (const each of all) expect(readFileSync(join(each.parentPath, each.name), 'utf8')).not.toContain('Nobody may read this');
  expect(front).not.toMatch(/<(?:link|script|img)[^>]+"https?:/);
});
