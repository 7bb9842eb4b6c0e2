import { createServer, type Server } from 'node:net';
import { once } from 'node:events';
import { afterEach, expect, test } from 'vitest';
import type { Config } from '#config/index.ts';
import { choosePorts } from './ports.ts';

const taken: Server[] = [];
afterEach(() => {
  for (const server of taken.splice(0)) server.close();
});

async function occupy(port: number): Promise<void> {
  const server = createServer().listen(port, '127.0.0.1');
  taken.push(server);
  await once(server, 'listening');
}

const any = { host: '127.0.0.1', port: 0 };
const listening = (listen: Partial<Config['listen']>): Config => ({ listen }) as Config;

test('free ports are different ones, and none of those that the system gives to connections', async () => {
  const { imap, imaps, lmtp } = await choosePorts(listening({ imap: any, imaps: any, lmtp: any }), {});
  expect(new Set([imap, imaps, lmtp]).size).toBe(3);
  for (const port of [imap, imaps, lmtp]) expect(port).toSatisfy((each: number) => each >= 10_000 && each < 20_000);
});

test('an instance that comes back has the ports that it had, but for those that were taken meanwhile', async () => {
  const before = await choosePorts(listening({ imap: any, imaps: any }), {});
  expect(await choosePorts(listening({ imap: any, imaps: any }), before)).toEqual(before);
  await occupy(before.imap!);
  const after = await choosePorts(listening({ imap: any, imaps: any }), before);
  expect(after.imaps).toBe(before.imaps);
  expect([before.imap, before.imaps]).not.toContain(after.imap);
});

test('a port that the configuration names is that one, or is told', async () => {
  const { imap: port } = await choosePorts(listening({ imap: any }), {});
  expect(await choosePorts(listening({ imap: { ...any, port: port! } }), {})).toEqual({ imap: port });
  await occupy(port!);
  await expect(choosePorts(listening({ imap: { ...any, port: port! } }), {})).rejects.toMatchObject({ place: `127.0.0.1:${port}` });
});
