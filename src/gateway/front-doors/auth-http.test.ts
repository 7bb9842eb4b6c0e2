import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import type { PlatformConfig } from '#config/index.ts';
import type { Attempt, Verdict } from '#signin/verdict.ts';
import { createAuthHttp } from './auth-http.ts';
import { createUnfenced } from './unfenced.ts';

const ACCEPTED: Verdict = { verdict: 'accepted', accountId: 7, address: 'jane@isp.example', home: 'old' };
const secret = (text: string): { reveal(): string } => ({ reveal: () => text });
const at = (port: number): { host: string; port: number } => ({ host: '10.0.0.1', port });
const master = (style: 'separator' | 'authzid'): unknown => ({ kind: 'master', user: 'boss', style, separator: '*', secret: secret('master key') });

function ask(verdict: Verdict, headers: Record<string, string>, entrances: unknown[] = [{ kind: 'replay' }]) {
  const attempts: Attempt[] = [];
  const events: string[] = [];
  const answer = createAuthHttp({
    key: secret('the key'),
    backends: { old: { imap: at(143), pop3: at(110) } },
    platforms: { old: { name: 'old', entrances } as unknown as PlatformConfig },
    attempt: async (attempt, register) => {
      attempts.push(attempt);
      if (verdict.verdict === 'accepted') expect(register(7, { home: 'old', epoch: 1 })).toBeUndefined();
      return verdict;
    },
    foreignName: (login) => login.includes('*'),
    emit: (event) => void events.push(event.name),
    random: () => 0,
  });
  const all: Record<string, string> = {
    'x-causeway-key': 'the key', 'auth-method': 'plain', 'auth-protocol': 'imap', 'auth-user': 'jane', 'auth-pass': 'p%20%25w', 'auth-login-attempt': '1', 'client-ip': '192.0.2.1', ...headers,
  };
  return answer((name) => all[name], new AbortController().signal).then((said) => ({ ...said, attempts, events }));
}

test('accepted says where the account lives; nginx sends the secret on', async () => {
  const { status, headers, attempts } = await ask(ACCEPTED, {});
  expect(status).toBe(200);
  expect(headers).toEqual({ 'Auth-Status': 'OK', 'Auth-Server': '10.0.0.1', 'Auth-Port': '143', 'Auth-User': 'jane@isp.example' });
  expect(attempts).toEqual([{ protocol: 'imap', login: 'jane', secret: 'p %w', network: '192.0.2.1' }]);
});

test('the first entrance that nginx can use and that needs no secret of the customer is used', async () => {
  const trusted = { kind: 'trusted', port: 10143, secret: secret('token') };
  expect((await ask(ACCEPTED, {}, [master('authzid'), { kind: 'replay' }, trusted])).headers).toMatchObject({ 'Auth-User': 'jane@isp.example', 'Auth-Pass': 'token', 'Auth-Port': '10143' });
  expect((await ask(ACCEPTED, { 'auth-protocol': 'pop3' }, [trusted])).headers).toMatchObject({ 'Auth-Pass': 'token', 'Auth-Port': '110' });
  expect((await ask(ACCEPTED, {}, [{ kind: 'replay' }, master('separator'), trusted])).headers).toMatchObject({ 'Auth-User': 'jane@isp.example*boss', 'Auth-Pass': 'master key', 'Auth-Port': '143' });
});

test.each(['imap', 'pop3', 'smtp'])('without a way home, %s is unavailable', async (protocol) => {
  const verdict: Verdict = protocol === 'smtp' ? ACCEPTED : { ...ACCEPTED, home: 'elsewhere' };
  const { headers, events } = await ask(verdict, { 'auth-protocol': protocol });
  expect(headers['Auth-Status']).toContain('Your password was not rejected.');
  expect(headers['Auth-Error-Code']).toBe(protocol === 'smtp' ? '454 4.7.0' : undefined);
  expect(events).toEqual(['front-door.no-way-home']);
});

test.each([
  ['imap', '[AUTHENTICATIONFAILED] The login name or the password is wrong.', undefined],
  ['pop3', '[AUTH] The login name or the password is wrong.', undefined],
  ['smtp', 'The login name or the password is wrong.', '535 5.7.8'],
])('rejected at %s', async (protocol, text, code) => {
  const { headers } = await ask({ verdict: 'rejected', reason: 'secret' }, { 'auth-protocol': protocol });
  expect(headers).toEqual({ 'Auth-Status': text, 'Auth-Wait': '2', ...(code === undefined ? {} : { 'Auth-Error-Code': code }) });
});

const BUSY = 'Account is temporarily unavailable, service busy, please wait. Your password was not rejected.';

test.each([
  ['imap', `[UNAVAILABLE] ${BUSY}`, undefined],
  ['pop3', `[SYS/TEMP] ${BUSY}`, undefined],
  ['smtp', BUSY, '454 4.7.0'],
])('unavailable and locked at %s, and what cannot be read', async (protocol, text, code) => {
  const expected = { 'Auth-Status': text, 'Auth-Wait': '2', ...(code === undefined ? {} : { 'Auth-Error-Code': code }) };
  for (const verdict of [{ verdict: 'unavailable', reason: 'held' }, { verdict: 'locked', reason: 'network' }] satisfies Verdict[]) {
    expect((await ask(verdict, { 'auth-protocol': protocol })).headers).toEqual(expected);
  }
  for (const bad of [{ 'auth-user': 'jane*boss' }, { 'auth-user': 'ja%00ne' }, { 'auth-pass': '' }, { 'auth-pass': 'a%00b' }, { 'auth-user': 'x'.repeat(600) }] as Record<string, string>[]) {
    const { headers, attempts } = await ask({ verdict: 'rejected', reason: 'secret' }, { 'auth-protocol': protocol, ...bad });
    expect(headers).toEqual(expected);
    expect(attempts).toEqual([]);
  }
});

test('bytes that are no UTF-8 reach the judge as what nobody can judge', async () => {
  expect((await ask(ACCEPTED, { 'auth-pass': 'p%E4ss' })).attempts[0]?.secret).toBe('p\ufffdss');
  expect((await ask(ACCEPTED, { 'auth-pass': 'p%C3%A4ss' })).attempts[0]?.secret).toBe('päss');
});

test('the tenth refusal on a connection is the last', async () => {
  const rejected: Verdict = { verdict: 'rejected', reason: 'secret' };
  expect((await ask(rejected, { 'auth-login-attempt': '9' })).headers['Auth-Wait']).toBe('2');
  expect((await ask(rejected, { 'auth-login-attempt': '10' })).headers['Auth-Wait']).toBeUndefined();
});

test.each([
  [403, { 'x-causeway-key': 'another' }],
  [403, { 'x-causeway-key': '' }],
  [400, { 'auth-method': 'cram-md5' }],
  [400, { 'auth-protocol': 'nntp' }],
] as [number, Record<string, string>][])('%d for %j, and nobody is judged', async (expected, headers) => {
  const { status, attempts, events } = await ask(ACCEPTED, headers);
  expect(status).toBe(expected);
  expect(attempts).toEqual([]);
  expect(events).toEqual(['front-door.asked-wrongly']);
});

test('whatever is asked, no header breaks its line and nothing is wrong but what was rejected', async () => {
  const text = fc.oneof(fc.string({ unit: 'binary', maxLength: 40 }), fc.constantFrom('%0d%0aAuth-Status: OK', '%', '%zz', '%E4'));
  await fc.assert(
    fc.asyncProperty(text, text, fc.constantFrom('imap', 'pop3', 'smtp'), async (user, pass, protocol) => {
      const { headers } = await ask({ verdict: 'unavailable', reason: 'held' }, { 'auth-user': user, 'auth-pass': pass, 'auth-protocol': protocol });
      expect(Object.values(headers).join('')).not.toMatch(/[\r\n]|wrong|535/);
    }),
  );
});

test('a hold finds sessions behind nginx busy', async () => {
  const unfenced = createUnfenced(() => {});
  expect(await unfenced.freeze(7, 1, 2_000)).toBe('busy');
  await expect(unfenced.cut(7)).rejects.toMatchObject({ code: 'unavailable' });
});
