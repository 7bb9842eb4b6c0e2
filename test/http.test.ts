/**
 * The provider's system and a customer by HTTP, with the real program: an account is made and given a secret by the API,
 * a customer sets another by a link and changes it again, each is what signs in a moment later, and with the store dead
 * nobody is told that a password is wrong.
 */
import { request } from 'node:https';
import { join } from 'node:path';
import { afterEach, expect, test } from 'vitest';
import { readRunFile } from '../src/context/data-folder.ts';
import { addUsers, startPlatformProcess } from '../src/practice/index.ts';
import { processesOf } from '../src/store/embedded/processes.ts';
import { signIn } from './customer.ts';
import { install, SENTINEL, serve, sleep } from './installation.ts';

const cleanUps: (() => Promise<unknown> | unknown)[] = [];
afterEach(async () => {
  for (const each of cleanUps.splice(0).toReversed()) await each();
});

const TOKEN = 'b'.repeat(64);
const JANE = 'jane@isp.example';

type Said = { readonly status: number; readonly text: string; readonly cookie: string };

function ask(port: number, method: string, path: string, body?: string, headers: Record<string, string> = {}): Promise<Said> {
  return new Promise((resolve, reject) => {
    const sent = request({ host: '127.0.0.1', port, method, path, headers, rejectUnauthorized: false }, (answer) => {
      let text = '';
      answer.setEncoding('utf8').on('data', (chunk: string) => (text += chunk));
      answer.on('end', () => resolve({ status: answer.statusCode!, text, cookie: answer.headers['set-cookie']?.[0]?.split(';')[0] ?? '' }));
    });
    sent.on('error', reject);
    sent.end(body);
  });
}

test('accounts by the API, passwords by the page, sign-in by them at once', async () => {
  const at = install({});
  cleanUps.push(() => at.remove());
  const folder = join(at.folder, 'old');
  addUsers(folder, [{ user: JANE, secret: 'what the platform has' }, SENTINEL], { uidValidityBase: 0 });
  const platform = await startPlatformProcess({ name: 'old', folder, uidValidityBase: 0, trustedTokenFile: join(at.folder, 'token') });
  cleanUps.push(() => platform.close());
  at.file('billing', TOKEN);
  const loopback = { host: '127.0.0.1', port: 0 };
  const config = at.file(
    'causeway.yaml',
    JSON.stringify({
      instance: 'scenario',
      data: at.data,
      listen: { imaps: loopback, api: { ...loopback, callers: { billing: { tokenFile: 'billing' } } }, selfcare: { ...loopback, url: 'https://password.isp.example' } },
      workers: { gateway: 1, mover: 1 },
      platforms: {
        old: {
          imap: { host: '127.0.0.1', port: platform.imapPort, tls: 'plain', trustedNetwork: true },
          lmtp: { host: '127.0.0.1', port: platform.lmtpPort },
          entrances: [{ kind: 'trusted', port: platform.trustedPort, passwordFile: 'token' }],
          sentinel: { login: SENTINEL.user, passwordFile: 'sentinel' },
        },
      },
    }),
  );
  const running = serve(config);
  cleanUps.push(() => running.stop());
  await running.event('serve.ready');
  const { imaps, api, selfcare } = readRunFile(at.data)!.ports as Record<string, number>;

  let keys = 0;
  const post = async (path: string, body: unknown): Promise<Record<string, string>> => {
    const headers = { authorization: `Bearer ${TOKEN}`, 'idempotency-key': `k${(keys += 1)}`, 'content-type': 'application/json' };
    const { status, text } = await ask(api!, 'POST', `/v1/accounts${path}`, JSON.stringify(body), headers);
    expect(status, text).toBeLessThan(300);
    return JSON.parse(text) as Record<string, string>;
  };
  /** A change is heard within a second; a busy machine takes longer. */
  const becomes = async (secret: string, expected: string): Promise<void> => {
    let seen = '';
    for (const until = performance.now() + 60_000; seen !== expected && performance.now() < until; await sleep(50)) seen = await signIn(imaps!, JANE, secret);
    expect(seen).toBe(expected);
  };
  const form = async (path: string, fields: Record<string, string>): Promise<Said> => {
    const { cookie } = await ask(selfcare!, 'GET', '/password');
    const body = new URLSearchParams({ form: cookie.split('=')[1]!, ...fields }).toString();
    return ask(selfcare!, 'POST', path, body, { cookie, 'content-type': 'application/x-www-form-urlencoded' });
  };

  await post('', { sequence: 1, address: JANE, platform: 'old' });
  await becomes('what the platform has', 'in');
  const { change } = await post(`/${JANE}/password`, { sequence: 2, password: 'by the billing system' });
  await becomes('by the billing system', 'in');
  // Sign-in asks the store for a secret that it does not know, so it may be in before it has heard; until then the former one is good.
  const heard = async (): Promise<unknown> => JSON.parse((await ask(api!, 'GET', `/v1/accounts/${JANE}/secret-changes/${change}`, undefined, { authorization: `Bearer ${TOKEN}` })).text);
  await expect.poll(heard).toEqual({ confirmed: [readRunFile(at.data)!.instance], notYet: [] });
  expect(await signIn(imaps!, JANE, 'what the platform has')).toBe('AUTHENTICATIONFAILED');

  const { url, token } = await post(`/${JANE}/reset-links`, { why: 'call 4711' });
  expect(url).toBe(`https://password.isp.example/reset/${token}`);
  const byLink = { secret: 'by the customer herself', again: 'by the customer herself' };
  expect((await form(`/reset/${token}`, byLink)).text).toContain('Your password is changed');
  expect((await form(`/reset/${token}`, byLink)).status).toBe(404);
  await becomes('by the customer herself', 'in');

  const own = { login: JANE, old: 'by the customer herself', secret: 'by her once again', again: 'by her once again' };
  const changed = await form('/password', own);
  expect(changed.text).toContain('Your password is changed');
  await becomes('by her once again', 'in');
  const wrong = await form('/password', { ...own, old: 'never was one' });
  expect(wrong).toMatchObject({ status: 422, text: expect.stringContaining('the present password is wrong') });

  await post(`/${JANE}/suspend`, { sequence: 3 });
  await becomes('by her once again', 'UNAVAILABLE');
  await post(`/${JANE}/reopen`, { sequence: 4 });
  await becomes('by her once again', 'in');

  // The store hangs. Who is known signs in; who wants to change something is told that his password is fine.
  const postgres = processesOf(join(at.data, 'postgres/pgdata'));
  expect(postgres.length).toBeGreaterThan(0);
  for (const pid of postgres) process.kill(pid, 'SIGSTOP');
  try {
    const outage = await form('/password', { ...own, old: own.secret, secret: 'not in an outage', again: 'not in an outage' });
    expect(outage.status).toBe(503);
    expect(outage.text).toContain('Your present password is fine');
    expect(outage.text).toContain('value="by her once again"');
    expect(await signIn(imaps!, JANE, own.secret)).toBe('in');
    expect((await ask(api!, 'GET', `/v1/accounts/${JANE}`, undefined, { authorization: `Bearer ${TOKEN}` })).status).toBe(503);
  } finally {
    for (const pid of postgres) process.kill(pid, 'SIGCONT');
  }
  const log = JSON.stringify(running.events());
  for (const secret of [TOKEN, token!, 'by the billing system', 'by the customer herself', 'by her once again', 'never was one']) expect(log).not.toContain(secret);
});
