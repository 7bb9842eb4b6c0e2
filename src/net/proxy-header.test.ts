import { once } from 'node:events';
import { expect, test } from 'vitest';
import { connection, settle } from '#gateway/peers.testing.ts';
import { takeProxyHeader } from './proxy-header.ts';

const HEADER = 'PROXY TCP4 192.0.2.7 203.0.113.9 54321 993\r\n';
const never = new AbortController().signal;

test('what follows the header is there for the next reader, wherever the network cut it', async () => {
  for (const at of [1, 5, 20, HEADER.length, HEADER.length + 3]) {
    const { near, far } = await connection();
    const taken = takeProxyHeader(near, never);
    const text = `${HEADER}a LOGIN joe`;
    far.send(text.slice(0, at));
    await settle();
    far.send(text.slice(at));
    expect(await taken).toEqual({ address: '192.0.2.7', port: 54321 });
    expect(near.isPaused()).toBe(true);
    let seen = '';
    near.on('data', (chunk: Buffer) => (seen += chunk.toString()));
    near.resume();
    far.socket.end();
    await once(near, 'end');
    expect(seen).toBe('a LOGIN joe');
    near.destroy();
  }
});

test('the proxy itself: no address', async () => {
  const { near, far } = await connection();
  far.send('PROXY UNKNOWN\r\n');
  expect(await takeProxyHeader(near, never)).toBeUndefined();
  near.destroy();
});

test.each([
  ['garbage', 'protocol', (far) => far.send('a LOGIN joe pw\r\n')],
  ['a line without an end', 'limit', (far) => far.send(`PROXY UNKNOWN ${'x'.repeat(200)}`)],
  ['an end', 'aborted', (far) => (far.send('PROXY TCP4'), far.socket.end())],
  ['a reset', 'aborted', (far) => far.socket.resetAndDestroy()],
] as [string, string, (far: Awaited<ReturnType<typeof connection>>['far']) => unknown][])('%s is no header', async (_, code, act) => {
  const { near, far } = await connection();
  near.on('error', () => {});
  const taken = takeProxyHeader(near, never);
  act(far);
  await expect(taken).rejects.toMatchObject({ code });
  near.destroy();
});

test('the time ends the wait', async () => {
  const { near, far } = await connection();
  const time = new AbortController();
  const taken = takeProxyHeader(near, time.signal);
  far.send('PROXY TCP4');
  await settle();
  time.abort();
  await expect(taken).rejects.toMatchObject({ code: 'aborted', message: 'no PROXY header in time' });
  near.destroy();
});
