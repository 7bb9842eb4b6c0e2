/**
 * By what customers sign in at the portal, with the real program, as a browser's requests: passkeys, codes, app passwords,
 * a new password, the history; and all of it while the platform's authentication is dead.
 */
import { connect } from 'node:tls';
import { generate } from 'otplib';
import { afterEach, expect, test } from 'vitest';
import { readRunFile } from '../src/context/data-folder.ts';
import { createAuthenticator } from '../src/webmail/security/authenticator.testing.ts';
import { userHandleOf } from '../src/webmail/security/passkey-sign-in.ts';
import { createBrowser } from './by-hand.ts';
import { saidAtLast } from './customer.ts';
import { causeway, serve, sleep } from './installation.ts';
import { installOnePlatform } from './one-platform.ts';

const cleanUps: (() => Promise<unknown> | unknown)[] = [];
afterEach(async () => {
  for (const each of cleanUps.splice(0).toReversed()) await each();
});

const JANE = { user: 'jane@isp.example', secret: 'jane has a secret' };

/** The reply to LOGIN. */
function login(port: number, secret: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = connect({ host: '127.0.0.1', port, rejectUnauthorized: false });
    let text = '';
    socket.on('error', reject).setEncoding('utf8');
    socket.on('data', (chunk: string) => {
      if (text === '') socket.write(`a LOGIN ${JANE.user} "${secret}"\r\n`);
      text += chunk;
      const reply = /^a .*$/m.exec(text)?.[0];
      if (reply === undefined) return;
      socket.destroy();
      resolve(reply);
    });
  });
}

/** A JMAP session by HTTP Basic: its status, and the code of a refusal. */
async function basic(port: number, secret: string): Promise<[number, unknown]> {
  const answer = await fetch(`http://127.0.0.1:${port}/jmap/session`, { headers: { authorization: `Basic ${Buffer.from(`${JANE.user}:${secret}`).toString('base64')}` } });
  return [answer.status, ((await answer.json()) as Record<string, unknown>)['code']];
}

test('passkeys, codes, app passwords and a new password: each is shown once, serves as it should, and is in the history', { timeout: 360_000 }, async () => {
  const loopback = { host: '127.0.0.1', port: 0 };
  const { platform, at } = await installOnePlatform([JANE], () => ({ listen: { imaps: loopback, webmail: { ...loopback, tls: false } } }), cleanUps);
  const running = serve(at.config);
  cleanUps.push(() => running.stop());
  await running.event('serve.ready');
  const imported = await causeway(['account', 'import', at.file('accounts.csv', `address,platform\n${JANE.user},old\n`), '-c', at.config]);
  expect(imported.status, imported.stderr).toBe(0);
  const { webmail: port, imaps } = readRunFile(at.data)!.ports as { webmail: number; imaps: number };

  const laptop = createBrowser(() => port, { name: 'a laptop', under: '/api' });
  const into = { login: JANE.user, secret: JANE.secret };
  expect(await laptop.get('/sign-in')).toMatchObject({ body: { passkeys: true, reset: null } });
  expect((await laptop.get('/security')).body['code']).toBe('signed-out');
  expect((await laptop.post('/sign-in', into)).body).toEqual({ address: JANE.user });

  // Changes need the password once more; an app password is none.
  expect((await laptop.post('/security/passkeys/options')).body['code']).toBe('confirm');
  expect((await laptop.post('/security/app-passwords/make', { label: 'Phone', scope: ['imap'] })).body['code']).toBe('confirm');
  const wrong = async (): Promise<string> => String((await laptop.post('/security/confirm', { secret: 'not hers' })).body['code']);
  expect(await saidAtLast(wrong, (code) => code.includes('unavailable'))).toBe('rejected');
  expect((await laptop.post('/security/confirm', { secret: JANE.secret })).status).toBe(200);

  const key = createAuthenticator();
  const creating = (await laptop.post('/security/passkeys/options')).body;
  expect(creating).toMatchObject({ rp: { id: 'localhost' }, authenticatorSelection: { residentKey: 'required', userVerification: 'required' } });
  const site = { origin: `http://localhost:${port}`, rpId: 'localhost' };
  const made = await laptop.post('/security/passkeys/add', { name: 'My laptop', response: key.create({ ...site, challenge: creating['challenge'] as string }) });
  expect(made).toMatchObject({ status: 200, body: { id: key.id } });
  const web = await laptop.post('/security/app-passwords/make', { label: 'Calendar', scope: ['webmail'] });
  const phone = await laptop.post('/security/app-passwords/make', { label: 'Phone', scope: ['imap', 'submission'] });
  expect((await laptop.post('/security/confirm', { secret: web.body['secret'] })).body['code']).toBe('scope');

  const { secret } = (await laptop.post('/security/second-step/begin')).body as { secret: string };
  const shownAt = performance.now();
  const shown = await generate({ secret });
  expect((await laptop.post('/security/second-step/on', { code: '000000' })).body['code']).toBe('code');
  const { recoveryCodes } = (await laptop.post('/security/second-step/on', { code: shown })).body as { recoveryCodes: string[] };
  expect(recoveryCodes).toHaveLength(10);
  const facts = await laptop.get('/security');
  expect(facts.body).toMatchObject({ address: JANE.user, sure: true, passkeys: { possible: true, list: [{ name: 'My laptop' }] }, secondStep: { possible: true, on: { everywhere: false, recoveryLeft: 10 } }, appPasswords: [{ label: 'Phone' }, { label: 'Calendar' }] });
  expect(JSON.stringify(facts.body)).not.toContain(secret);

  // The platform's authentication dies. The code is asked for after the password, and one serves once.
  await platform.auth.kill();
  const tablet = createBrowser(() => port, { name: 'a tablet', under: '/api' });
  const byCode = (typed = into) => until(async () => (await tablet.post('/sign-in', typed)).body['step'] === 'code');
  await byCode();
  expect((await tablet.get('/security')).body['code']).toBe('signed-out');
  // The very one: of another half minute it would be another, which has not served yet.
  const used = await tablet.post('/sign-in/code', { code: shown });
  // One that is older than half a minute may be wrong by its age.
  expect(performance.now() - shownAt < 30_000 ? ['code-used'] : ['code-used', 'code']).toContain(used.body['code']);
  expect((await tablet.post('/sign-in/code', { code: '000000' })).body).toMatchObject({ code: 'code', sentence: expect.stringContaining('Your password is fine') });
  expect((await tablet.post('/sign-in/code', { code: recoveryCodes[0]!.toUpperCase() })).body).toEqual({ address: JANE.user });
  expect((await tablet.get('/sessions')).status).toBe(200);
  // The half pass served.
  expect((await tablet.post('/sign-in/code', { code: recoveryCodes[1]! })).body['code']).toBe('too-late');
  await byCode();
  expect((await tablet.post('/sign-in/code', { code: recoveryCodes[0]! })).body['code']).toBe('code');

  // Another JMAP client shows the secret with each request, and no code: it needs an app password.
  expect(await basic(port, JANE.secret)).toEqual([403, 'second-step']);
  expect(await basic(port, web.body['secret'] as string)).toEqual([200, undefined]);

  // A passkey needs no name, no password, no code.
  const kiosk = createBrowser(() => port, { name: 'a kiosk', under: '/api' });
  const accountId = Number((await causeway(['account', 'show', JANE.user, '--json', '-c', at.config])).stdout.match(/"id":\s*(\d+)/)![1]);
  const byKey = async () => {
    const { challenge } = (await kiosk.post('/sign-in/passkey/options')).body as { challenge: string };
    return kiosk.post('/sign-in/passkey/finish', { response: key.get({ ...site, challenge }, userHandleOf(accountId)) });
  };
  expect(await byKey()).toMatchObject({ status: 200, body: { address: JANE.user } });
  expect((await kiosk.get('/security')).body).toMatchObject({ sure: false });

  // Mail programs: the password, until their owner wants them to have app passwords.
  expect(await login(imaps, phone.body['secret'] as string)).toMatch(/^a OK/);
  expect((await laptop.post('/security/second-step/everywhere', { everywhere: true })).status).toBe(200);
  await until(async () => /app password/.test(await login(imaps, JANE.secret)));
  expect(await login(imaps, JANE.secret)).toBe('a NO [UNAVAILABLE] This account needs an app password here; you make one in the webmail. Your password was not rejected.');
  expect(await login(imaps, phone.body['secret'] as string)).toMatch(/^a OK/);

  // Suspended: neither key nor code lets in, and each is told the state.
  expect((await causeway(['account', 'suspend', JANE.user, '--why', 'test', '-c', at.config])).status).toBe(0);
  await until(async () => (await byKey()).body['code'] === 'suspended');
  expect((await causeway(['account', 'reopen', JANE.user, '--why', 'test', '-c', at.config])).status).toBe(0);
  await until(async () => (await byKey()).status === 200);

  // A new password: this browser stays, the others go; passkey, codes and app passwords stay.
  expect((await laptop.post('/security/password', { old: 'not hers', secret: 'quite another secret' })).body['code']).not.toBe('signed-out');
  const changed = await laptop.post('/security/password', { old: JANE.secret, secret: 'quite another secret' });
  expect(changed).toMatchObject({ status: 200, body: { outcome: 'changed' } });
  expect((await laptop.get('/security')).body).toMatchObject({ sure: true });
  expect((await kiosk.get('/security')).body['code']).toBe('signed-out');
  expect((await byKey()).status).toBe(200);
  expect(await login(imaps, phone.body['secret'] as string)).toMatch(/^a OK/);
  await byCode({ ...into, secret: 'quite another secret' });

  // Removed: gone within a second.
  expect((await laptop.post('/security/passkeys/remove', { id: key.id })).status).toBe(200);
  await until(async () => (await byKey()).body['code'] === 'passkey');
  expect((await laptop.post('/security/app-passwords/revoke', { id: phone.body['id'] })).status).toBe(200);
  await until(async () => !(await login(imaps, phone.body['secret'] as string)).startsWith('a OK'));
  // The phone is lost, and so are the recovery codes: a technician turns it off.
  expect((await causeway(['account', 'second-step', 'off', JANE.user, '--why', 'case 17', '-c', at.config])).stdout).toContain('is asked for no code any more');
  await until(async () => (await tablet.post('/sign-in', { ...into, secret: 'quite another secret' })).body['step'] === undefined);

  const line = ({ protocol, device, outcome, means }: Record<string, string>): string => `${protocol} ${device} ${outcome} ${means}`;
  const history = async (): Promise<string[]> => ((await laptop.get('/security/history')).body['signIns'] as Record<string, string>[]).map(line);
  // Two processes write it, each in its own time.
  await until(async () => (await history()).includes('imap  app-password-needed password'));
  await expect.poll(history).toEqual(expect.arrayContaining(['webmail a laptop accepted password', 'webmail a tablet code-asked password', 'webmail a tablet rejected code', 'webmail a tablet accepted recovery-code', 'webmail a kiosk accepted passkey', 'imap  accepted app-password']));
  // No secret is in what was logged.
  const log = JSON.stringify(running.events());
  for (const each of [JANE.secret, 'quite another secret', secret, recoveryCodes[1]!, phone.body['secret'] as string]) expect(log.includes(each)).toBe(false);
});

async function until(done: () => Promise<boolean>): Promise<void> {
  for (let tries = 0; !(await done()); tries++) {
    if (tries > 240) throw new Error(`still not: ${done.toString()}`);
    await sleep(250);
  }
}
