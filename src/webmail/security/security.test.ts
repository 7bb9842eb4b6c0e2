import { generate } from 'otplib';
import { expect, test } from 'vitest';
import { z } from 'zod';
import { createSeal } from '#directory/outbox/seal.ts';
import { silent } from '#events/index.ts';
import { createManualClock } from '#events/manual-clock.testing.ts';
import { type App, createApp, tellInJson } from '#http/app.ts';
import type { Presented } from '#signin/history.ts';
import type { SignInKeys } from '#signin/keys.ts';
import type { Store } from '#store/index.ts';
import { refusalOf, toldOf } from '../refusal.ts';
import { createSealedCookie } from '#http/sealed-cookie.ts';
import { told } from '../sign-in-api.ts';
import { createAuthenticator } from './authenticator.testing.ts';
import { createCodeLimits } from './code-limits.ts';
import { stepOf } from '#signin/one-time-code.ts';
import { createCodes } from './codes.ts';
import { addPasskeySignIn, userHandleOf } from './passkey-sign-in.ts';
import { relyingPartyOf } from '#http/relying-party.ts';

const KEY = Buffer.alloc(32, 3);
const gone = { transaction: () => Promise.reject(new Error('the store is gone')), db: () => { throw new Error('the store is gone'); } } as unknown as Store;

/** A browser with cookies before an app. */
function browserOf(app: App) {
  const jar = new Map<string, string>();
  return {
    jar,
    async post(path: string, body: unknown = {}) {
      const cookie = [...jar].map(([name, value]) => `${name}=${value}`).join('; ');
      const answer = await app.request(path, { method: 'POST', body: JSON.stringify(body), headers: { cookie } }, { incoming: { socket: {} } });
      for (const set of answer.headers.getSetCookie()) {
        const [, name = '', value = ''] = /^([^=]+)=([^;]*)/.exec(set) ?? [];
        if (/max-age=0/i.test(set)) jar.delete(name);
        else jar.set(name, value);
      }
      return { status: answer.status, body: (await answer.json()) as Record<string, unknown> };
    },
  };
}

const begin = (): App => createApp(silent, (c, failure, error) => (toldOf(error) === undefined ? tellInJson(c, failure) : told(c, toldOf(error)!)));

test('passkeys are made for the configured site, else for this machine’s own name alone', () => {
  expect(relyingPartyOf('https://mail.isp.example:8443', 'evil.example', true)).toEqual({ id: 'mail.isp.example', origin: 'https://mail.isp.example:8443' });
  expect(relyingPartyOf('http://mail.isp.example', undefined, true)).toBeUndefined();
  expect(relyingPartyOf(undefined, 'localhost:1234', false)).toEqual({ id: 'localhost', origin: 'http://localhost:1234' });
  for (const host of ['mail.isp.example', '127.0.0.1:80', '[::1]:80', 'localhost.evil.example', 'a b', '', undefined]) expect(relyingPartyOf(undefined, host, true), host).toBeUndefined();
  expect(relyingPartyOf('https://192.0.2.1', undefined, true)).toBeUndefined();
});

test('a passkey lets its account in with the store gone; no other signature, site, challenge, account or browser does', async () => {
  const clock = createManualClock(0);
  const mine = createAuthenticator();
  const keys = (): SignInKeys => ({ address: 'jane@isp.example', version: 4, passkeys: [{ id: mine.id, publicKey: mine.publicKey.toString('base64') }], secondStep: undefined });
  const entered: unknown[] = [];
  const noted: Presented[] = [];
  let isHeld = false;
  const app = begin();
  addPasskeySignIn(app, {
    rpOf: () => ({ id: 'mail.isp.example', origin: 'https://mail.isp.example' }),
    keysOf: async (id) => (id === 17 ? keys() : id === 18 ? { ...keys(), passkeys: [] } : undefined),
    enter: async (_, who) => {
      if (isHeld) throw refusalOf({ verdict: 'unavailable', reason: 'held' });
      entered.push(who);
      return { address: 'jane@isp.example', version: 4, loginNames: [], sendBlocked: false };
    },
    history: { note: (one) => void noted.push(one), close: async () => {} },
    store: gone,
    key: KEY,
    now: clock.now,
  });
  const at = { origin: 'https://mail.isp.example', rpId: 'mail.isp.example' };
  const browser = browserOf(app);
  const fresh = async (): Promise<string> => (await browser.post('/api/sign-in/passkey/options')).body['challenge'] as string;
  const finish = (response: unknown, stay = false) => browser.post('/api/sign-in/passkey/finish', { response, stay });

  expect((await finish(mine.get({ ...at, challenge: 'none' }, userHandleOf(17)))).body['code']).toBe('too-late');
  const signed = mine.get({ ...at, challenge: await fresh() }, userHandleOf(17));
  const another = createAuthenticator();
  const bad: [string, (challenge: string) => unknown][] = [
    ['another key', (challenge) => ({ ...another.get({ ...at, challenge }, userHandleOf(17)), id: mine.id, rawId: mine.id })],
    ['a key that is not registered', (challenge) => another.get({ ...at, challenge }, userHandleOf(17))],
    ['another account', (challenge) => mine.get({ ...at, challenge }, userHandleOf(18))],
    ['no account', (challenge) => mine.get({ ...at, challenge }, Buffer.from('account x'))],
    ['another site', (challenge) => mine.get({ ...at, origin: 'https://mail.isp.example.evil.example', challenge }, userHandleOf(17))],
    ['a key made for another site', (challenge) => mine.get({ ...at, rpId: 'evil.example', challenge }, userHandleOf(17))],
    ['its owner not verified', (challenge) => mine.get({ ...at, flags: 1, challenge }, userHandleOf(17))],
  ];
  for (const [what, respond] of bad) {
    const answer = await finish(respond(await fresh()));
    expect([answer.status, answer.body['code']], what).toEqual([403, 'passkey']);
    expect(answer.body['sentence']).toContain('nothing is wrong with it');
  }
  // Its challenge made room for those of the tabs that came after.
  expect((await finish(signed)).body['code']).toBe('too-late');
  expect([entered, noted]).toEqual([[], []]);

  const right = mine.get({ ...at, challenge: await fresh() }, userHandleOf(17));
  const before = new Map(browser.jar);
  isHeld = true;
  expect((await finish(right)).status).toBe(503);
  isHeld = false;
  expect((await finish(right, true)).status).toBe(200);
  expect(entered).toEqual([{ accountId: 17, version: 4, stay: true }]);
  expect(noted).toMatchObject([{ accountId: 17, means: 'passkey', outcome: 'accepted' }]);
  // The same again, even in the browser as it was, is over; so is one that waited too long.
  for (const [name, value] of before) browser.jar.set(name, value);
  expect((await finish(right)).body['code']).toBe('too-late');
  const late = mine.get({ ...at, challenge: await fresh() }, userHandleOf(17));
  await clock.pass(601_000);
  expect((await finish(late)).body['code']).toBe('too-late');
  expect(entered).toHaveLength(1);
});

test('a code is right for a minute and a half, serves once, and is judged with the store gone; recovery codes are not', async () => {
  const clock = createManualClock(0);
  await clock.pass(1.7e12);
  const secret = 'JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP';
  const seal = createSeal(KEY, 'second step');
  const codes = createCodes({ seal, store: gone, clock });
  const secondStep = { sealed: seal.seal(5, secret).toString('base64'), everywhere: false };
  const codeAt = (ms: number): Promise<string> => generate({ secret, epoch: Math.floor(ms / 1_000) });
  const step = Math.floor(clock.now() / 30_000);
  for (const [offset, expected] of [[-90, undefined], [-30, step - 1], [0, step], [30, step + 1], [90, undefined]] as const) {
    expect(await stepOf(secret, await codeAt(clock.now() + offset * 1_000), clock.now()), `${offset} s`).toBe(expected);
  }
  const now = await codeAt(clock.now());
  const twice = await Promise.all([codes.judge(5, secondStep, `${now.slice(0, 3)} ${now.slice(3)}`), codes.judge(5, secondStep, now)]);
  expect(twice.toSorted()).toEqual(['right', 'used']);
  expect(await codes.judge(5, secondStep, await codeAt(clock.now() - 30_000))).toBe('used');
  for (const wrong of ['000000', '', 'abcdef', `${now}0`]) expect(await codes.judge(5, secondStep, wrong === now ? '111111' : wrong)).toBe('wrong');
  // Sealed for another account, under another key, or without one: nobody is told that a code is wrong.
  for (const other of [codes.judge(6, secondStep, now), createCodes({ seal: createSeal(Buffer.alloc(32, 4), 'second step'), store: gone, clock }).judge(5, secondStep, now), createCodes({ seal: undefined, store: gone, clock }).judge(5, secondStep, now)]) {
    await expect(other).rejects.toMatchObject({ code: 'unavailable' });
  }
  await expect(codes.judge(5, secondStep, 'abcd-efgh-ijkm-npqr')).rejects.toThrow('the store is gone');
});

test('wrong codes stop the asking from where they came, and of a day’s crowd everywhere, but for recovery codes', async () => {
  const clock = createManualClock(0);
  const limits = createCodeLimits(clock.monotonic);
  for (let n = 0; n < 6; n++) {
    expect(limits.waitMs(1, 'home', false)).toBe(0);
    limits.wrong(1, 'home');
  }
  expect([limits.waitMs(1, 'home', false), limits.waitMs(1, 'home', true), limits.waitMs(1, 'office', false), limits.waitMs(2, 'home', false)]).toEqual([900_000, 900_000, 0, 0]);
  await clock.pass(900_000);
  expect(limits.waitMs(1, 'home', false)).toBe(0);
  for (let n = 0; n < 94; n++) limits.wrong(1, `bot ${n}`);
  expect([limits.waitMs(1, 'office', false) > 0, limits.waitMs(1, 'office', true)]).toEqual([true, 0]);
  await clock.pass(86_400_000);
  expect(limits.waitMs(1, 'office', false)).toBe(0);
});

test('what a browser keeps is over in time, whatever the browser does, and serves for its own purpose alone', async () => {
  const clock = createManualClock(0);
  const schema = z.strictObject({ accountId: z.int() });
  const make = (name: string) => createSealedCookie({ name, key: KEY, schema, seconds: 60, now: clock.now });
  const [one, other] = [make('one'), make('other')];
  const app = begin();
  app.post('/set', (c) => (one.set(c, { accountId: 1 }), c.json({})));
  app.post('/read', (c) => c.json({ one: one.read(c) ?? null, other: other.read(c) ?? null }));
  const browser = browserOf(app);
  await browser.post('/set');
  browser.jar.set('__Host-causeway-other', browser.jar.get('__Host-causeway-one')!);
  expect((await browser.post('/read')).body).toEqual({ one: { accountId: 1 }, other: null });
  expect([...browser.jar.values()].map((value) => Buffer.from(value, 'base64url').toString('latin1')).join()).not.toContain('accountId');
  await clock.pass(60_001);
  expect((await browser.post('/read')).body).toEqual({ one: null, other: null });
});
