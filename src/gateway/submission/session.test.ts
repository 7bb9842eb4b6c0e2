import { expect, test } from 'vitest';
import { settle } from '../peers.testing.ts';
import { inSession, stateOf } from '../session.testing.ts';
import { createSubmissionSession } from './session.ts';

const setUp = (setting: { ahead?: string; frozen?: boolean } = {}) => inSession(createSubmissionSession, { ...setting, capabilities: new Set(['PIPELINING']) });

/** As far as into a message. */
async function sending(world: Awaited<ReturnType<typeof setUp>>): Promise<void> {
  world.client.send('MAIL FROM:<a@b>\r\nRCPT TO:<c@d>\r\nDATA\r\n');
  await world.platform.sees('DATA\r\n');
  world.platform.send('250 ok\r\n250 ok\r\n354 go\r\n');
  await world.client.sees('354 go\r\n');
  world.client.send('one\r\n');
  await world.platform.sees('one\r\n');
}

test('a message of some megabytes passes byte for byte, the commands sent ahead included', async () => {
  const { client, platform, session } = await setUp({ ahead: 'MAIL FROM:<a@b>\r\nRCPT TO:<c@d>\r\nDATA\r\n' });
  await platform.sees('MAIL FROM:<a@b>\r\nRCPT TO:<c@d>\r\nDATA\r\n');
  platform.send('250 ok\r\n250 ok\r\n354 go\r\n');
  await client.sees('354 go\r\n');
  const message = `${'..a line of text\r\n'.repeat(200_000)}.\r\n`;
  client.send(message);
  expect(await platform.sees('\r\n.\r\n')).toHaveLength(message.length);
  platform.send('250 2.0.0 taken\r\n');
  await client.sees('250 2.0.0 taken\r\n');
  client.send('QUIT\r\n');
  await platform.sees('QUIT\r\n');
  platform.send('221 bye\r\n');
  platform.socket.end();
  await client.ended();
  await session.closed;
  expect(client.all()).toMatch(/221 bye\r\n$/);
});

test('ended between commands: 421 to the client, QUIT to the platform', async () => {
  const { client, platform, session } = await setUp();
  client.send('MAIL FROM:<a@b>\r\n');
  await platform.sees('MAIL FROM:<a@b>\r\n');
  platform.send('250 ok\r\n');
  await client.sees('250 ok\r\n');
  session.end('Going down.');
  await client.sees('421 4.3.2 Going down.\r\n');
  await platform.sees('QUIT\r\n');
  platform.socket.end();
  await session.closed;
});

test('ended inside a message: not before its answer has been told', async () => {
  const world = await setUp();
  const { client, platform, session, clock } = world;
  await sending(world);
  session.end('Going down.');
  client.send('two\r\n.\r\nMAIL FROM:<a@b>\r\nRCPT TO:<c@d>\r\nDATA\r\n'); // the next one does not put it off
  await platform.sees('two\r\n.\r\n');
  clock.advance(60_000); // it filters
  await settle();
  expect(client.all()).not.toContain('421');
  platform.send('250 2.0.0 taken\r\n');
  await client.sees('250 2.0.0 taken\r\n421 4.3.2 Going down.\r\n');
  await platform.sees('QUIT\r\n');
  expect(platform.all()).toMatch(/two\r\n\.\r\nQUIT\r\n$/);
});

test('a client that goes inside a message: the platform gets no end of it', async () => {
  const world = await setUp();
  await sending(world);
  world.client.socket.destroy();
  await world.platform.ended();
  expect(world.platform.all()).toMatch(/DATA\r\none\r\n$/);
});

test('smuggling: a line end that only some servers see ends the session before it is passed on', async () => {
  const world = await setUp();
  await sending(world);
  world.client.send('two\n.\nXCLIENT LOGIN=jane\r\n');
  await world.client.sees('421 4.3.2 Cannot go on');
  await world.platform.ended();
  expect(world.platform.all()).not.toMatch(/XCLIENT|\n\.\n/);
});

test('a platform that is lost: 421, also inside a message', async () => {
  const world = await setUp();
  await sending(world);
  world.platform.socket.destroy();
  await world.client.sees('421 4.3.2 The connection');
});

test('where copies are written: frozen when the message is answered, then cut', async () => {
  const world = await setUp();
  await sending(world);
  const frozen = world.session.freeze();
  world.client.send('two\r\n.\r\nMAIL FROM:<a@b>\r\n');
  await world.platform.sees('two\r\n.\r\n');
  expect(await stateOf(frozen)).toBe('pending');
  await expect(world.session.cut()).rejects.toMatchObject({ code: 'conflict' });
  world.platform.send('250 taken\r\n');
  await frozen;
  const cut = world.session.cut();
  await world.client.sees('250 taken\r\n421 4.3.2 This connection is over. Please connect again.\r\n');
  await world.platform.sees('QUIT\r\n');
  world.platform.socket.end();
  await cut;
  expect(world.platform.all().split('MAIL')).toHaveLength(2);
});
