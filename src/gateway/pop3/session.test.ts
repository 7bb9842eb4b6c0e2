import { expect, test } from 'vitest';
import { settle } from '../peers.testing.ts';
import { inSession, stateOf } from '../session.testing.ts';
import { createPop3Session } from './session.ts';

const setUp = (setting: { ahead?: string; frozen?: boolean } = {}) => inSession(createPop3Session, { ...setting, capabilities: new Set(['PIPELINING']) });

test('bytes pass both ways to the end, those sent ahead included', async () => {
  const { client, platform, session } = await setUp({ ahead: 'STAT\r\nRETR 1\r\n' });
  await platform.sees('STAT\r\nRETR 1\r\n');
  platform.send('+OK 1 4\r\n+OK\r\n..a\r\n.\r\n');
  await client.sees('+OK 1 4\r\n+OK\r\n..a\r\n.\r\n');
  client.send('QUIT\r\n');
  await platform.sees('QUIT\r\n');
  platform.send('+OK bye\r\n');
  platform.socket.end();
  await client.ended();
  await session.closed;
  expect(client.all()).toBe('+OK 1 4\r\n+OK\r\n..a\r\n.\r\n+OK bye\r\n');
  expect(platform.all()).toBe('STAT\r\nRETR 1\r\nQUIT\r\n');
});

test('before RETR and DELE: frozen at a boundary, cut with QUIT to the platform, and what waited is dropped', async () => {
  const { session, client, platform, closed } = await setUp();
  client.send('LIST\r\n');
  await platform.sees('LIST\r\n');
  const frozen = session.freeze();
  client.send('RETR 1\r\n');
  platform.send('+OK\r\n1 4\r\n');
  expect(await stateOf(frozen)).toBe('pending');
  await expect(session.cut()).rejects.toMatchObject({ code: 'conflict' });
  platform.send('.\r\n');
  await frozen;
  const cut = session.cut();
  await client.sees('-ERR [SYS/TEMP] This connection is over. Please connect again.\r\n');
  await platform.sees('QUIT\r\n');
  expect(closed()).toBe(false);
  platform.send('+OK\r\n');
  platform.socket.end();
  await cut;
  expect(platform.all()).toBe('LIST\r\nQUIT\r\n');
});

test('thawed, nobody noticed; a session that comes up frozen waits', async () => {
  const { session, client, platform } = await setUp({ ahead: 'STAT\r\n', frozen: true });
  await settle();
  expect(platform.all()).toBe('');
  session.thaw();
  await platform.sees('STAT\r\n');
  platform.send('+OK 0 0\r\n');
  await client.sees('+OK 0 0\r\n');
});

test('after DELE a hold waits: commands go on, and QUIT ends it', async () => {
  const { session, client, platform } = await setUp();
  client.send('DELE 1\r\n');
  await platform.sees('DELE 1\r\n');
  platform.send('+OK\r\n');
  await client.sees('+OK\r\n');
  const frozen = session.freeze();
  expect(await stateOf(frozen)).toBe('pending');
  await expect(session.cut()).rejects.toMatchObject({ code: 'conflict' });
  client.send('DELE 2\r\nQUIT\r\n');
  await platform.sees('DELE 2\r\nQUIT\r\n');
  platform.send('+OK\r\n+OK\r\n');
  platform.socket.end();
  await frozen;
  await session.closed;
  expect(client.all()).toBe('+OK\r\n+OK\r\n+OK\r\n');
});

test('a client that goes after DELE deletes nothing: the platform sees no QUIT of ours', async () => {
  const { session, client, platform } = await setUp();
  client.send('DELE 1\r\n');
  await platform.sees('DELE 1\r\n');
  platform.send('+OK\r\n');
  await client.sees('+OK\r\n');
  client.socket.destroy();
  await platform.ended();
  platform.socket.end();
  await session.closed;
  expect(platform.all()).toBe('DELE 1\r\n');
});

test('a client that goes with its QUIT under way: the session lasts until the platform has done it', async () => {
  const { client, platform, clock, closed, session } = await setUp();
  client.send('DELE 1\r\nQUIT\r\n');
  await platform.sees('QUIT\r\n');
  client.socket.destroy();
  await settle();
  clock.advance(60_000);
  await settle();
  expect(closed()).toBe(false);
  platform.send('+OK\r\n+OK\r\n');
  platform.socket.end();
  await session.closed;
});

test('a platform that is lost, one that says what it may not, one that does not end', async () => {
  const lost = await setUp();
  lost.client.send('STAT\r\n');
  await lost.platform.sees('STAT\r\n');
  lost.platform.socket.destroy();
  await lost.client.sees('-ERR [SYS/TEMP] The connection to the mail store was lost.');
  const hostile = await setUp();
  hostile.platform.send('+OK surprise\r\n');
  await hostile.client.ended();
  expect(hostile.client.all()).not.toContain('surprise');
  const silent = await setUp();
  await silent.session.freeze();
  const cut = silent.session.cut();
  await silent.platform.sees('QUIT\r\n');
  silent.clock.advance(1_500);
  await cut;
});

test('given up after DELE: the platform gets no QUIT, which would delete', async () => {
  const { session, client, platform } = await setUp();
  client.send('DELE 1\r\n');
  await platform.sees('DELE 1\r\n');
  platform.send('+OK\r\n');
  await client.sees('+OK');
  session.abandon();
  await session.closed;
  await client.ended();
  await platform.ended();
  expect(platform.all()).toBe('DELE 1\r\n');
});

test('a line of a gigabyte, and silence', async () => {
  const long = await setUp();
  for (let n = 0; n < 64; n += 1) long.client.send('x'.repeat(65_536));
  await long.client.sees('-ERR [SYS/TEMP] Cannot go on');
  const ended = await setUp();
  ended.client.send('RETR 1\r\n');
  await ended.platform.sees('RETR 1\r\n');
  ended.platform.send('+OK\r\nhalf a mess');
  await ended.client.sees('half a mess');
  ended.session.end('The password of this account has changed.');
  ended.platform.send('age\r\n.\r\n');
  await ended.client.sees('half a message\r\n.\r\n'.slice('half a mess'.length));
  await ended.client.sees('-ERR [SYS/TEMP] The password of this account has changed.\r\n');
  expect(ended.platform.all()).toBe('RETR 1\r\n');
});

test('a client that does not read stops the platform, and memory stays bounded', async () => {
  const { client, platform, near } = await setUp();
  client.send('RETR 1\r\n');
  await platform.sees('RETR 1\r\n');
  client.socket.pause();
  platform.send('+OK\r\n');
  const chunk = Buffer.alloc(1024 * 1024, 'x');
  let taken = 0;
  for (; taken < 200 && platform.socket.write(chunk); taken += 1) await settle();
  await settle();
  expect(near.writableLength).toBeLessThan(4 * 1024 * 1024);
});
