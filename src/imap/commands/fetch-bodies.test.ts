import { expect, test } from 'vitest';
import { createManualClock } from '#events/manual-clock.testing.ts';
import type { ImapConnection } from '../connect.ts';
import { collect, converse, failureOf } from '../scripted-server.testing.ts';

/** All bodies, as [uid, size, text]. */
async function bodies(connection: ImapConnection, uids: string): Promise<unknown[]> {
  const found: unknown[] = [];
  await connection.fetchBodies(uids, async ({ uid, size, body }) => {
    const entry: unknown[] = [uid, size];
    found.push(entry);
    entry.push(String(await collect(body)));
  });
  return found;
}

test('gives the bytes of each message, whatever else the server says between', async () => {
  await converse(
    (peer) =>
      peer.play(
        'C: A1 UID FETCH 1:9 (UID BODY.PEEK[])',
        'S: * 4 FETCH (FLAGS (\\Seen))',
        'S: * 1 FETCH (UID 1 BODY[] {5}',
        'S: a)',
        'S: b FLAGS (\\Seen))',
        'S: * 9 EXISTS',
        'S: * 2 FETCH (FLAGS ("UID 5 BODY[] ") UID 2 BODY[] {0}',
        'S: )',
        'S: * 3 FETCH (UID 3 BODY[] "quoted \\"x")',
        'S: * 3 FETCH (UID 3 BODY[] {4}',
        'S: more)',
        'S: A1 OK',
      ),
    async (connection) => {
      expect(await bodies(connection, '1:9')).toEqual([
        [1, 5, 'a)\r\nb'],
        [2, 0, ''],
        [3, 9, 'quoted "x'],
      ]);
    },
  );
});

test('a UID that comes after the body still names it', async () => {
  await converse(
    (peer) =>
      peer.play(
        'C: A1 UID FETCH 1:2 (UID BODY.PEEK[])',
        'S: * 1 FETCH (BODY[] {2}',
        'S: ab UID 1)',
        'S: * 2 FETCH (BODY[] {2}',
        'S: cd UID 2)',
        'S: A1 OK',
        'C: A2 UID FETCH 7 (UID BODY.PEEK[])',
        'S: * 3 FETCH (BODY[] {2}',
        'S: ef UID 7)',
        'S: A2 OK',
        'C: A3 UID FETCH 7 (UID BODY.PEEK[])',
        'S: * 3 FETCH (BODY[] {2}',
        'S: gh UID 8)',
      ),
    async (connection) => {
      expect(await bodies(connection, '1:2')).toEqual([[1, 2, 'ab'], [2, 2, 'cd']]);
      expect(await bodies(connection, '7')).toEqual([[7, 2, 'ef']]);
      expect(await failureOf(bodies(connection, '7'))).toMatchObject({ code: 'protocol' });
    },
  );
});

test('a message without bytes is reported', async () => {
  const answers = ['S: * 1 FETCH (UID 1 BODY[] NIL)', 'S: * 2 FETCH (UID 2 BODY[] {1}', 'S: x)'];
  await converse(
    (peer) => peer.play('C: A1 UID FETCH 1:2 (UID BODY.PEEK[])', ...answers, 'S: A1 OK', 'C: A2 UID FETCH 1:2 (UID BODY.PEEK[])', ...answers, 'S: A2 OK'),
    async (connection) => {
      expect(await failureOf(bodies(connection, '1:2'))).toMatchObject({ code: 'refused', message: 'the server has no bytes for UID 1' });
      const missing: number[] = [];
      await connection.fetchBodies('1:2', async ({ body }) => void (await collect(body)), { onMissing: (uid) => missing.push(uid) });
      expect(missing).toEqual([1]);
    },
  );
});

test('two fetches in flight get their own bodies', async () => {
  await converse(
    async (peer) => {
      await peer.line();
      await peer.line();
      await peer.play('S: * 2 FETCH (UID 2 BODY[] {1}', 'S: b)', 'S: A2 OK', 'S: * 1 FETCH (UID 1 BODY[] {1}', 'S: a)', 'S: A1 OK');
    },
    async (connection) => {
      expect(await Promise.all([bodies(connection, '1'), bodies(connection, '2')])).toEqual([[[1, 1, 'a']], [[2, 1, 'b']]]);
    },
  );
});

test('a slow consumer holds the server back, costs a bounded memory, and is no silence', async () => {
  const size = 64 * 1024 * 1024;
  const clock = createManualClock();
  let read = 0;
  let sent = 0;
  const go = Promise.withResolvers<void>();
  await converse(
    async (peer) => {
      await peer.line();
      peer.send(`* 1 FETCH (UID 1 BODY[] {${size}}\r\n`);
      const chunk = Buffer.alloc(65_536);
      let held = false;
      while (sent < size) {
        sent += chunk.length;
        if (peer.socket.write(chunk)) continue;
        const drained = new Promise((resolve) => {
          peer.socket.once('drain', resolve);
        });
        if (!held) {
          // Nothing is read: the kernel's buffers fill, and then this socket's.
          for (let turn = 0; turn < 200 && peer.socket.writableNeedDrain; turn += 1) await new Promise(setImmediate);
          if (peer.socket.writableNeedDrain) {
            held = true;
            expect(sent).toBeLessThan(size / 2);
            expect(read).toBeLessThanOrEqual(65_536);
            clock.advance(1_000_000);
            await new Promise(setImmediate);
            go.resolve();
          }
        }
        await drained;
      }
      expect(held).toBe(true);
      await peer.play('S: )', 'S: A1 OK');
    },
    async (connection) => {
      await connection.fetchBodies('1', async ({ body }) => {
        for await (const chunk of body) {
          read += chunk.length;
          await go.promise;
          if (read - size / 2 < chunk.length && read >= size / 2) expect(sent - read).toBeLessThan(size / 2);
        }
      });
      expect(read).toBe(size);
    },
    { clock },
  );
});

test('no more consumers are unfinished than told', async () => {
  await converse(
    async (peer) => {
      await peer.line();
      for (let uid = 1; uid <= 20; uid += 1) peer.send(`* ${uid} FETCH (UID ${uid} BODY[] {${uid % 2}}\r\n${'x'.repeat(uid % 2)})\r\n`);
      await peer.play('S: A1 OK');
    },
    async (connection) => {
      let now = 0;
      let most = 0;
      let all = 0;
      await connection.fetchBodies(
        '1:20',
        async ({ body }) => {
          now += 1;
          most = Math.max(most, now);
          await collect(body);
          for (let turn = 0; turn < 3; turn += 1) await new Promise(setImmediate);
          now -= 1;
          all += 1;
        },
        { pending: 4 },
      );
      expect([most, all]).toEqual([4, 20]);
    },
  );
});

test('a consumer that throws rejects the call; the connection goes on', async () => {
  const full = new Error('disk full');
  await converse(
    (peer) =>
      peer.play(
        'C: A1 UID FETCH 1:3 (UID BODY.PEEK[])',
        'S: * 1 FETCH (UID 1 BODY[] {2}',
        'S: ab)',
        'S: * 2 FETCH (UID 2 BODY[] {2}',
        'S: cd)',
        'S: * 3 FETCH (UID 3 BODY[] {2}',
        'S: ef)',
        'S: A1 OK',
        'C: A2 NOOP',
        'S: A2 OK',
      ),
    async (connection) => {
      let calls = 0;
      const failed = failureOf(
        connection.fetchBodies('1:3', async () => {
          calls += 1;
          throw full;
        }),
      );
      expect(await failed).toBe(full);
      await connection.noop();
      expect(calls).toBe(1);
    },
  );
});

test('a consumer that stops early lets the rest go by', async () => {
  await converse(
    (peer) => peer.play('C: A1 UID FETCH 1:2 (UID BODY.PEEK[])', 'S: * 1 FETCH (UID 1 BODY[] {2}', 'S: ab)', 'S: * 2 FETCH (UID 2 BODY[] {2}', 'S: cd)', 'S: A1 OK'),
    async (connection) => {
      const uids: number[] = [];
      await connection.fetchBodies('1:2', async ({ uid, body }) => {
        uids.push(uid);
        for await (const _ of body) break;
      });
      expect(uids).toEqual([1, 2]);
    },
  );
});

test('a connection that breaks in a body ends the body with the error, never short', async () => {
  await converse(
    async (peer) => {
      await peer.line();
      peer.send('* 1 FETCH (UID 1 BODY[] {10}\r\nabc');
      peer.socket.end();
    },
    async (connection) => {
      let seen: unknown;
      const failed = await failureOf(
        connection.fetchBodies('1', async ({ body }) => {
          seen = await failureOf(collect(body));
        }),
      );
      expect(failed).toMatchObject({ code: 'unavailable' });
      expect(seen).toBe(failed);
    },
  );
});

test('small messages come whole and in turn, larger ones are streamed; a promise holds the next one back', async () => {
  const order: string[] = [];
  const gate = Promise.withResolvers<void>();
  await converse(
    (peer) =>
      peer.play(
        'C: A1 UID FETCH 1:4 (UID BODY.PEEK[])',
        'S: * 1 FETCH (UID 1 BODY[] {2}',
        'S: ab)',
        'S: * 2 FETCH (UID 2 BODY[] {5}',
        'S: large)',
        'S: * 1 FETCH (UID 1 BODY[] {2}',
        'S: ab)',
        'S: * 3 FETCH (BODY[] {2}',
        'S: cd UID 3)',
        'S: A1 OK',
      ),
    async (connection) => {
      const done = connection.fetchBodies(
        '1:4',
        async ({ uid, body }) => {
          order.push(`${uid} streamed`);
          expect(String(await collect(body))).toBe('large');
        },
        {
          whole: {
            below: 5,
            take(uid, bytes) {
              order.push(`${uid} whole ${String(bytes)}`);
              return uid === 1 ? gate.promise : undefined;
            },
          },
        },
      );
      await expect.poll(() => order.length, { interval: 5 }).toBe(1);
      await new Promise((resolve) => setTimeout(resolve, 20));
      expect(order).toEqual(['1 whole ab']);
      gate.resolve();
      await done;
      expect(order).toEqual(['1 whole ab', '2 streamed', '3 whole cd']);
    },
  );
});

test('what the taker of whole messages throws is what the call rejects with', async () => {
  await converse(
    (peer) => peer.play('C: A1 UID FETCH 1:2 (UID BODY.PEEK[])', 'S: * 1 FETCH (UID 1 BODY[] {2}', 'S: ab)', 'S: * 2 FETCH (UID 2 BODY[] {2}', 'S: cd)', 'S: A1 OK'),
    async (connection) => {
      const take = (uid: number): void => {
        if (uid === 1) throw new Error('no room');
        throw new Error('called again');
      };
      await expect(connection.fetchBodies('1:2', async () => {}, { whole: { below: 5, take } })).rejects.toThrow('no room');
    },
  );
});
