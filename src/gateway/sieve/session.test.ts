import { expect, test } from 'vitest';
import { settle } from '../peers.testing.ts';
import { inSession, stateOf } from '../session.testing.ts';
import { createSieveSession } from './session.ts';

const setUp = (setting: { ahead?: string; frozen?: boolean } = {}) => inSession(createSieveSession, setting);

const SCRIPT = 'keep;\r\n'.repeat(20_000);
const PUT = `PUTSCRIPT "a" {${SCRIPT.length}+}\r\n${SCRIPT}\r\n`;

test('bytes pass both ways to the end, those sent ahead included', async () => {
  const { client, platform, session } = await setUp({ ahead: PUT });
  await platform.sees(PUT);
  platform.send('OK "Stored."\r\n');
  client.send('GETSCRIPT "a"\r\n');
  await platform.sees('GETSCRIPT "a"\r\n');
  platform.send(`{${SCRIPT.length}}\r\n${SCRIPT}\r\nOK\r\n`);
  await client.sees(`OK "Stored."\r\n{${SCRIPT.length}}\r\n${SCRIPT}\r\nOK\r\n`);
  client.send('LOGOUT\r\n');
  await platform.sees('LOGOUT\r\n');
  platform.send('OK\r\n');
  platform.socket.end();
  await client.ended();
  await session.closed;
  expect(client.all()).toMatch(/OK\r\nOK\r\n$/);
});

test('frozen at a boundary, cut with LOGOUT to the platform, and what waited is dropped', async () => {
  const { session, client, platform } = await setUp();
  client.send('PUTSCRIPT "a" {5+}\r\n');
  await platform.sees('{5+}\r\n');
  const frozen = session.freeze();
  client.send('keep;\r\nSETACTIVE "a"\r\n');
  await platform.sees('keep;\r\n');
  expect(await stateOf(frozen)).toBe('pending');
  await expect(session.cut()).rejects.toMatchObject({ code: 'conflict' });
  platform.send('OK\r\n');
  await frozen;
  const cut = session.cut();
  await client.sees('OK\r\nBYE (TRYLATER) "This connection is over. Please connect again."\r\n');
  await platform.sees('LOGOUT\r\n');
  platform.socket.end();
  await cut;
  expect(platform.all()).toBe('PUTSCRIPT "a" {5+}\r\nkeep;\r\nLOGOUT\r\n');
});

test('thawed, nobody noticed; a session that comes up frozen waits', async () => {
  const { session, client, platform } = await setUp({ ahead: 'LISTSCRIPTS\r\n', frozen: true });
  await settle();
  expect(platform.all()).toBe('');
  session.thaw();
  await platform.sees('LISTSCRIPTS\r\n');
  platform.send('OK\r\n');
  await client.sees('OK\r\n');
});

test('a client that goes within a script: the platform gets no command of ours in it', async () => {
  const { session, client, platform } = await setUp();
  client.send('PUTSCRIPT "a" {50+}\r\nkeep');
  await platform.sees('keep');
  client.socket.destroy();
  await platform.ended();
  platform.socket.end();
  await session.closed;
  expect(platform.all()).toBe('PUTSCRIPT "a" {50+}\r\nkeep');
});

test('a platform that is lost, one that says what it may not, one that says goodbye, one that does not end', async () => {
  const lost = await setUp();
  lost.platform.socket.destroy();
  await lost.client.sees('BYE (TRYLATER) "The connection to the mail store was lost.');
  const hostile = await setUp();
  hostile.platform.send('OK "surprise"\r\n');
  await hostile.client.sees('BYE (TRYLATER) "The connection to the mail store was lost.');
  await hostile.client.ended();
  expect(hostile.client.all()).not.toContain('surprise');
  const idle = await setUp();
  idle.platform.send('BYE "Idle for too long"\r\n');
  idle.platform.socket.end();
  await idle.client.ended();
  expect(idle.client.all()).toBe('BYE "Idle for too long"\r\n');
  const silent = await setUp();
  await silent.session.freeze();
  const cut = silent.session.cut();
  await silent.platform.sees('LOGOUT\r\n');
  silent.clock.advance(1_500);
  await cut;
});

test('a line of a gigabyte; a client that does not read stops the platform, and memory stays bounded', async () => {
  const long = await setUp();
  for (let n = 0; n < 64; n += 1) long.client.send('x'.repeat(65_536));
  await long.client.sees('BYE (TRYLATER) "Cannot go on');
  const { client, platform, near } = await setUp();
  client.send('GETSCRIPT "a"\r\n');
  await platform.sees('GETSCRIPT "a"\r\n');
  client.socket.pause();
  platform.send('{1000000000}\r\n');
  const chunk = Buffer.alloc(1024 * 1024, 'x');
  for (let taken = 0; taken < 200 && platform.socket.write(chunk); taken += 1) await settle();
  await settle();
  expect(near.writableLength).toBeLessThan(4 * 1024 * 1024);
});
