import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { parseConfig } from '#config/index.ts';
import { systemClock } from '#events/clock.ts';
import { check } from './check/check.ts';
import { verifiersOf } from './verifier.ts';

let folder: string;
let server: Server;
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'causeway-verifier-'));
  writeFileSync(join(folder, 'right'), 'right', { mode: 0o600 });
  writeFileSync(join(folder, 'wrong'), 'wrong', { mode: 0o600 });
  server = createServer((request, response) => {
    let body = '';
    request.on('data', (chunk: Buffer) => (body += chunk.toString()));
    request.on('end', () => response.writeHead(JSON.parse(body).password === 'right' ? 200 : 401).end());
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
});
afterAll(() => {
  server.closeAllConnections();
  server.close();
  rmSync(folder, { recursive: true });
});

/** Two platforms whose mail is not there: `asked` is asked over HTTP, `silent` over its own IMAP. */
const config = (secret: string) =>
  parseConfig(
    join(folder, 'causeway.yaml'),
    `data: .
listen: { imap: { host: 127.0.0.1, port: 0 } }
platforms:
  asked:
    imap: { host: 127.0.0.1, port: 1, tls: plain, trustedNetwork: true }
    lmtp: { host: 127.0.0.1, port: 2 }
    entrances: [{ kind: replay }]
    sentinel: { login: sentinel@example, passwordFile: ${secret} }
    verifier: { kind: http, url: "http://127.0.0.1:${(server.address() as AddressInfo).port}/", trustedNetwork: true }
  silent:
    imap: { host: 127.0.0.1, port: 3, tls: plain, trustedNetwork: true }
    lmtp: { host: 127.0.0.1, port: 4 }
    entrances: [{ kind: replay }]
`,
  );

test('each platform is asked by its own verifier', async () => {
  const ask = verifiersOf(config('right'), systemClock);
  const { signal } = new AbortController();
  expect(await ask('asked', 'ann@example', 'right', signal)).toBe('accepted');
  expect(await ask('asked', 'ann@example', 'else', signal)).toBe('refused');
  await expect(ask('silent', 'ann@example', 'right', signal)).rejects.toMatchObject({ code: 'unavailable', place: '127.0.0.1:3' });
});

test('check proves the verifier with the sentinel', async () => {
  const found = async (secret: string) => (await check(config(secret), systemClock)).filter(({ what }) => what.endsWith('verifier'));
  expect(await found('right')).toEqual([
    { what: 'asked: http verifier', well: true, seen: "accepts sentinel@example's password" },
    { what: 'silent: imap verifier', well: true, seen: 'not tried: the platform has no sentinel in the configuration' },
  ]);
  expect((await found('wrong'))[0]).toEqual({ what: 'asked: http verifier', well: false, seen: "refuses sentinel@example's password" });
});
