import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Config } from './load.ts';
import { parseConfig } from './load.ts';

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'causeway-config-'));
  writeFileSync(join(folder, 'key'), 'the key\n', { mode: 0o600 });
  writeFileSync(join(folder, 'long'), `${'0'.repeat(64)}\n`, { mode: 0o600 });
});
afterAll(() => rmSync(folder, { recursive: true }));

const listening = (listen: unknown): Config['listen'] =>
  parseConfig(
    join(folder, 'causeway.yaml'),
    JSON.stringify({
      listen,
      platforms: { old: { imap: { host: '127.0.0.1', port: 1, tls: 'plain', trustedNetwork: true }, lmtp: { host: '127.0.0.1', port: 2 }, entrances: [{ kind: 'replay' }] } },
    }),
  ).listen;

const IMAP = { host: '10.0.0.1', port: 143 };
const AUTH_HTTP = { host: '127.0.0.1', port: 9000, keyFile: 'key', backends: { old: { imap: IMAP } } };

test('what is right', () => {
  expect(listening({ sasl: { path: 'auth', mode: '0660', group: 'postfix' } }).sasl).toEqual({ path: join(folder, 'auth'), mode: 0o660, group: 'postfix' });
  expect(listening({ sasl: { path: '/run/auth' } }).sasl).toEqual({ path: '/run/auth', mode: 0o660 });
  expect(listening({ sasl: { host: '127.0.0.1', port: 0 } }).sasl).toEqual({ host: '127.0.0.1', port: 0, trustedNetwork: false });
  expect(listening({ sasl: { host: '10.0.0.1', port: 5, trustedNetwork: true } }).sasl).toMatchObject({ host: '10.0.0.1' });
  const { authHttp } = listening({ authHttp: AUTH_HTTP });
  expect(authHttp).toMatchObject({ host: '127.0.0.1', moves: 'refused', backends: { old: { imap: IMAP } } });
  expect(authHttp!.key.reveal()).toBe('the key');
});

test('what speaks HTTP', () => {
  const { api, selfcare } = listening({ api: { host: '10.0.0.1', port: 0, callers: { billing: { tokenFile: 'long' } } }, selfcare: { host: '127.0.0.1', port: 0, tls: false, proxy: { from: ['127.0.0.1'] }, url: 'https://password.isp.example' } });
  expect(api).toMatchObject({ tls: true, trustedNetwork: false });
  expect(api!.callers['billing']!.token.reveal()).toBe('0'.repeat(64));
  expect(selfcare).toMatchObject({ tls: false, url: 'https://password.isp.example' });
});

test.each([
  ['secrets over an open network', { sasl: { host: '10.0.0.1', port: 5 } }, /passwords would cross the network in clear/],
  ['the same of nginx', { authHttp: { ...AUTH_HTTP, host: '0.0.0.0' } }, /passwords would cross the network in clear/],
  ['a socket for everybody', { sasl: { path: 'auth', mode: '0666' } }, /a mode such as "0660"/],
  ['a group with a slash', { sasl: { path: 'auth', group: '../x' } }, /the name of a group/],
  ['no key', { authHttp: { ...AUTH_HTTP, keyFile: undefined } }, /keyFile/],
  ['a platform that is not there', { authHttp: { ...AUTH_HTTP, backends: { odl: { imap: IMAP } } } }, /expected one of old, found the unknown platform odl/],
  ['a short token', { api: { host: '127.0.0.1', port: 1, callers: { billing: { tokenFile: 'key' } } } }, /a token of 32 characters/],
  ['an API in clear', { api: { host: '10.0.0.1', port: 1, tls: false, callers: { billing: { tokenFile: 'long' } } } }, /passwords would cross the network in clear/],
  ['an API for nobody', { api: { host: '127.0.0.1', port: 1, callers: {} } }, /at least one caller/],
  ['a URL with a path', { selfcare: { host: '127.0.0.1', port: 1, url: 'https://isp.example/password' } }, /without a path/],
  ['a host name for nginx', { authHttp: { ...AUTH_HTTP, backends: { old: { imap: { host: 'imap.isp.example', port: 143 } } } } }, /an IP address: nginx takes no host name here/],
])('a mistake: %s', (_, listen, expected) => {
  expect(() => listening(listen)).toThrow(expected);
});
