import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { settle } from '../peers.testing.ts';
import { inSession, stateOf } from '../session.testing.ts';
import { LINE_LIMIT } from './client-framer.ts';
import { actAsPlatform } from './platform.testing.ts';
import { createImapSession } from './session.ts';

const CAPABILITIES = new Set(['IMAP4REV1', 'IDLE', 'LITERAL+']);

const setUp = ({ ahead = '' } = {}) => inSession(createImapSession, { ahead, capabilities: CAPABILITIES });

test('bytes pass both ways, also those sent ahead of the session', async () => {
  const { client, platform } = await setUp({ ahead: 'a NOOP\r\n' });
  await platform.sees('a NOOP\r\n');
  platform.send('a OK done\r\n');
  await client.sees('a OK done\r\n');
  client.send('b LOGOUT\r\n');
  await platform.sees('b LOGOUT\r\n');
  platform.send('* BYE\r\nb OK\r\n');
  platform.socket.end();
  await client.ended();
  expect(client.all()).toBe('a OK done\r\n* BYE\r\nb OK\r\n');
});

test('freeze between commands is quiet at once; cut says BYE, logs out and waits for the end', async () => {
  const { session, client, platform, closed } = await setUp();
  await session.freeze();
  client.send('a STORE 1 +FLAGS (x)\r\n');
  const cut = session.cut();
  await client.sees('* BYE This connection is over. Please connect again.\r\n');
  await platform.sees('LOGOUT\r\n');
  expect([await stateOf(cut), closed()]).toEqual(['pending', false]);
  platform.send('* BYE\r\nBYE1 OK\r\n');
  platform.socket.end();
  await cut;
  expect(closed()).toBe(true);
  expect(platform.all()).toBe('BYE1 LOGOUT\r\n');
  expect(client.all()).not.toContain('BYE1');
});

test('freeze waits for a command that runs, and thaw lets the next one go on', async () => {
  const { session, client, platform } = await setUp();
  client.send('a FETCH 1 BODY[]\r\n');
  await platform.sees('BODY[]\r\n');
  const frozen = session.freeze();
  client.send('b NOOP\r\n');
  platform.send('* 1 FETCH (BODY[] {6}\r\na OK\r\n');
  expect(await stateOf(frozen)).toBe('pending');
  await expect(session.cut()).rejects.toMatchObject({ code: 'conflict' });
  platform.send(')\r\na OK done\r\n');
  await frozen;
  await client.sees('a OK done\r\n');
  expect(platform.all()).not.toContain('NOOP');
  session.thaw();
  await platform.sees('b NOOP\r\n');
});

test('freeze lets a literal that has begun come to its end', async () => {
  const { session, client, platform } = await setUp();
  client.send('a APPEND x {5+}\r\nhe');
  await platform.sees('he');
  const frozen = session.freeze();
  client.send('llo\r\nb NOOP\r\n');
  await platform.sees('llo\r\n');
  expect(await stateOf(frozen)).toBe('pending');
  platform.send('a OK\r\n');
  await frozen;
  expect(platform.all()).toBe('a APPEND x {5+}\r\nhello\r\n');
});

test('freeze while a synchronising literal waits for the server; its refusal makes it quiet', async () => {
  const { session, client, platform } = await setUp();
  client.send('a APPEND x {5}\r\n');
  await platform.sees('{5}\r\n');
  const frozen = session.freeze();
  expect(await stateOf(frozen)).toBe('pending');
  platform.send('a NO [TRYCREATE] no\r\n');
  await frozen;
  client.send('b NOOP\r\n');
  await settle();
  expect(platform.all()).toBe('a APPEND x {5}\r\n');
});

test('an idling session is quiet, may still be told news, and is brought out of IDLE before LOGOUT', async () => {
  const { session, client, platform } = await setUp();
  client.send('a IDLE\r\n');
  await platform.sees('IDLE\r\n');
  const frozen = session.freeze();
  expect(await stateOf(frozen)).toBe('pending');
  platform.send('+ idling\r\n');
  await frozen;
  platform.send('* 7 EXISTS\r\n');
  await client.sees('* 7 EXISTS\r\n');
  const cut = session.cut();
  await platform.sees('DONE\r\n');
  await settle();
  expect(platform.all()).toBe('a IDLE\r\nDONE\r\n');
  platform.send('a OK\r\n');
  await platform.sees('BYE1 LOGOUT\r\n');
  platform.socket.end();
  await cut;
  await client.ended();
  expect(client.all()).toMatch(/EXISTS\r\n\* BYE [^\r]*\r\n$/);
});

test('a cut in the middle of a line of news waits for its end before it says BYE', async () => {
  const { session, client, platform, clock } = await setUp();
  client.send('a IDLE\r\n');
  await platform.sees('IDLE\r\n');
  platform.send('+ idling\r\n* LIST () "/" "long na');
  await client.sees('long na');
  await session.freeze();
  const cut = session.cut();
  await platform.sees('DONE\r\n');
  expect(client.all()).not.toContain('BYE');
  platform.send('me"\r\n');
  await client.sees('me"\r\n* BYE');
  clock.advance(1_500);
  await cut;
});

test('a platform that does not end after LOGOUT is cut off', async () => {
  const { session, platform, clock, closed } = await setUp();
  await session.freeze();
  const cut = session.cut();
  await platform.sees('LOGOUT\r\n');
  clock.advance(1_500);
  await cut;
  expect(closed()).toBe(true);
  await platform.ended();
});

test('given up: the client is told, in the middle of a command, and the platform gets no word more', async () => {
  const { session, client, platform } = await setUp();
  client.send('a FETCH 1:* BODY[]\r\n');
  await platform.sees('BODY[]\r\n');
  const frozen = session.freeze();
  client.send('b STORE 1 +FLAGS (x)\r\n');
  expect(await stateOf(frozen)).toBe('pending');
  session.abandon();
  await session.closed;
  await frozen;
  await client.ended();
  expect(client.all()).toBe('* BYE This connection is over. Please connect again.\r\n');
  await platform.ended();
  expect(platform.all()).toBe('a FETCH 1:* BODY[]\r\n');
});

test('a cut is not reported when the connection does not close', async () => {
  const { session, backend, platform, clock } = await setUp();
  backend.destroy = () => backend; // a handle that never closes
  await session.freeze();
  const cut = session.cut();
  await platform.sees('LOGOUT\r\n');
  clock.advance(5_000);
  await expect(cut).rejects.toMatchObject({ code: 'unavailable' });
});

test('a client that goes with a command running: closed only when the platform has ended', async () => {
  const { session, client, platform, closed } = await setUp();
  client.send('a COPY 1:* x\r\n');
  await platform.sees('COPY 1:* x\r\n');
  client.socket.destroy();
  await platform.sees('BYE1 LOGOUT\r\n');
  const frozen = session.freeze();
  expect([await stateOf(frozen), closed()]).toEqual(['pending', false]);
  platform.send('a OK\r\n* BYE\r\nBYE1 OK\r\n');
  platform.socket.end();
  await frozen;
  expect(closed()).toBe(true);
});

test('a client that goes inside a command: nothing follows it, not even LOGOUT', async () => {
  const { client, platform, session } = await setUp();
  client.send('a APPEND x {50+}\r\nhe');
  await platform.sees('he');
  client.socket.destroy();
  await platform.ended();
  expect(platform.all()).toBe('a APPEND x {50+}\r\nhe');
  platform.socket.end();
  await session.closed;
});

test('end says why; a lost platform is unavailable', async () => {
  const ended = await setUp();
  ended.session.end('Sign in again.');
  await ended.client.sees('* BYE Sign in again.\r\n');
  await ended.platform.sees('LOGOUT\r\n');
  const lost = await setUp();
  lost.platform.socket.destroy();
  await lost.client.sees('* BYE [UNAVAILABLE]');
  await lost.client.ended();
});

test('refused commands are answered between the lines of the platform', async () => {
  const { client, platform } = await setUp();
  client.send('a FETCH 1 BODY[]\r\n');
  await platform.sees('BODY[]\r\n');
  platform.send('* 1 FETCH (BODY[] {6}\r\nabc');
  await client.sees('abc');
  client.send('b COMPRESS DEFLATE\r\nc NOOP\r\n');
  await settle();
  platform.send('def)\r\n');
  await client.sees('def)\r\nb BAD Compression is not offered here.\r\n');
  await platform.sees('c NOOP\r\n');
  expect(platform.all()).not.toContain('COMPRESS');
});

test('an answer to a command that was never passed on ends the session', async () => {
  const { client, platform } = await setUp();
  platform.send('x OK you are someone else now\r\n');
  await client.sees('* BYE [UNAVAILABLE]');
});

test('a line without an end is cut off at its cap', async () => {
  const { client, platform } = await setUp();
  for (let n = 0; n < 64; n += 1) client.send('x'.repeat(LINE_LIMIT));
  await client.sees('* BYE Cannot go on');
  await platform.sees('LOGOUT\r\n');
  expect(platform.all()).toBe('BYE1 LOGOUT\r\n');
});

test('what a client sends while frozen stays in its socket beyond the cap', async () => {
  const { session, client, near } = await setUp();
  await session.freeze();
  const total = 8 * 1024 * 1024;
  client.send('a NOOP\r\n'.repeat(total / 8));
  await expect.poll(() => near.isPaused(), { interval: 5 }).toBe(true);
  await settle();
  await settle();
  expect(near.isPaused()).toBe(true);
  expect(near.bytesRead).toBeLessThan(total / 2);
});

test('a client that does not read stops the platform, and a platform that does not read stops the client', async () => {
  const slowClient = await setUp();
  slowClient.client.socket.pause();
  slowClient.client.send('a FETCH 1:* BODY[]\r\n');
  await slowClient.platform.sees('BODY[]\r\n');
  const total = 64 * 1024 * 1024;
  slowClient.platform.socket.write(`* 1 FETCH (BODY[] {${total}}\r\n`);
  slowClient.platform.socket.write(Buffer.alloc(total));
  for (let n = 0; n < 5; n += 1) await settle();
  expect(slowClient.near.writableLength).toBeLessThan(1024 * 1024);
  expect(slowClient.backend.bytesRead).toBeLessThan(total / 2);
  slowClient.client.socket.destroy();

  const slowPlatform = await setUp();
  slowPlatform.platform.socket.pause();
  slowPlatform.client.socket.write(`a APPEND x {${total}+}\r\n`);
  slowPlatform.client.socket.write(Buffer.alloc(total));
  for (let n = 0; n < 5; n += 1) await settle();
  expect(slowPlatform.backend.writableLength).toBeLessThan(1024 * 1024);
  expect(slowPlatform.near.bytesRead).toBeLessThan(total / 2);
  slowPlatform.client.socket.destroy();
  slowPlatform.backend.destroy();
});

const body = fc.uint8Array({ maxLength: 200 }).map((bytes) => Buffer.from(bytes).toString('latin1'));
const command = fc.oneof(
  fc.constant('NOOP\r\n'),
  fc.constant('IDLE\r\nDONE\r\n'),
  fc.tuple(body, fc.boolean()).map(([literal, open]) => `APPEND x {${literal.length}${open ? '+' : ''}}\r\n${literal}\r\n`),
);

test('property: frozen anywhere and cut, the platform ran whole commands, in order, from the first on', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(command, { minLength: 1, maxLength: 6 }), fc.array(fc.integer({ min: 1, max: 60 }), { minLength: 1 }), fc.nat({ max: 12 }), fc.boolean(), async (commands, cuts, freezeAt, thaw) => {
      const whole = commands.map((text, n) => `t${n} ${text}`);
      const all = whole.join('');
      const { session, client, platform, clock } = await setUp();
      const { ran } = actAsPlatform(platform);
      let frozen: Promise<void> | undefined;
      for (let at = 0, n = 0; at < all.length; n += 1) {
        if (n === freezeAt) frozen = session.freeze();
        const size = cuts[n % cuts.length] ?? 1;
        client.send(all.slice(at, at + size));
        at += size;
        if (n % 3 === 0) await new Promise(setImmediate);
      }
      frozen ??= session.freeze();
      await frozen;
      if (thaw) {
        session.thaw();
        await client.sees(`t${whole.length - 1} OK`);
        await session.freeze();
      }
      const cut = session.cut();
      await client.ended();
      clock.advance(1_500);
      await cut;
      await platform.ended();
      const expected = whole.map((text) => text.replace(/ IDLE\r\nDONE\r\n$/, ' IDLE DONE'));
      const done = ran.filter((text) => !text.startsWith('BYE1'));
      expect(done).toEqual(expected.slice(0, done.length));
      if (thaw) expect(done).toHaveLength(expected.length);
      const boundaries = whole.map((_, n) => whole.slice(0, n).join('')).concat(all);
      expect(boundaries).toContain(platform.all().replace(/BYE1 LOGOUT\r\n$/, ''));
      // Every tagged answer that the platform gave before the cut has reached the client.
      for (const [n] of done.entries()) if (!done[n]?.includes('IDLE')) expect(client.all()).toContain(`t${n} OK`);
      expect(client.all()).toMatch(/\r\n\* BYE [^\r\n]*\r\n$|^\* BYE [^\r\n]*\r\n$/);
    }),
    { numRuns: 60 },
  );
});
