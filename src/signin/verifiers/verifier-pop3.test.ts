import fc from 'fast-check';
import { afterEach, describe, expect, test } from 'vitest';
import { systemClock as clock } from '#events/clock.ts';
import { type SecuredServer, serveSecured } from '#net/secured-server.testing.ts';
import { connect, type Endpoint } from '#pop3/connect.ts';
import { parseStatus } from '#wire/pop3/response.ts';
import type { SignInThere } from './verifier.ts';
import { createPop3SignIn, isAboutSecret } from './verifier-pop3.ts';

let server: SecuredServer | undefined;
afterEach(() => server?.close());

type Script = { greeting?: string; answers?: Record<string, string>; tls?: Endpoint['tls']; injected?: string };

/** A server that answers by the first word of a command. @returns its endpoint, and what it heard */
async function serve({ greeting = '+OK ready', answers = {}, tls = 'plain', injected = '' }: Script) {
  const heard: string[] = [];
  server = await serveSecured(tls === 'implicit', (socket, isSecure, begin) => {
    if (!isSecure || tls === 'implicit') socket.write(`${greeting}\r\n`);
    let text = '';
    socket.on('data', (chunk: Buffer) => {
      text += chunk.toString();
      for (let end = text.indexOf('\r\n'); end >= 0; end = text.indexOf('\r\n')) {
        const line = text.slice(0, end);
        text = text.slice(end + 2);
        heard.push(isSecure ? `(${line})` : line);
        const verb = line.split(' ')[0]!;
        if (verb === 'STLS' && answers['STLS'] === undefined) {
          socket.write(`+OK begin\r\n${injected}`);
          begin();
          return;
        }
        if (answers[verb] !== 'silence') socket.write(`${answers[verb] ?? '+OK'}\r\n`);
      }
    });
  });
  const endpoint: Endpoint = { host: '127.0.0.1', port: server.port, tls, ca: server.ca };
  return { endpoint, heard };
}

const signInAt = (endpoint: Endpoint): SignInThere => createPop3SignIn((end) => connect(endpoint, { clock, connectMs: 20_000, commandMs: 20_000, signal: end }));
const signal = (): AbortSignal => new AbortController().signal;

describe('a sign-in over POP3', () => {
  test.each(['plain', 'implicit', 'starttls'] as const)('is accepted after STAT, %s', async (tls) => {
    const { endpoint, heard } = await serve({ tls });
    expect(await signInAt(endpoint)('ann@example.org', 'pass word ü', signal())).toBe('accepted');
    const spoken = ['USER ann@example.org', 'PASS pass word ü', 'STAT'];
    const expected = tls === 'plain' ? spoken : [...(tls === 'starttls' ? ['STLS'] : []), ...spoken.map((line) => `(${line})`)];
    expect(heard.slice(0, expected.length)).toEqual(expected);
  });

  test.each([
    ['-ERR [AUTH] Authentication failed.'],
    ['-ERR'],
    ['-ERR invalid password'],
    ['-err [auth] no'],
  ])('is refused by "%s" to PASS', async (PASS) => {
    const { endpoint } = await serve({ answers: { PASS } });
    expect(await signInAt(endpoint)('ann', 'wrong', signal())).toBe('refused');
  });

  test.each<[string, Script, string]>([
    ['[SYS/TEMP]', { answers: { PASS: '-ERR [SYS/TEMP] later' } }, 'refused'],
    ['[SYS/PERM]', { answers: { PASS: '-ERR [SYS/PERM] mailbox gone' } }, 'refused'],
    ['[IN-USE]', { answers: { PASS: '-ERR [IN-USE] locked by another session' } }, 'refused'],
    ['[LOGIN-DELAY]', { answers: { PASS: '-ERR [LOGIN-DELAY] too soon' } }, 'refused'],
    ['a code that nobody knows', { answers: { PASS: '-ERR [X] no' } }, 'refused'],
    ['a code of an unknown form', { answers: { PASS: '-ERR [SYS.TEMP later] no' } }, 'refused'],
    ['words about something else', { answers: { PASS: '-ERR [AUTH] Temporary authentication failure' } }, 'refused'],
    ['-ERR to USER', { answers: { USER: '-ERR no such user' } }, 'refused'],
    ['-ERR to STAT', { answers: { STAT: '-ERR no maildrop' } }, 'refused'],
    ['-ERR as greeting', { greeting: '-ERR too busy' }, 'unavailable'],
    ['no STLS', { tls: 'starttls', answers: { STLS: '-ERR what?' } }, 'unavailable'],
    ['nonsense', { answers: { PASS: 'HTTP/1.1 400 Bad Request' } }, 'protocol'],
    ['a line without an end', { greeting: `+OK ${'x'.repeat(10_000)}` }, 'limit'],
    ['bytes injected before TLS', { tls: 'starttls', injected: '+OK\r\n+OK\r\n+OK\r\n' }, 'protocol'],
  ])('has no verdict after %s', async (_name, script, code) => {
    const { endpoint } = await serve(script);
    const attempt = signInAt(endpoint)('ann', 'hunter2', signal());
    await expect(attempt).rejects.toMatchObject({ code });
    await expect(attempt).rejects.toThrow(/^(?!.*hunter2)/);
  });

  test('sends nothing that is more than one command', async () => {
    const signIn = signInAt({ host: '127.0.0.1', port: 1, tls: 'plain' });
    for (const [login, secret] of [['ann', 'a\r\nDELE 1'], ['ann\n', 'a'], ['ann x', 'a'], ['ann', 'a\0']] as const) {
      await expect(signIn(login, secret, signal())).rejects.toMatchObject({ code: 'input' });
    }
  });

  test('with a certificate that nobody vouches for has no verdict', async () => {
    const { endpoint, heard } = await serve({ tls: 'starttls' });
    await expect(signInAt({ ...endpoint, ca: undefined })('ann', 'x', signal())).rejects.toMatchObject({ code: 'unavailable' });
    expect(heard).toEqual(['STLS']);
  });

  test('ends with its signal, whatever the server does', async () => {
    const { endpoint, heard } = await serve({ answers: { PASS: 'silence' } });
    const end = new AbortController();
    const attempt = signInAt(endpoint)('ann', 'x', end.signal);
    attempt.catch(() => {});
    await expect.poll(() => heard).toContain('PASS x');
    end.abort();
    await expect(attempt).rejects.toMatchObject({ code: 'aborted' });
    await expect(signInAt(endpoint)('ann', 'x', end.signal)).rejects.toMatchObject({ code: 'aborted' });
  });

  test('where nobody listens has no verdict', async () => {
    const { endpoint } = await serve({});
    server!.close();
    await expect(signInAt(endpoint)('ann', 'x', signal())).rejects.toMatchObject({ code: 'unavailable' });
  });
});

test('any line is an answer or no answer, and only an -ERR refuses', () => {
  fc.assert(
    fc.property(fc.constantFrom('', '+OK', '-ERR', '-ERR ', '-ERR ['), fc.string({ unit: 'binary' }), (start, rest) => {
      const status = parseStatus(Buffer.from(`${start}${rest}`));
      if (status !== undefined && isAboutSecret(status)) expect(`${start}${rest}`).toMatch(/^-ERR/i);
    }),
  );
});
