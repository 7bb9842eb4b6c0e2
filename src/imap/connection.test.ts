import { expect, test } from 'vitest';
import { CausewayError } from '#errors/index.ts';
import { createManualClock } from '#events/manual-clock.testing.ts';
import { connect, type ImapConnection } from './connect.ts';
import { refusalOf, responseCodeOf } from './refusal.ts';
import { bodyOf, collect, converse, failureOf, GREETING, startServer, testOptions } from './scripted-server.testing.ts';

test('commands are pipelined, answers and data go to whom they belong', async () => {
  await converse(
    async (peer) => {
      await peer.play(
        'C: A1 NOOP',
        'C: A2 LIST "" "*"',
        'C: A3 STATUS "Sent" (MESSAGES)',
        'C: A4 UID FETCH 1:* (UID FLAGS INTERNALDATE RFC822.SIZE)',
        'S: * 3 EXISTS',
        'S: A1 OK',
        'S: * LIST () "/" INBOX',
        'S: * STATUS Sent (MESSAGES 7)',
        'S: A3 OK out of order',
        'S: A2 OK',
        'S: * 1 FETCH (FLAGS (\\seen $Label1) UID 4 INTERNALDATE " 7-Jul-1996 02:44:25 -0700" RFC822.SIZE 12)',
        'S: A4 OK',
      );
    },
    async (connection) => {
      const answers = await Promise.all([
        connection.noop(),
        connection.list('', '*'),
        connection.status('Sent', ['MESSAGES']),
        connection.fetchMeta('1:*'),
      ]);
      expect(answers).toEqual([
        undefined,
        [{ name: 'INBOX', raw: 'INBOX', delimiter: '/', flags: [] }],
        { MESSAGES: 7 },
        [{ uid: 4, flags: ['\\Seen', '$Label1'], internalDate: ' 7-Jul-1996 02:44:25 -0700', size: 12 }],
      ]);
    },
  );
});

test('an answer may come byte by byte, with literals and a quoted bracket in it', async () => {
  await converse(
    async (peer) => {
      await peer.line();
      await peer.drip('* LIST (\\Noselect) NIL {6}\r\nSh]}1}\r\n* LIST (\\Sent) "." "&AOk-"\r\nA1 OK [X "]"] done {3}\r\n');
      await peer.line();
      await peer.drip('* 1 FETCH (UID 7 BODY[] {5}\r\nab\r\nc FLAGS ())\r\nA2 OK\r\n');
    },
    async (connection) => {
      expect(await connection.list('', '*')).toEqual([
        { name: 'Sh]}1}', raw: 'Sh]}1}', delimiter: undefined, flags: ['\\Noselect'] },
        { name: 'é', raw: '&AOk-', delimiter: '.', flags: ['\\Sent'] },
      ]);
      const bodies: unknown[] = [];
      await connection.fetchBodies('7', async ({ uid, size, body }) => {
        bodies.push([uid, size, String(await collect(body))]);
      });
      expect(bodies).toEqual([[7, 5, 'ab\r\nc']]);
    },
  );
});

test('a refusal carries the code and the words, and stays with its command', async () => {
  await converse(
    (peer) => peer.play('C: A1 CREATE "a"', 'C: A2 NOOP', 'S: A1 NO [OVERQUOTA] full', 'S: A2 OK'),
    async (connection) => {
      const created = connection.create('a');
      await connection.noop();
      const error = await failureOf(created);
      expect(error).toMatchObject({ code: 'refused', message: 'CREATE: NO [OVERQUOTA] full' });
      expect(responseCodeOf(error)).toBe('OVERQUOTA');
      expect(refusalOf(error)).toMatchObject({ status: 'NO', text: 'full' });
    },
  );
});

test('run sends Buffers as literals and gives the data', async () => {
  await converse(
    async (peer) => {
      await peer.play('C: A1 SEARCH BODY {3+}', 'C: a"b NOT SEEN', 'S: * SEARCH 1 2', 'S: A1 OK');
    },
    async (connection) => {
      const seen: unknown[] = [];
      const tagged = await connection.run(['SEARCH BODY ', Buffer.from('a"b'), ' NOT SEEN'], (response) => seen.push(response));
      expect(tagged.status).toBe('OK');
      expect(seen).toMatchObject([{ kind: 'data', name: 'SEARCH' }]);
    },
  );
});

test('a command with a line end in it is not sent; what onData throws is the caller\'s', async () => {
  await converse(
    (peer) => peer.play('C: A1 NOOP', 'S: * 1 EXISTS', 'S: A1 OK'),
    async (connection) => {
      expect(await failureOf(connection.run('NOOP\r\nA2 LOGOUT'))).toMatchObject({ code: 'input' });
      const thrown = new Error('mine');
      const error = await failureOf(
        connection.run('NOOP', () => {
          throw thrown;
        }),
      );
      expect(error).toBe(thrown);
    },
  );
});

test('BYE rejects all that is in flight, with its code', async () => {
  await converse(
    async (peer) => {
      await peer.line();
      peer.send('* BYE [UNAVAILABLE] shutting down\r\n');
      await peer.end();
    },
    async (connection) => {
      const errors = await Promise.all([failureOf(connection.noop()), failureOf(connection.list('', '*'))]);
      for (const error of errors) {
        expect(error).toMatchObject({ code: 'unavailable' });
        expect(responseCodeOf(error)).toBe('UNAVAILABLE');
      }
      expect(await failureOf(connection.noop())).toMatchObject({ code: 'unavailable' });
    },
  );
});

test.each([
  'garbage\r\n',
  'A9 OK never asked\r\n',
  '+ go on\r\n',
  '* LIST (()) \r\n',
  '* 1 FETCH (UID 1\r\n',
  '* LIST () "/" {16777217}\r\n',
  `* 1 FETCH ${'('.repeat(60)}\r\n`,
  '\u0000\u0001\u0002\r\n',
])('%j ends the connection as a breach of the protocol', async (line) => {
  await converse(
    async (peer) => {
      await peer.line();
      peer.send(line);
      await peer.end();
    },
    async (connection) => {
      expect(await failureOf(connection.list('', '*'))).toMatchObject({ code: 'protocol' });
    },
  );
});

test('silence is timed only while a command is in flight', async () => {
  const clock = createManualClock();
  await converse(
    async (peer) => {
      await peer.line();
      clock.advance(4000);
      peer.send('* 1 EXISTS\r\n');
    },
    async (connection) => {
      clock.advance(1_000_000);
      const heard = Promise.withResolvers<void>();
      const failed = failureOf(connection.run('NOOP', () => heard.resolve()));
      await heard.promise;
      clock.advance(4999);
      await turns();
      clock.advance(1);
      expect(await failed).toMatchObject({ code: 'unavailable', message: 'no byte from the server within 5000 ms' });
    },
    { clock },
  );
});

test('IDLE may be silent, tolerates a second +, and ends when told', async () => {
  const clock = createManualClock();
  const stop = new AbortController();
  await converse(
    async (peer) => {
      await peer.play('C: A1 IDLE', 'S: + idling', 'S: + still', 'S: * 4 EXISTS', 'C: DONE', 'C: A2 NOOP', 'S: A1 OK', 'S: A2 OK');
    },
    async (connection) => {
      const seen: unknown[] = [];
      const idling = connection.idle((response) => {
        seen.push(response);
        clock.advance(1_000_000);
        setImmediate(() => stop.abort());
      }, stop.signal);
      await Promise.all([idling, connection.noop()]);
      expect(seen).toMatchObject([{ name: 'EXISTS', number: 4 }]);
    },
    { clock },
  );
});

test('a server may end IDLE by itself', async () => {
  await converse(
    (peer) => peer.play('C: A1 IDLE', 'S: + idling', 'S: A1 NO enough', 'C: A2 NOOP', 'S: A2 OK'),
    async (connection) => {
      expect(await failureOf(connection.idle(() => {}, new AbortController().signal))).toMatchObject({ code: 'refused' });
      await connection.noop();
    },
  );
});

test('logout waits for the close, and no longer than its time', async () => {
  await converse(
    async (peer) => {
      await peer.play('C: A1 LOGOUT', 'S: * BYE bye', 'S: A1 OK');
      peer.socket.end();
    },
    (connection) => connection.logout(),
  );
  const clock = createManualClock();
  await converse(
    async (peer) => {
      await peer.line();
      clock.advance(5000);
      await peer.end();
    },
    (connection) => connection.logout(),
    { clock },
  );
});

test('destroy rejects what is in flight; a promise that nobody awaits does no harm', async () => {
  await converse(
    (peer) => peer.end(),
    async (connection) => {
      const first = connection.noop();
      void connection.noop();
      void connection.append('a', { flags: [], internalDate: '', size: 1 }, bodyOf('a'));
      connection.destroy();
      expect(await failureOf(first)).toMatchObject({ code: 'aborted' });
      await connection.closed;
      await turns();
    },
  );
});

test('detach hands over the socket with the bytes that are left', async () => {
  await converse(
    async (peer) => {
      await peer.play('C: A1 NOOP', 'S: A1 OK', 'C: raw');
      peer.send('raw too');
      await peer.end();
    },
    async (connection) => {
      const noop = connection.noop();
      expect(() => connection.detach()).toThrow(CausewayError);
      await noop;
      const { socket, rest } = connection.detach();
      socket.write('raw\r\n');
      const said = await new Promise((resolve) => {
        socket.once('data', resolve);
        socket.resume();
      });
      expect(`${String(rest)}${String(said)}`).toBe('raw too');
      expect(await failureOf(connection.noop())).toMatchObject({ code: 'conflict' });
      socket.destroy();
    },
  );
});

test('beforeWrite is asked right before each write; when it throws nothing is written', async () => {
  let mine = true;
  let asked = 0;
  await converse(
    async (peer) => {
      await peer.play('C: A1 NOOP', 'S: A1 OK');
      await peer.end();
      expect(peer.unread()).toBe('');
    },
    async (connection) => {
      await connection.noop();
      expect(asked).toBe(1);
      const given = connection.noop();
      mine = false; // after the call, before the write
      expect(await failureOf(given)).toMatchObject({ code: 'conflict', message: 'not mine' });
    },
    {
      beforeWrite() {
        asked += 1;
        if (!mine) throw new CausewayError('conflict', 'not mine');
      },
    },
  );
});

const SESSION: readonly ((connection: ImapConnection) => Promise<unknown>)[] = [
  (c) => c.login({ user: 'a', password: 'b' }),
  (c) => c.list('', '*'),
  (c) => c.select('INBOX'),
  (c) => c.fetchMeta('1:*'),
  (c) => c.fetchBodies('1:2', async ({ body }) => void (await collect(body))),
  (c) => c.append('INBOX', { flags: ['\\Seen'], internalDate: '', size: 3 }, bodyOf('abc')),
  (c) => c.append('INBOX', { flags: [], internalDate: '', size: 2_000_000 }, bodyOf(Buffer.alloc(2_000_000))),
];

/** What the server says to each, in order. */
const ANSWERS = [
  GREETING,
  'A1 OK [CAPABILITY IMAP4rev1 LITERAL+] in\r\n',
  '* LIST () "/" {5}\r\nINBOX\r\nA2 OK\r\n',
  '* 2 EXISTS\r\n* OK [UIDVALIDITY 9] .\r\n* OK [UIDNEXT 3] .\r\nA3 OK [READ-WRITE] .\r\n',
  '* 1 FETCH (UID 1 RFC822.SIZE 5 FLAGS () INTERNALDATE "x")\r\nA4 OK\r\n',
  '* 1 FETCH (UID 1 BODY[] {5}\r\nhello)\r\n* 2 FETCH (BODY[] {2}\r\nhi UID 2)\r\nA5 OK\r\n',
  'A6 OK [APPENDUID 9 3] .\r\n',
  '+ go\r\nA7 NO [OVERQUOTA] .\r\n',
];

test('a connection that drops at any byte rejects what has no answer, and nothing else', async () => {
  const total = ANSWERS.join('').length;
  for (let cut = 0; cut < total; cut += 1) {
    const server = await startServer(async (peer) => {
      let left = cut;
      for (const [number, answer] of ANSWERS.entries()) {
        if (number > 0) await peer.until(`A${number} `);
        peer.send(answer.slice(0, left));
        left -= answer.length;
        if (left <= 0) break;
      }
      peer.socket.end();
    });
    const outcomes = await talk(server.endpoint);
    let answered = -1;
    for (let bytes = 0; bytes <= cut; answered += 1) bytes += ANSWERS[answered + 1]?.length ?? Infinity;
    expect(outcomes.filter((outcome) => outcome === 'done')).toHaveLength(Math.max(0, answered - 1));
    for (const outcome of outcomes) {
      if (outcome !== 'done') expect(outcome, `cut at ${cut}`).toMatchObject({ name: 'CausewayError', code: 'unavailable' });
    }
    server.close();
  }
});

async function talk(endpoint: Parameters<typeof connect>[0]): Promise<unknown[]> {
  const outcomes: unknown[] = [];
  try {
    const connection = await connect(endpoint, testOptions());
    for (const step of SESSION) {
      outcomes.push(
        await step(connection).then(
          () => 'done',
          (error: unknown) => error,
        ),
      );
    }
    connection.destroy();
    await connection.closed;
  } catch (error) {
    outcomes.push(error);
  }
  return outcomes;
}

async function turns(): Promise<void> {
  for (let turn = 0; turn < 5; turn += 1) await new Promise(setImmediate);
}

test('what is told before all earlier commands are answered is not of the mailbox that is being opened', () =>
  converse(
    (peer) =>
      peer.play('C: A1 NOOP', 'C: A2 SELECT "B"', 'S: * 9 EXISTS', 'S: * OK [HIGHESTMODSEQ 7] x', 'S: A1 OK', 'S: * OK [UIDVALIDITY 6] x', 'S: * OK [UIDNEXT 1] x', 'S: A2 OK x'),
    async (connection) => {
      const [, opened] = await Promise.all([connection.noop(), connection.select('B')]);
      expect(opened).toMatchObject({ exists: 0, uidValidity: 6 });
      expect(opened.highestModSeq).toBeUndefined();
    },
  ));

test('it is known which mailbox is open', () =>
  converse(
    async (peer) => {
      await peer.play('C: A1 EXAMINE "A"', 'C: A2 SELECT "B"', 'S: * OK [UIDVALIDITY 5] x', 'S: * OK [UIDNEXT 1] x', 'S: A1 OK [READ-ONLY] x', 'S: * OK [UIDVALIDITY 6] x', 'S: * OK [UIDNEXT 1] x', 'S: A2 OK [READ-WRITE] x');
      await peer.play('C: A3 SELECT "C"', 'S: A3 NO none', 'C: A4 EXAMINE "A"', 'S: * OK [UIDVALIDITY 5] x', 'S: * OK [UIDNEXT 1] x', 'S: A4 OK x', 'C: A5 UNSELECT', 'S: A5 OK x');
    },
    async (connection) => {
      await Promise.all([connection.examine('A'), connection.select('B')]);
      expect(connection.selected).toMatchObject({ mailbox: 'B', uidValidity: 6, readOnly: false });
      await failureOf(connection.select('C'));
      expect(connection.selected).toBeUndefined();
      await connection.examine('A');
      expect(connection.selected).toMatchObject({ mailbox: 'A', readOnly: true });
      await connection.run('UNSELECT');
      expect(connection.selected).toBeUndefined();
    },
  ));
