/**
 * The staff at the desk, with the real program: somebody is made known at the command line, signs in by password and code
 * while the mail platform is dead, and what he does about an account holds at the front door a moment later.
 */
import { generate } from 'otplib';
import { afterEach, expect, test } from 'vitest';
import { readRunFile } from '../src/context/data-folder.ts';
import { openClient } from '../src/rehearsal/mail-client.ts';
import { createBrowser } from './by-hand.ts';
import { signIn } from './customer.ts';
import { causeway, serve, sleep } from './installation.ts';
import { installOnePlatform } from './one-platform.ts';

const cleanUps: (() => Promise<unknown> | unknown)[] = [];
afterEach(async () => {
  for (const each of cleanUps.splice(0).toReversed()) await each();
});

const JANE = { user: 'jane@isp.example', secret: 'jane has a secret' };

/** What the account's next sign-ins say, until one says `wanted`. */
async function until(wanted: string, again: () => Promise<string>): Promise<string> {
  let last = '';
  for (let n = 0; n < 120 && last !== wanted; n += 1) {
    last = await again();
    if (last !== wanted) await sleep(250);
  }
  return last;
}

test('staff sign in with the platform dead; an unlock and an end of sessions hold at the front door', async () => {
  const loopback = { host: '127.0.0.1', port: 0 };
  const { platform, at } = await installOnePlatform([JANE], () => ({ listen: { imaps: loopback, office: { ...loopback, tls: false } } }), cleanUps);
  const running = serve(at.config);
  cleanUps.push(() => running.stop());
  await running.event('serve.ready');
  const accounts = at.file('accounts.csv', `address,platform,hash,authority\n${JANE.user},old,{PLAIN}${JANE.secret},ours\n`);
  expect((await causeway(['account', 'import', accounts, '-c', at.config])).status).toBe(0);
  const { ports } = readRunFile(at.data)!;

  const added = await causeway(['staff', 'add', 'ben', '--role', 'level-two', '--json', '-c', at.config]);
  expect(added.status, added.stderr).toBe(0);
  const { password, phone } = JSON.parse(added.stdout) as { password: string; phone: { code: string } };
  expect((await causeway(['staff', 'add', 'ben', '--role', 'lead', '-c', at.config])).status).toBe(70);
  const listed = await causeway(['staff', 'list', '-c', at.config]);
  expect(listed.stdout).toMatch(/^ben +level-two +yes +0 /m);

  // A stranger guesses from here, until even the right secret is not checked.
  const attempt = (secret: string): Promise<string> => signIn(ports.imaps!, JANE.user, secret);
  for (let n = 0; n < 40 && running.events('signin.lock-set').length === 0; n += 1) await attempt(`guess ${n}`);
  expect(running.events('signin.lock-set')).toHaveLength(1);
  expect(await attempt(JANE.secret)).toBe('UNAVAILABLE');

  await platform.auth.kill();
  const page = createBrowser(() => ports.office!);
  expect(await page.post('/api/staff/sign-in', { name: 'ben', secret: password })).toMatchObject({ status: 200, body: { step: 'code' } });
  expect((await page.post('/api/staff/sign-in/code', { code: await generate({ secret: phone.code }) })).status).toBe(200);
  expect((await page.get('/api/staff/me')).body).toMatchObject({ name: 'ben', role: 'level-two' });
  const { body: acts } = await page.get('/api/desk/accounts/1/acts');
  expect(acts).toEqual({ acts: [] });
  expect((await page.post('/api/desk/accounts/1/acts/unlock', { why: 'it was her own phone' }, 'cross-site')).status).toBe(403);
  expect((await page.post('/api/desk/accounts/1/acts/unlock', { why: 'it was her own phone' })).status).toBe(200);
  await platform.auth.restart();
  expect(await until('in', () => attempt(JANE.secret))).toBe('in');

  const { client } = await openClient({ host: '127.0.0.1', port: ports.imaps!, secure: true, timeoutMs: 20_000 });
  cleanUps.push(() => client?.close());
  expect((await client!.command(`LOGIN "${JANE.user}" "${JANE.secret}"`)).status).toBe('OK');
  expect((await page.post('/api/desk/accounts/1/acts/end-sessions', { why: 'a phone was lost' })).status).toBe(200);
  expect(await until('lost', async () => (await client!.command('NOOP')).status)).toBe('lost');

  // Whoever leaves is out at once.
  expect((await causeway(['staff', 'remove', 'ben', '--why', 'left', '-c', at.config])).status).toBe(0);
  expect((await page.get('/api/staff/me')).status).toBe(401);
  expect((await page.post('/api/staff/sign-in', { name: 'ben', secret: password })).status).toBe(403);
});
