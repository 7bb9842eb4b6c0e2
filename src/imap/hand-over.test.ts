import { once } from 'node:events';
import { TLSSocket } from 'node:tls';
import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { CausewayError } from '#errors/index.ts';
import { makeLoopbackCertificate } from '#net/loopback-certificate.testing.ts';
import type { Login } from './commands/login.ts';
import { connect } from './connect.ts';
import { connectToHandOver } from './hand-over.ts';
import { failureOf, type Peer, startServer, testOptions } from './scripted-server.testing.ts';

const JOE: Login = { user: 'joe', password: 's3cret' };
const IN = 'A1 OK [CAPABILITY IMAP4rev1 IDLE] in';

type Opener = typeof connect | typeof connectToHandOver;

/** What comes of signing in against a script: what was handed over, or the error's code. */
async function outcome(open: Opener, script: (peer: Peer) => Promise<void>, login: Login = JOE): Promise<unknown> {
  const server = await startServer(script);
  try {
    const connection = await open(server.endpoint, testOptions());
    await connection.login(login);
    const { capabilities } = connection;
    const { socket, rest } = connection.detach();
    socket.destroy();
    await server.done;
    return { capabilities: [...capabilities], rest: rest.toString() };
  } catch (error) {
    expect(error).toBeInstanceOf(CausewayError);
    const { code, message, retryable } = error as CausewayError;
    expect(message).not.toContain('s3cret');
    return { code, retryable };
  } finally {
    server.close();
  }
}

const GREETING = 'S: * OK [CAPABILITY IMAP4rev1 LITERAL+ SASL-IR AUTH=PLAIN] ready';
const LOGIN = 'C: A1 LOGIN "joe" "s3cret"';

test.each<[what: string, transcript: string[], expected: unknown, login?: Login]>([
  ['a list with the OK', [GREETING, LOGIN, `S: ${IN}`], { capabilities: ['IMAP4REV1', 'IDLE'], rest: '' }],
  ['no list with the OK', [GREETING, LOGIN, 'S: A1 OK in', 'C: A2 CAPABILITY', 'S: * CAPABILITY IMAP4rev1 NAMESPACE', 'S: A2 OK'], { capabilities: ['IMAP4REV1', 'NAMESPACE'], rest: '' }],
  ['no list with the greeting', ['S: * OK hello', 'C: A1 CAPABILITY', 'S: * CAPABILITY IMAP4rev1', 'S: A1 OK', 'C: A2 LOGIN "joe" "s3cret"', 'S: A2 OK [CAPABILITY IMAP4rev1 X] in'], { capabilities: ['IMAP4REV1', 'X'], rest: '' }],
  ['an untagged line and literals before the OK', [GREETING, LOGIN, 'S: * OK [ALERT] {5}', 'S: * X ({8}', 'S: A1 NO)', 'S: )', `S: ${IN}`], { capabilities: ['IMAP4REV1', 'IDLE'], rest: '' }],
  ['a NO', [GREETING, LOGIN, 'S: A1 NO wrong'], { code: 'refused', retryable: false }],
  ['a NO that blames the secret', [GREETING, LOGIN, 'S: A1 NO [AUTHENTICATIONFAILED] s3cret is wrong'], { code: 'refused', retryable: false }],
  ['a NO that does not', [GREETING, LOGIN, 'S: A1 NO [UNAVAILABLE] later'], { code: 'unavailable', retryable: true }],
  ['a NO that says never', [GREETING, LOGIN, 'S: A1 NO [AUTHORIZATIONFAILED] no'], { code: 'unavailable', retryable: false }],
  ['a BAD', [GREETING, LOGIN, 'S: A1 BAD LOGIN joe s3cret'], { code: 'unavailable', retryable: true }],
  ['a BYE', [GREETING, LOGIN, 'S: * BYE going down'], { code: 'unavailable', retryable: true }],
  ['a BYE at the greeting', ['S: * BYE [UNAVAILABLE] later'], { code: 'unavailable', retryable: true }],
  ['no IMAP', ['S: HTTP/1.1 400 Bad Request'], { code: 'protocol', retryable: false }],
  ['data for a greeting', ['S: * 5 EXISTS'], { code: 'protocol', retryable: false }],
  ['a greeting of NO', ['S: * NO go away'], { code: 'protocol', retryable: false }],
  ['an answer that nobody asked', [GREETING, LOGIN, 'S: A7 OK you are someone else'], { code: 'protocol', retryable: false }],
  ['a continuation that nobody asked', [GREETING, LOGIN, 'S: + go on'], { code: 'protocol', retryable: false }],
  ['LOGIN disabled', ['S: * OK [CAPABILITY IMAP4rev1 LOGINDISABLED] hello'], { code: 'unavailable', retryable: false }],
  ['LOGIN disabled, but not PLAIN', ['S: * OK [CAPABILITY IMAP4rev1 LOGINDISABLED AUTH=PLAIN SASL-IR] hello', 'C: A1 AUTHENTICATE PLAIN AGpvZQBzM2NyZXQ=', `S: ${IN}`], { capabilities: ['IMAP4REV1', 'IDLE'], rest: '' }],
  ['on behalf of another', ['S: * OK [CAPABILITY IMAP4rev1 AUTH=PLAIN] hello', 'C: A1 AUTHENTICATE PLAIN', 'S: + ', 'C: am9lAG1hc3RlcgBzM2NyZXQ=', `S: ${IN}`], { capabilities: ['IMAP4REV1', 'IDLE'], rest: '' }, { user: 'master', password: 's3cret', authzid: 'joe' }],
  ['refused before the response was asked for', ['S: * OK [CAPABILITY IMAP4rev1 AUTH=PLAIN] hello', 'C: A1 AUTHENTICATE PLAIN', 'S: A1 NO not now'], { code: 'refused', retryable: false }, { user: 'master', password: 's3cret', authzid: 'joe' }],
  ['a literal that waits', ['S: * OK [CAPABILITY IMAP4rev1] hello', 'C: A1 LOGIN "joe" {3}', 'S: + ', 'C: \u00c3\u00bc!', `S: ${IN}`], { capabilities: ['IMAP4REV1', 'IDLE'], rest: '' }, { user: 'joe', password: 'ü!' }],
  ['OK to half a command', ['S: * OK [CAPABILITY IMAP4rev1] hello', 'C: A1 LOGIN "joe" {3}', 'S: A1 OK in'], { code: 'protocol', retryable: false }, { user: 'joe', password: 'ü!' }],
  ['a literal that follows at once', [GREETING, 'C: A1 LOGIN "joe" {3+}', 'C: \u00c3\u00bc!', `S: ${IN}`], { capabilities: ['IMAP4REV1', 'IDLE'], rest: '' }, { user: 'joe', password: 'ü!' }],
  ['a NUL', [GREETING], { code: 'input', retryable: false }, { user: 'joe', password: 'a\0b' }],
])('%s: as the engine takes it', async (_, transcript, expected, login) => {
  for (const open of [connect, connectToHandOver]) {
    expect([open.name, await outcome(open, (peer) => peer.play(...transcript), login)]).toEqual([open.name, expected]);
  }
});

test('ID goes in one packet with LOGIN, and its answer does not matter', async () => {
  const server = await startServer(async (peer) => {
    await peer.play(GREETING, 'C: A1 ID ("x" "y")');
    expect(peer.unread()).toBe('A2 LOGIN "joe" "s3cret"\r\n');
    await peer.play('C: A2 LOGIN "joe" "s3cret"', 'S: * ID ("name" {3}', 'S: abc)', 'S: A1 BAD what?', 'S: A2 OK [CAPABILITY X] in');
  });
  const connection = await connectToHandOver(server.endpoint, testOptions());
  const told = connection.run('ID ("x" "y")').catch(() => {});
  await connection.login(JOE);
  await told;
  expect(connection.capabilities).toEqual(new Set(['X']));
  connection.detach().socket.destroy();
  server.close();
});

test('what comes behind the answer is handed over as it came, and nothing is lost however it is cut', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(fc.integer({ min: 1, max: 40 }), { minLength: 1, maxLength: 20 }), async (sizes) => {
      const behind = '* 3 EXISTS\r\n* LIST () "/" {5}\r\nINBOX\r\nhalf a li';
      const all = `${IN}\r\n${behind}`;
      const server = await startServer(async (peer) => {
        await peer.play(GREETING, LOGIN);
        for (let at = 0, n = 0; at < all.length; n += 1) {
          const size = sizes[n % sizes.length] ?? 1;
          peer.send(all.slice(at, at + size));
          at += size;
          await new Promise(setImmediate);
        }
      });
      const connection = await connectToHandOver(server.endpoint, testOptions());
      await connection.login(JOE);
      const { socket, rest } = connection.detach();
      let got = rest.toString();
      socket.on('data', (chunk: Buffer) => (got += chunk.toString()));
      socket.resume();
      await server.done;
      while (got.length < behind.length) await once(socket, 'data');
      expect(got).toBe(behind);
      socket.destroy();
      server.close();
    }),
    { numRuns: 30 },
  );
});

test('a line of a gigabyte is cut off, and a server that closes is unavailable', async () => {
  const long = await startServer(async (peer) => {
    await peer.play(GREETING, LOGIN);
    for (let n = 0; n < 64; n += 1) peer.send('x'.repeat(65_536));
    await peer.end();
  });
  const connection = await connectToHandOver(long.endpoint, testOptions());
  expect(await failureOf(connection.login(JOE))).toMatchObject({ code: 'protocol' });
  await long.done;
  long.close();
  const gone = await startServer(async (peer) => {
    await peer.play(GREETING, LOGIN);
    peer.socket.destroy();
  });
  const left = await connectToHandOver(gone.endpoint, testOptions());
  expect(await failureOf(left.login(JOE))).toMatchObject({ code: 'unavailable' });
  expect(() => left.detach()).toThrow(CausewayError);
  gone.close();
});

test('destroy rejects what is waited for; a signal ends the opening', async () => {
  const server = await startServer(async (peer) => {
    await peer.play(GREETING, LOGIN);
    await peer.end();
  });
  const connection = await connectToHandOver(server.endpoint, testOptions());
  const login = failureOf(connection.login(JOE));
  connection.destroy();
  expect(await login).toMatchObject({ code: 'aborted' });
  server.close();
  const abort = new AbortController();
  const silent = await startServer(async (peer) => {
    abort.abort();
    await peer.end();
  });
  const opening = failureOf(connectToHandOver(silent.endpoint, { ...testOptions(), signal: abort.signal }));
  expect(await opening).toMatchObject({ code: 'aborted' });
  await silent.done;
  silent.close();
});

test('STARTTLS: nothing said before it is believed, and bytes behind its OK are an attack', async () => {
  const { key, cert } = await makeLoopbackCertificate();
  const tls = { tls: 'starttls' as const, ca: cert };
  const good = await startServer(async (peer) => {
    await peer.play('S: * OK [CAPABILITY IMAP4rev1 EVIL] hello', 'C: A1 STARTTLS');
    peer.socket.removeAllListeners('data');
    peer.send('A1 OK begin\r\n');
    const inside = new TLSSocket(peer.socket, { isServer: true, key, cert });
    inside.on('error', () => {});
    let said = '';
    for await (const chunk of inside) {
      said += String(chunk);
      if (said.endsWith('CAPABILITY\r\n')) inside.write('* CAPABILITY IMAP4rev1 GOOD\r\nA1 OK done\r\n');
      if (said.endsWith('"s3cret"\r\n')) inside.write('A2 OK [CAPABILITY IMAP4rev1 BETTER] in\r\n');
    }
    expect(said).toBe('A1 CAPABILITY\r\nA2 LOGIN "joe" "s3cret"\r\n');
  });
  const connection = await connectToHandOver({ ...good.endpoint, ...tls }, testOptions());
  expect(connection.capabilities).toEqual(new Set(['IMAP4REV1', 'GOOD']));
  await connection.login(JOE);
  connection.detach().socket.destroy();
  await good.done;
  good.close();
  for (const [script, code] of [
    [['S: * PREAUTH [CAPABILITY IMAP4rev1] hello'], 'protocol'],
    [['S: * OK hello', 'C: A1 STARTTLS', 'S: A1 NO never'], 'refused'],
    [['S: * OK hello', 'C: A1 STARTTLS', 'S: A1 OK begin\r\n* CAPABILITY EVIL'], 'protocol'],
  ] as const) {
    const server = await startServer((peer) => peer.play(...script));
    expect([script, await failureOf(connectToHandOver({ ...server.endpoint, ...tls }, testOptions()))]).toEqual([script, expect.objectContaining({ code })]);
    server.close();
  }
});
