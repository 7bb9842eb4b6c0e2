import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { CausewayError } from '#errors/index.ts';
import { connect, type ImapConnection } from './connect.ts';
import { bodyOf, GREETING, startServer, testOptions } from './scripted-server.testing.ts';

/** `A?` becomes the tag of the oldest command that is not answered. */
const tag = fc.oneof({ weight: 20, arbitrary: fc.constant('A?') }, fc.integer({ min: 1, max: 9 }).map((n) => `A${n}`));
const uid = fc.integer({ min: 0, max: 4 });
const text = fc.string({ unit: 'binary-ascii', maxLength: 12 });

/** What servers say, more or less. */
const sane = fc.oneof(
  {
    weight: 4,
    arbitrary: fc
      .tuple(tag, fc.constantFrom('OK', 'OK', 'OK', 'NO', 'BAD'), fc.constantFrom('', '[APPENDUID 1 2]', '[CAPABILITY ()]', '[X'), text)
      .map((words) => words.join(' ')),
  },
  fc.tuple(uid, uid, text).map(([n, u, body]) => `* ${n} FETCH (UID ${u} BODY[] {${body.length}}\r\n${body})`),
  fc.tuple(uid, uid, text).map(([n, u, body]) => `* ${n} FETCH (BODY[] {${body.length}}\r\n${body} UID ${u})`),
  fc.tuple(uid, uid).map(([n, u]) => `* ${n} FETCH (UID ${u} BODY[] NIL FLAGS (\\Seen) RFC822.SIZE ${n} INTERNALDATE NIL)`),
  fc.constantFrom('* SEARCH 1 2', '* ESEARCH (TAG "A1") UID ALL 1:3', '* SORT 3 1', '* 2 FETCH (UID 2 FLAGS (\\Seen) MODSEQ (12))', '* OK [HIGHESTMODSEQ 7] x', '* STATUS INBOX (MESSAGES 1 MAILBOXID (F1))', '* OK [COPYUID 1 1:2 3:4] x', '* QUOTA "" (STORAGE 1 2)', '* 1 FETCH (UID 1 BODY[1]<0> "ab" ENVELOPE (NIL))'),
  fc.constantFrom('* LIST () "/" INBOX', '* LIST (\\Sent) NIL {3}\r\nabc', '* OK [UIDVALIDITY 5] x', '* OK [UIDNEXT 5] x', '* 3 EXISTS'),
);

const insane = fc.oneof(
  fc.tuple(uid, uid).map(([n, u]) => `* ${n} FETCH (UID ${u} BODY[] {${u}}\r\nab BODY[] {2}\r\nab)`),
  fc.tuple(fc.constantFrom('*', '+', 'A1', '* 3', '* 1 FETCH', '* LIST', '* STATUS', '* SEARCH', '* ESEARCH', '* ESEARCH UID ALL', '* SORT', '* QUOTA', '* STATUS x (', '* OK [COPYUID', '* FLAGS', '* OK', '* BYE', '* CAPABILITY', '* NAMESPACE'), text).map((words) => words.join(' ')),
  fc.constantFrom('+', '+ go', '* 1 FETCH ((', '* 99999999999999999999 EXISTS', '* LIST () "/" {99999999999999999999}', '* 1 FETCH (UID 1 BODY[] {4294967295}'),
  text,
);

const line = fc.oneof({ weight: 30, arbitrary: sane }, insane);

const script = fc.record({
  greeting: fc.oneof({ weight: 9, arbitrary: fc.constant(GREETING) }, { weight: 1, arbitrary: text }),
  lines: fc.array(line, { maxLength: 25 }),
  noise: fc.uint8Array({ maxLength: 40 }),
  cut: fc.integer({ min: 1, max: 60 }),
});

/** Above what LITERAL+ is used for. */
const LARGE = Buffer.alloc(1_100_000);

const COMMANDS: readonly ((connection: ImapConnection) => Promise<unknown>)[] = [
  (c) => c.login({ user: 'a', password: 'é' }),
  (c) => c.list('', '*', { specialUse: true }),
  (c) => c.select('INBOX'),
  (c) => c.fetchMeta('1:*'),
  (c) => c.fetchNews('1:*', () => {}),
  (c) => c.fetchFlags('1:*', 5n),
  (c) =>
    c.fetchBodies('1:3', async ({ size, body }) => {
      let left = size;
      for await (const chunk of body) left -= chunk.length;
      if (left !== 0) throw new Error('a body of another size');
    }),
  (c) => c.append('INBOX', { flags: [], internalDate: '', size: 3 }, bodyOf('a', 'bc')),
  (c) => c.append('INBOX', { flags: [], internalDate: '', size: LARGE.length }, bodyOf(LARGE)),
  (c) => c.namespace(),
  (c) => c.status('INBOX', ['UIDNEXT']),
  (c) => c.listStatus(),
  (c) => c.uidSearch({ key: 'text', text: 'é' }),
  (c) => c.uidSearch({ key: 'all' }),
  (c) => c.uidSort([{ by: 'ARRIVAL', reverse: true }], { key: 'all' }),
  (c) => c.fetchItems('1:3', ['ENVELOPE', 'BODY.PEEK[1]<0.5>'], () => {}),
  (c) => c.copy('1:2', 'Trash'),
  (c) => c.move('1:2', 'Trash'),
  (c) => c.quotas('INBOX'),
  (c) => c.idle(() => {}, AbortSignal.abort()),
];

test('whatever a server sends ends in an answer or in a CausewayError', async () => {
  const outcomes = { done: 0, refused: 0, unavailable: 0, protocol: 0 };
  await fc.assert(
    fc.asyncProperty(script, async ({ greeting, lines, noise, cut }) => {
      const server = await startServer(async ({ socket }) => {
        socket.write(greeting);
        // A client that has no greeting would wait for its clock, which stands.
        if (greeting !== GREETING) return void socket.end();
        // The answers are meant for what was asked: it must be on its way.
        await new Promise((resolve) => {
          socket.once('data', resolve);
          socket.once('close', resolve);
        });
        let answered = 0;
        const said = lines.map((entry) => `${entry.replace('A?', () => `A${(answered += 1)}`)}\r\n`).join('');
        const bytes = Buffer.concat([Buffer.from(said), noise]);
        for (let at = 0; at < bytes.length; at += cut * 7) {
          socket.write(bytes.subarray(at, at + cut * 7));
          await new Promise(setImmediate);
        }
        socket.end();
      });
      try {
        const connection = await connect(server.endpoint, testOptions());
        const results = await Promise.allSettled(COMMANDS.map((command) => command(connection)));
        await connection.closed;
        for (const result of results) {
          if (result.status === 'fulfilled') outcomes.done += 1;
          else expectKnown(result.reason, outcomes);
        }
      } catch (error) {
        expectKnown(error, outcomes);
      } finally {
        server.close();
      }
    }),
    { numRuns: 300, timeout: 20_000 },
  );
  // The scripts reach all of it, not just the first error.
  for (const [outcome, times] of Object.entries(outcomes)) expect(times, outcome).toBeGreaterThan(20);
});

function expectKnown(error: unknown, outcomes: Record<string, number>): void {
  expect(error).toBeInstanceOf(CausewayError);
  const { code } = error as CausewayError;
  expect(Object.keys(outcomes)).toContain(code);
  outcomes[code] = (outcomes[code] ?? 0) + 1;
}
