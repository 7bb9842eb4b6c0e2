import { expect, test } from 'vitest';
import { CausewayError } from '#errors/index.ts';
import { createManualClock } from '#events/manual-clock.testing.ts';
import { responseCodeOf } from '../refusal.ts';
import { bodyOf, converse, failureOf } from '../scripted-server.testing.ts';
import { append } from './append.ts';

const message = (size: number) => ({ flags: ['\\Seen', '$Label1'], internalDate: '17-Jul-1996 02:44:25 -0700', size });

const plain = { greeting: '* OK [CAPABILITY IMAP4rev1] ready\r\n' };

test('appends are written in order, each as soon as the former is written', async () => {
  await converse(
    async (peer) => {
      await peer.play('C: A1 APPEND "&AOk-" (\\Seen $Label1) "17-Jul-1996 02:44:25 -0700" {5+}');
      expect(String(await peer.bytes(7))).toBe('a\r\nb\r\r\n');
      await peer.play('C: A2 APPEND "b" () {0+}', 'C: ');
      await peer.play('S: A1 OK [APPENDUID 9 4] done', 'S: A2 OK [APPENDUID zero none] done');
    },
    async (connection) => {
      const both = [
        connection.append('é', message(5), bodyOf('a\r', '\nb', '\r')),
        connection.append('b', { flags: [], internalDate: '', size: 0 }, bodyOf()),
      ];
      expect(await Promise.all(both)).toEqual([{ uidValidity: 9, uid: 4 }, undefined]);
    },
  );
});

test('without LITERAL+ the body waits for the +', async () => {
  await converse(
    async (peer) => {
      await peer.play('C: A1 APPEND "a" () {3}');
      expect(peer.unread()).toBe('');
      peer.send('+ ');
      peer.send('go on\r\n');
      expect(String(await peer.bytes(5))).toBe('abc\r\n');
      await peer.play('S: A1 OK');
    },
    async (connection) => {
      expect(await connection.append('a', { flags: [], internalDate: '', size: 3 }, bodyOf('abc'))).toBeUndefined();
    },
    plain,
  );
});

test.each(['A1 NO [TRYCREATE] no such mailbox', 'A1 BAD what?'])('%j instead of the + sends no body, and goes on', async (answer) => {
  let returned = false;
  async function* body(): AsyncIterable<Buffer> {
    try {
      yield Buffer.from('abc');
      yield Buffer.from('def');
    } finally {
      returned = true;
    }
  }
  await converse(
    (peer) => peer.play('C: A1 APPEND "a" () {6}', `S: ${answer}`, 'C: A2 NOOP', 'S: A2 OK'),
    async (connection) => {
      const error = await failureOf(connection.append('a', { flags: [], internalDate: '', size: 6 }, body()));
      expect(error).toMatchObject({ code: 'refused' });
      expect(responseCodeOf(error)).toBe(answer.includes('TRYCREATE') ? 'TRYCREATE' : undefined);
      await connection.noop();
      expect(returned).toBe(true);
    },
    plain,
  );
});

test('OK instead of the + is a breach: nothing was sent that could be stored', async () => {
  await converse(
    (peer) => peer.play('C: A1 APPEND "a" () {3}', 'S: A1 OK [APPENDUID 9 4] done'),
    async (connection) => {
      const error = await failureOf(connection.append('a', { flags: [], internalDate: '', size: 3 }, bodyOf('abc')));
      expect(error).toMatchObject({ code: 'protocol' });
    },
    plain,
  );
});

test.each([
  ['LITERAL+', 1024 * 1024, true],
  ['LITERAL+', 1024 * 1024 + 1, false],
  ['LITERAL-', 4096, true],
  ['LITERAL-', 4097, false],
])('%s lets %i bytes follow at once: %s', async (capability, size, follows) => {
  await converse(
    async (peer) => {
      await peer.play(`C: A1 APPEND "a" () {${size}${follows ? '+' : ''}}`);
      if (!follows) peer.send('+ go\r\n');
      await peer.bytes(size + 2);
      await peer.play('S: A1 OK');
    },
    async (connection) => {
      await connection.append('a', { flags: [], internalDate: '', size }, bodyOf(Buffer.alloc(size)));
    },
    { greeting: `* OK [CAPABILITY IMAP4rev1 ${capability}] ready\r\n` },
  );
});

test('a refusal in the middle of a literal that follows at once lets it be completed', async () => {
  await converse(
    async (peer) => {
      await peer.play('C: A1 APPEND "a" () {6+}');
      await peer.bytes(3);
      await peer.play('S: A1 NO [TOOBIG] no', 'S: * 1 EXISTS');
      expect(String(await peer.bytes(5))).toBe('def\r\n');
      await peer.play('C: A2 NOOP', 'S: A2 OK');
    },
    async (connection) => {
      const refused = Promise.withResolvers<void>();
      async function* body(): AsyncIterable<Buffer> {
        yield Buffer.from('abc');
        await refused.promise;
        yield Buffer.from('def');
      }
      const appended = connection.append('a', { flags: [], internalDate: '', size: 6 }, body());
      const noop = connection.run('NOOP');
      setImmediate(refused.resolve);
      expect(responseCodeOf(await failureOf(appended))).toBe('TOOBIG');
      await noop;
    },
  );
});

test.each([
  ['shorter', ['ab'], 'a body ended 1 bytes before its announced 3'],
  ['longer', ['abc', 'd'], 'a body is longer than its announced 3 bytes'],
  ['longer in one piece', ['abcd'], 'a body is longer than its announced 3 bytes'],
])('a body that is %s than announced ends the connection, and is not completed', async (_, pieces, text) => {
  await converse(
    async (peer) => {
      await peer.end();
      expect(peer.unread()).not.toContain('abc\r\n');
    },
    async (connection) => {
      const appended = failureOf(connection.append('a', { flags: [], internalDate: '', size: 3 }, bodyOf(...pieces)));
      const noop = failureOf(connection.noop());
      expect(await appended).toMatchObject({ code: 'internal', message: text });
      expect(await noop).toBeInstanceOf(CausewayError);
    },
  );
});

test('a source that fails midway ends the connection; before its first byte it costs only its own append', async () => {
  const broken = new Error('the source broke');
  async function* failing(...pieces: string[]): AsyncIterable<Buffer> {
    for (const piece of pieces) yield Buffer.from(piece);
    await new Promise(setImmediate);
    throw broken;
  }
  await converse(
    async (peer) => {
      await peer.play('C: A2 NOOP', 'S: A2 OK', 'C: A3 APPEND "a" () {6+}');
      await peer.end();
      expect(peer.unread()).toBe('abc');
    },
    async (connection) => {
      const m = { flags: [], internalDate: '', size: 6 };
      const first = failureOf(connection.append('a', m, failing()));
      await connection.noop();
      expect(await first).toBe(broken);
      const second = await failureOf(connection.append('a', m, failing('abc')));
      expect(second).toMatchObject({ code: 'aborted', cause: broken });
    },
  );
});

test('the fence is asked for each piece of a literal', async () => {
  let writes = 0;
  await converse(
    async (peer) => {
      await peer.end();
      expect(peer.unread().length).toBeLessThan(3 * 65_536);
    },
    async (connection) => {
      const size = 10 * 65_536;
      async function* body(): AsyncIterable<Buffer> {
        for (let sent = 0; sent < size; sent += 65_536) yield Buffer.alloc(65_536);
      }
      const error = await failureOf(connection.append('a', { flags: [], internalDate: '', size }, body()));
      expect(error).toMatchObject({ code: 'aborted', message: 'writing to the server was stopped' });
    },
    {
      beforeWrite() {
        writes += 1;
        if (writes > 2) throw new Error('no longer the owner');
      },
    },
  );
});

test('a slow source is not the server\'s silence; a slow upload is none while it moves', async () => {
  const clock = createManualClock();
  await converse(
    async (peer) => {
      await peer.play('C: A1 APPEND "a" () {6+}');
      await peer.bytes(8);
      await peer.play('S: A1 OK');
    },
    async (connection) => {
      async function* body(): AsyncIterable<Buffer> {
        yield Buffer.from('abc');
        await new Promise(setImmediate);
        clock.advance(1_000_000);
        await new Promise(setImmediate);
        yield Buffer.from('def');
      }
      await connection.append('a', { flags: [], internalDate: '', size: 6 }, body());
    },
    { clock },
  );
});

test('a server that does not read holds the source back', async () => {
  let given = 0;
  await converse(
    async (peer) => {
      await peer.play('C: A1 APPEND "a" () {104857600}');
      peer.socket.removeAllListeners('data');
      peer.socket.pause();
      peer.send('+ go\r\n');
      let before = -1;
      // Until a while passes in which nothing more is taken: the kernel's buffers and ours are full.
      for (let still = 0; still < 50; still = given === before ? still + 1 : 0) {
        before = given;
        await new Promise(setImmediate);
      }
      expect(given).toBeGreaterThan(0);
      expect(given).toBeLessThan(30 * 1024 * 1024);
      peer.socket.resume();
    },
    async (connection) => {
      async function* body(): AsyncIterable<Buffer> {
        const chunk = Buffer.alloc(65_536);
        for (let sent = 0; sent < 104_857_600; sent += chunk.length) {
          given = sent;
          yield chunk;
        }
      }
      const all = Promise.withResolvers<void>();
      async function* watched(): AsyncIterable<Buffer> {
        yield* body();
        all.resolve();
      }
      void connection.append('a', { flags: [], internalDate: '', size: 104_857_600 }, watched());
      await all.promise;
    },
  );
});

test('flags that no server could read are refused here', async () => {
  const engine = { command: () => expect.unreachable() } as unknown as Parameters<typeof append>[0];
  for (const flag of ['a b', '', '\\', 'a)', '"', 'é', '\\*', 'a\r\nb']) {
    expect(await failureOf(append(engine, 'a', { flags: [flag], internalDate: '', size: 0 }, bodyOf()))).toMatchObject({ code: 'input' });
  }
});

const whole = (text: string) => ({ flags: ['\\Seen'], internalDate: '', bytes: Buffer.from(text) });
const multi = { greeting: '* OK [CAPABILITY IMAP4rev1 LITERAL+ MULTIAPPEND] ready\r\n' };

test.each([
  ['7:9', [7, 8, 9]],
  ['7,9:10', [7, 9, 10]],
  ['7:8', undefined],
  ['9:7', undefined],
  ['1:4294967295', undefined],
  ['x', undefined],
])('several messages go by one command; its UIDs %j are %j', async (set, uids) => {
  await converse(
    async (peer) => {
      await peer.play('C: A1 APPEND "a" (\\Seen) {2+}', 'C: ab (\\Seen) {0+}', 'C:  (\\Seen) {1+}', 'C: c');
      peer.send(`A1 OK [APPENDUID 5 ${set}] done\r\n`);
    },
    async (connection) => {
      const appended = await connection.appendMany('a', [whole('ab'), whole(''), whole('c')]);
      expect(appended).toEqual(uids && { uidValidity: 5, uids });
    },
    multi,
  );
});

test('without MULTIAPPEND one message is taken, several are not', async () => {
  await converse(
    (peer) => peer.play('C: A1 APPEND "a" (\\Seen) {1+}', 'C: b', 'S: A1 OK [APPENDUID 5 3] done'),
    async (connection) => {
      expect(await failureOf(connection.appendMany('a', [whole('a'), whole('b')]))).toMatchObject({ code: 'refused' });
      expect(await connection.appendMany('a', [whole('b')])).toEqual({ uidValidity: 5, uids: [3] });
    },
  );
});

test('each literal of several waits for its +, and a NO in their midst ends the command', async () => {
  await converse(
    async (peer) => {
      await peer.play('C: A1 APPEND "a" (\\Seen) {1}', 'S: + go');
      await peer.play('C: a (\\Seen) {1}', 'S: A1 NO [TOOBIG] no', 'C: A2 NOOP', 'S: A2 OK');
    },
    async (connection) => {
      expect(responseCodeOf(await failureOf(connection.appendMany('a', [whole('a'), whole('b')])))).toBe('TOOBIG');
      await connection.noop();
    },
    { greeting: '* OK [CAPABILITY IMAP4rev1 MULTIAPPEND] ready\r\n' },
  );
});
