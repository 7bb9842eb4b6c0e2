import { randomUUID } from 'node:crypto';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest';
import { silent } from '#events/index.ts';
import { createManualClock } from '#events/manual-clock.testing.ts';
import { type App, createApp, tellInJson } from '#http/app.ts';
import type { Hasher } from '#signin/index.ts';
import { storeMigrations } from '#store/index.ts';
import { openTestStore, type TestStore } from '#store/testing.ts';
import type { Role } from '../api.ts';
import { invite } from '../invite.ts';
import { addPerson, endPerson, linkPerson, listStaff, setRole } from '../people.ts';
import { addStaffRoutes } from '../routes.ts';
import { SESSION_COOKIE, SHIFT_MS } from '../sessions.ts';
import { staffMigrations } from '../tables.ts';
import { type IdentityProvider, openIdentityProvider } from './identity-provider.testing.ts';
import { createProvider } from './provider.ts';
import { ownPage, type OidcSettings } from './sign-in.ts';

const BY = { actor: 'cli:test' };
const DESK = 'https://desk.isp.example';
const BACK = '/api/staff/sign-in/oidc/callback';
let opened: TestStore;
let idp: IdentityProvider;
beforeAll(async () => void ([opened, idp] = await Promise.all([openTestStore([...storeMigrations, ...staffMigrations]), openIdentityProvider()])));
afterAll(() => Promise.all([opened?.close(), idp?.close()]));

const hasher = { verify: async (encoded: string, secret: string) => (encoded === `hash of ${secret}` ? 'match' : 'mismatch'), pretend: async () => {}, makeInTurn: async (secret: string) => `hash of ${secret}` } as unknown as Hasher;

let clock: ReturnType<typeof createManualClock>;
let app: App;
let told: { reason: string; why: string }[];
let people = 0;

const settings = (more: Partial<OidcSettings> = {}): OidcSettings => ({
  issuer: idp.issuer,
  clientId: idp.clientId,
  clientSecret: { reveal: () => idp.clientSecret },
  button: 'The house',
  nameClaim: 'preferred_username',
  scopes: ['profile'],
  roles: { claim: ['groups'], values: { helpers: 'level-one', leads: 'lead', it: 'administrator' } },
  require: {},
  ...more,
});

function appWith(more: Partial<OidcSettings> = {}): App {
  const made = createApp(silent, tellInJson);
  addStaffRoutes(made, { store: opened.store, key: Buffer.alloc(32, 7), keyLasts: true, url: DESK, hasher, clock, emit: (event, data) => void (event.name === 'staff.oidc-refused' && told.push(data as never)), oidc: settings(more) });
  return made;
}

beforeEach(async () => {
  clock = createManualClock(0);
  await clock.pass(Date.now());
  told = [];
  idp.err = {};
  idp.endsSessions = false;
  idp.person = { sub: randomUUID(), preferred_username: `person${(people += 1)}`, groups: ['helpers'] };
  app = appWith();
});
afterEach(() => vi.useRealTimers());

function browser() {
  const jar = new Map<string, string>();
  const flags = new Map<string, string>();
  async function send(method: string, path: string, body?: unknown, headers: Record<string, string> = { 'sec-fetch-site': 'same-origin' }): Promise<{ status: number; body: Record<string, unknown>; location: string | null }> {
    // What browsers leave out of a navigation that another site began.
    const sent = [...jar].filter(([name]) => headers['sec-fetch-site'] !== 'cross-site' || /Lax/.test(flags.get(name)!));
    const cookie = sent.map(([name, value]) => `${name}=${value}`).join('; ');
    const answer = await app.request(path, { method, ...(body === undefined ? {} : { body: JSON.stringify(body) }), headers: { ...headers, ...(cookie === '' ? {} : { cookie }) } }, { incoming: { socket: {} } });
    for (const set of answer.headers.getSetCookie()) {
      const [, name = '', value = ''] = /^([^=]+)=([^;]*)/.exec(set) ?? [];
      flags.set(name, set);
      if (/max-age=0/i.test(set)) jar.delete(name);
      else jar.set(name, value);
    }
    return { status: answer.status, body: (await answer.json().catch(() => ({}))) as Record<string, unknown>, location: answer.headers.get('location') };
  }
  const page = {
    jar,
    flags,
    get: (path: string) => send('GET', path),
    post: (path: string, body: unknown = {}) => send('POST', path, body),
    begin: async (to = '/desk/') => String((await send('POST', '/api/staff/sign-in/oidc', { to })).body['url']),
    /** By the identity provider's redirect. @returns where the browser lands */
    comeBack: async (at: string): Promise<string | null> => (await send('GET', at.replace(DESK, ''), undefined, { 'sec-fetch-site': 'cross-site', 'sec-fetch-mode': 'navigate' })).location,
    signIn: async (to?: string) => page.comeBack(await idp.follow(await page.begin(to))),
    me: async () => (await send('GET', '/api/staff/me')).body,
  };
  return page;
}

const audited = async (name: string): Promise<[string, string, unknown][]> =>
  (await opened.store.db<{ audit: { id: number; actor: string; act: string; subject: string; detail: { means?: string } | null } }>().selectFrom('audit').select(['actor', 'act', 'detail']).where('subject', '=', `staff:${name}`).orderBy('id').execute()).map(({ actor, act, detail }) => [actor, act, detail?.means]);
const nameNow = (): string => String(idp.person['preferred_username']);

describe('the way in', () => {
  test('goes there with PKCE, state and nonce, and comes back to the page that was asked for, with a session like others', async () => {
    const page = browser();
    expect((await page.get('/api/staff/sign-in')).body).toEqual({ passkeys: true, oidc: 'The house' });
    const url = new URL(await page.begin('/desk/cases/7?tab=notes'));
    expect(Object.fromEntries(url.searchParams)).toMatchObject({ response_type: 'code', redirect_uri: DESK + BACK, scope: 'openid profile', code_challenge_method: 'S256' });
    for (const name of ['state', 'nonce', 'code_challenge']) expect(url.searchParams.get(name)).toMatch(/^[\w-]{43}$/);
    expect(url.href).not.toContain(encodeURIComponent(idp.clientSecret));
    expect(page.flags.get('__Host-causeway-staff-oidc')).toMatch(/HttpOnly.*Secure.*SameSite=Lax/);
    expect(await page.comeBack(await idp.follow(url.href))).toBe('/desk/cases/7?tab=notes');
    expect(page.flags.get(SESSION_COOKIE)).toMatch(/HttpOnly.*Secure.*SameSite=Strict/);
    expect(await page.me()).toMatchObject({ name: nameNow(), role: 'level-one' });
    expect((await page.get('/api/staff/security')).body).toMatchObject({ password: false, code: false });
    expect([...page.jar.keys()]).toEqual([SESSION_COOKIE]);
    expect(await audited(nameNow())).toEqual([['oidc', 'staff.added', undefined], ['oidc', 'staff.linked', undefined], [`staff:${nameNow()}`, 'staff.signed-in', 'oidc']]);
    // Who has no password is let in by none, and nothing breaks over it.
    for (const secret of ['', 'anything']) expect((await browser().post('/api/staff/sign-in', { name: nameNow(), secret })).status).toBe(403);
    await clock.pass(SHIFT_MS + 1);
    expect((await page.get('/api/staff/me')).status).toBe(401);
  });

  test('another site cannot begin it', async () => {
    const answer = await app.request('/api/staff/sign-in/oidc', { method: 'POST', body: '{"to":"/desk/"}', headers: { 'sec-fetch-site': 'cross-site' } }, { incoming: { socket: {} } });
    expect(answer.status).toBe(403);
  });

  test.each([
    ['https://evil.example/desk/', '/desk/'],
    ['//evil.example/desk/', '/desk/'],
    ['/\\evil.example/', '/desk/'],
    ['/desk/..//evil.example/', '/desk/'],
    ['/deskevil', '/desk/'],
    ['javascript:alert(1)', '/desk/'],
    ['/api/staff/sign-out', '/desk/'],
    ['', '/desk/'],
    ['/console/waves?sign-in=gone&x=1#top', '/console/waves?x=1'],
    ['/desk', '/desk'],
  ])('%s leads to %s', (asked, led) => expect(ownPage(asked)).toBe(led));

  test('three tabs may wait at once, and each comes back once', async () => {
    const page = browser();
    const [first, second] = [await idp.follow(await page.begin('/desk/one')), await idp.follow(await page.begin('/desk/two'))];
    expect(await page.comeBack(first)).toBe('/desk/one');
    expect(await page.comeBack(second)).toBe('/desk/two');
    expect(await page.comeBack(second)).toBe('/desk/?sign-in=too-late');
  });
});

describe('the way out', () => {
  const out = async (page: ReturnType<typeof browser>): Promise<unknown> => {
    const { status, body } = await page.post('/api/staff/sign-out');
    // Here it is over, whatever is said of there.
    expect([status, (await page.get('/api/staff/me')).status, page.jar.size]).toEqual([200, 401, 0]);
    return body['url'];
  };

  test('ends the session there, too: by the token that it gave, and back to a page of ours', async () => {
    idp.endsSessions = true;
    const page = browser();
    await page.signIn();
    expect(page.flags.get('__Host-causeway-staff-oidc-in')).toMatch(/HttpOnly.*Secure.*SameSite=Strict/);
    expect(await idp.follow(String(await out(page)))).toBe(`${DESK}/desk/`);
    expect(idp.left).toEqual([idp.person['sub']]);
    // Once: there is nothing left to be ended.
    expect(await out(page)).toBeUndefined();
  });

  test('is no longer than ours where it has no such place, does not answer, or was not how one came in', async () => {
    const page = browser();
    await page.signIn();
    expect(await out(page)).toBeUndefined();
    idp.endsSessions = true;
    app = appWith();
    await page.signIn();
    // This process has begun anew, and asks in vain.
    app = appWith();
    idp.err.discovery = 'broken';
    expect(await out(page)).toBeUndefined();
    idp.err = {};
    await opened.store.transaction((tx) => addPerson(tx, { name: `pia${people}`, role: 'lead', password: 'hash of secret', seal: undefined }, BY));
    await page.post('/api/staff/sign-in', { name: `pia${people}`, secret: 'secret' });
    expect(await page.me()).toMatchObject({ name: `pia${people}` });
    expect((await page.post('/api/staff/sign-out')).body).toEqual({});
  });

  test('a token that is too long for a cookie is left out; a place that is no page is none', async () => {
    idp.endsSessions = true;
    idp.err.claims = (right) => ({ ...right, groups: ['helpers', ...Array.from({ length: 200 }, (_, n) => `choir of the ${n}th street`)] });
    const page = browser();
    await page.signIn();
    const url = new URL(String(await out(page)));
    expect([url.searchParams.has('id_token_hint'), url.searchParams.get('client_id'), url.searchParams.get('post_logout_redirect_uri')]).toEqual([false, idp.clientId, `${DESK}/desk/`]);
    idp.err = { says: { end_session_endpoint: 'javascript:alert(1)' } };
    app = appWith();
    await page.signIn();
    expect(await out(page)).toBeUndefined();
  });
});

describe('who it is', () => {
  test('the highest role that the groups have; another one at the next sign-in, and what was open ends', async () => {
    const page = browser();
    idp.person['groups'] = ['helpers', 'choir', 'leads'];
    await page.signIn();
    expect(await page.me()).toMatchObject({ role: 'lead' });
    const { id, name } = await page.me();
    idp.person['groups'] = ['helpers'];
    idp.person['preferred_username'] = 'another-name';
    const later = browser();
    await later.signIn();
    expect(await later.me()).toMatchObject({ id, role: 'level-one' });
    expect((await page.get('/api/staff/me')).status).toBe(401);
    idp.person['groups'] = ['choir'];
    expect(await browser().signIn()).toBe('/desk/?sign-in=no-role');
    expect((await later.get('/api/staff/me')).status).toBe(401);
    const acts = ['staff.added', 'staff.linked', 'staff.signed-in', 'staff.role-set', 'staff.signed-in', 'staff.sessions-ended'];
    expect((await audited(String(name))).map(([, act]) => act)).toEqual(acts);
  });

  test('roles that lie deeper, a single one, and what only looks like one', async () => {
    app = appWith({ roles: { claim: ['realm_access', 'roles'], values: { it: 'operator' } } });
    idp.person['realm_access'] = { roles: 'it' };
    const page = browser();
    await page.signIn();
    expect(await page.me()).toMatchObject({ role: 'operator' });
    for (const claim of ['it', null, { roles: ['IT', 'constructor', '__proto__', 7, { it: 1 }] }]) {
      idp.person['realm_access'] = claim;
      expect(await browser().signIn(), JSON.stringify(claim)).toBe('/desk/?sign-in=no-role');
    }
  });

  test('who was removed here stays out, whatever the identity provider says and however he is called there', async () => {
    const page = browser();
    const name = nameNow();
    await page.signIn();
    await opened.store.transaction((tx) => endPerson(tx, name, BY));
    expect((await page.get('/api/staff/me')).status).toBe(401);
    expect(await browser().signIn()).toBe('/desk/?sign-in=gone');
    idp.person['preferred_username'] = `${name}.again`;
    expect(await browser().signIn()).toBe('/desk/?sign-in=gone');
    // Somebody new under the name of who has left.
    idp.person = { sub: randomUUID(), preferred_username: name, groups: ['it'] };
    expect(await browser().signIn()).toBe('/desk/?sign-in=gone');
  });

  test('nobody becomes somebody else by a name; linked by hand he is the same person', async () => {
    const name = nameNow();
    await invite(name, 'administrator', { store: opened.store, makeHash: hasher.makeInTurn, seal: undefined, by: BY });
    const other = `${name}.second`;
    await invite(other, 'administrator', { store: opened.store, makeHash: hasher.makeInTurn, seal: undefined, by: BY });
    idp.person['groups'] = ['it'];
    expect(await browser().signIn()).toBe('/desk/?sign-in=taken');
    expect(told.at(-1)!.why).toContain(`causeway staff link ${name} '${String(idp.person['sub'])}'`);
    await opened.store.transaction((tx) => linkPerson(tx, name, { issuer: idp.issuer, subject: String(idp.person['sub']) }, BY));
    const page = browser();
    expect(await page.signIn()).toBe('/desk/');
    expect(await page.me()).toMatchObject({ name, role: 'administrator' });
    expect((await listStaff(opened.store)).find((each) => each.name === name)).toMatchObject({ oidc: true });
    await expect(opened.store.transaction((tx) => linkPerson(tx, other, { issuer: idp.issuer, subject: String(idp.person['sub']) }, BY))).rejects.toMatchObject({ code: 'conflict' });
  });

  test('the last administrator is not made another role by it', async () => {
    const name = nameNow();
    idp.person['groups'] = ['it'];
    await browser().signIn();
    for (const each of await listStaff(opened.store)) if (each.name !== name && each.role === 'administrator') await opened.store.transaction((tx) => setRole(tx, each.name, 'lead', BY));
    idp.person['groups'] = ['helpers'];
    expect(await browser().signIn()).toBe('/desk/?sign-in=last-administrator');
    expect((await listStaff(opened.store)).find((each) => each.name === name)).toMatchObject({ role: 'administrator' satisfies Role });
  });

  test('two browsers of somebody new at once make one person', async () => {
    const both = [browser(), browser()];
    expect(await Promise.all(both.map((page) => page.signIn()))).toEqual(['/desk/', '/desk/']);
    const [one, two] = await Promise.all(both.map((page) => page.me()));
    expect(one).toEqual(two);
  });

  test.each([['José.Pérez@isp.example', 'jose.perez'], ['7up', undefined], ['', undefined], ['李', undefined], [42, undefined], ['a b', undefined], [`a${'b'.repeat(60)}`, undefined]])('the name %j serves as %j', async (given, name) => {
    idp.person['preferred_username'] = given;
    const page = browser();
    expect(await page.signIn()).toBe(name === undefined ? '/desk/?sign-in=nameless' : '/desk/');
    if (name !== undefined) expect(await page.me()).toMatchObject({ name });
  });

  test('a second factor is required where the configuration says so: silence is none', async () => {
    app = appWith({ require: { acr: ['gold'], amr: ['otp', 'hwk'] } });
    expect(new URL(await browser().begin()).searchParams.get('acr_values')).toBe('gold');
    for (const said of [{}, { acr: 'gold' }, { amr: ['otp'] }, { acr: 'silver', amr: ['otp'] }, { acr: 'gold', amr: ['pwd'] }, { acr: ['gold'], amr: ['otp'] }]) {
      idp.person = { sub: 'x', preferred_username: 'person', groups: ['it'], ...said };
      expect(await browser().signIn(), JSON.stringify(said)).toBe('/desk/?sign-in=weak');
    }
    idp.person = { ...idp.person, preferred_username: 'strong.person', sub: randomUUID(), acr: 'gold', amr: ['pwd', 'otp'] };
    expect(await browser().signIn()).toBe('/desk/');
  });
});

describe('what does not prove itself lets nobody in', () => {
  const now = (): number => Math.floor(Date.now() / 1_000);
  test.each([
    ['another nonce', (right) => ({ ...right, nonce: 'another' })],
    ['no nonce', (right) => ({ ...right, nonce: undefined })],
    ['another audience', (right) => ({ ...right, aud: 'somebody-else' })],
    ['among audiences, for another party', (right) => ({ ...right, aud: ['causeway', 'other'], azp: 'other' })],
    ['another issuer', (right) => ({ ...right, iss: 'https://evil.example' })],
    ['expired', (right) => ({ ...right, exp: now() - 31 })],
    ['not yet', (right) => ({ ...right, nbf: now() + 60 })],
    ['without an expiry', (right) => ({ ...right, exp: undefined })],
    ['without a subject', (right) => ({ ...right, sub: undefined })],
    ['a subject that is a number', (right) => ({ ...right, sub: 7 })],
  ] as [string, (right: Record<string, unknown>) => Record<string, unknown>][])('a token with %s', async (_, claims) => {
    idp.err.claims = claims;
    const page = browser();
    expect(await page.signIn()).toBe('/desk/?sign-in=mistrusted');
    expect(page.jar.has(SESSION_COOKIE)).toBe(false);
    expect((await page.get('/api/staff/me')).status).toBe(401);
    expect(told.at(-1)).toMatchObject({ reason: 'mistrusted' });
  });

  test.each(['none', 'HS256', 'a stranger'] as const)('a signature by %s', async (alg) => {
    idp.err.alg = alg;
    const page = browser();
    expect(await page.signIn()).toBe('/desk/?sign-in=mistrusted');
    expect(page.jar.has(SESSION_COOKIE)).toBe(false);
  });

  test('clocks may differ by half a minute', async () => {
    idp.err.claims = (right) => ({ ...right, exp: now() - 20, nbf: now() + 20 });
    expect(await browser().signIn()).toBe('/desk/');
  });

  test('another state, none, another browser’s, one that is over', async () => {
    const page = browser();
    const at = new URL(await idp.follow(await page.begin()));
    const thief = browser();
    expect(await thief.comeBack(at.href)).toBe('/desk/?sign-in=too-late');
    await thief.begin();
    expect(await thief.comeBack(at.href)).toBe('/desk/?sign-in=too-late');
    // Nobody is signed in as the thief by a link of his.
    const bait = await idp.follow(await thief.begin());
    expect(await page.comeBack(bait)).toBe('/desk/?sign-in=too-late');
    for (const state of [null, '', 'another', 'x'.repeat(43)]) {
      const changed = new URL(at);
      if (state === null) changed.searchParams.delete('state');
      else changed.searchParams.set('state', state);
      expect(await page.comeBack(changed.href)).toBe('/desk/?sign-in=too-late');
    }
    const before = idp.asked.token;
    await clock.pass(900_001);
    expect(await page.comeBack(at.href)).toBe('/desk/?sign-in=too-late');
    expect(idp.asked.token).toBe(before);
  });

  test('a code that comes back again, also with the cookie that it came with and with an identity provider that does not mind', async () => {
    idp.err.codesStay = true;
    const page = browser();
    const at = await idp.follow(await page.begin());
    const kept = new Map(page.jar);
    expect(await page.comeBack(at)).toBe('/desk/');
    const copy = browser();
    for (const [name, value] of kept) {
      copy.jar.set(name, value);
      copy.flags.set(name, 'Lax');
    }
    expect(await copy.comeBack(at)).toBe('/desk/?sign-in=too-late');
    expect(copy.jar.has(SESSION_COOKIE)).toBe(false);
  });

  test('a code of another sign-in, and one that served: the identity provider says no', async () => {
    const [page, other] = [browser(), browser()];
    const [mine, theirs] = [new URL(await idp.follow(await page.begin())), new URL(await idp.follow(await other.begin()))];
    mine.searchParams.set('code', theirs.searchParams.get('code')!);
    expect(await page.comeBack(mine.href)).toBe('/desk/?sign-in=too-late');
    expect(await other.comeBack(theirs.href)).toBe('/desk/?sign-in=too-late');
  });

  test('an answer of another identity provider (RFC 9207)', async () => {
    for (const iss of ['https://evil.example', undefined]) {
      const page = browser();
      const at = new URL(await idp.follow(await page.begin()));
      if (iss === undefined) at.searchParams.delete('iss');
      else at.searchParams.set('iss', iss);
      expect(await page.comeBack(at.href)).toBe('/desk/?sign-in=mistrusted');
    }
  });

  test('a value that a browser had before is no session afterwards', async () => {
    const page = browser();
    page.jar.set(SESSION_COOKIE, 'A'.repeat(43));
    await page.signIn();
    expect(page.jar.get(SESSION_COOKIE)).not.toBe('A'.repeat(43));
    const fixed = browser();
    fixed.jar.set(SESSION_COOKIE, 'A'.repeat(43));
    expect((await fixed.get('/api/staff/me')).status).toBe(401);
  });
});

describe('an identity provider that fails', () => {
  test.each([['access_denied', 'declined'], ['login_required', 'declined'], ['temporarily_unavailable', 'unavailable'], ['server_error', 'unavailable'], ['<script>', 'declined']])('answers %s: %s', async (error, reason) => {
    idp.err.answers = error;
    expect(await browser().signIn()).toBe(`/desk/?sign-in=${reason}`);
    expect(told.at(-1)!.why).not.toContain('<');
  });

  test.each(['broken', 'garbage', 'redirect', 'endless'] as const)('%s at the code or at the keys: unavailable, and the password lets in as ever', async (trouble) => {
    idp.err.token = trouble;
    expect(await browser().signIn('/console/')).toBe('/console/?sign-in=unavailable');
    idp.err = { keys: trouble };
    expect(await browser().signIn()).toBe('/desk/?sign-in=unavailable');
    const name = `${nameNow()}.local`;
    const { password } = await invite(name, 'level-one', { store: opened.store, makeHash: hasher.makeInTurn, seal: undefined, by: BY });
    expect((await browser().post('/api/staff/sign-in', { name, secret: password })).status).toBe(200);
  });

  test.each(['broken', 'garbage', 'redirect', 'endless'] as const)('%s at the beginning: unavailable, once asked for all who press within five seconds, and well again after', async (trouble) => {
    idp.err.discovery = trouble;
    const before = idp.asked.discovery;
    const page = browser();
    for (let n = 0; n < 5; n += 1) expect(await page.post('/api/staff/sign-in/oidc', { to: '/desk/' })).toMatchObject({ status: 503, body: { code: 'unavailable' } });
    expect(idp.asked.discovery - before).toBe(1);
    idp.err = {};
    await clock.pass(5_001);
    expect(await page.signIn()).toBe('/desk/');
  });

  test('a wrong secret is the operator’s to mend, and nobody’s fault who signs in', async () => {
    app = appWith({ clientSecret: { reveal: () => 'old secret' } });
    expect(await browser().signIn()).toBe('/desk/?sign-in=unavailable');
    expect(told.at(-1)!.why).toBe('it answers invalid_client');
  });

  test('that calls itself by another name is not asked for a sign-in', async () => {
    idp.err.says = { issuer: 'https://evil.example/realms/isp' };
    expect(await browser().post('/api/staff/sign-in/oidc', { to: '/desk/' })).toMatchObject({ status: 503 });
  });

  test('that does not answer is waited for no longer than was said', async () => {
    const impatient = (ms: number): ReturnType<typeof createProvider> => createProvider(settings(), clock, ms);
    idp.err.discovery = 'slow';
    await expect(impatient(100).begin(`${DESK}${BACK}`)).rejects.toMatchObject({ code: 'unavailable' });
    idp.err = { token: 'slow' };
    // It answers at first, for which a slow machine may need a second.
    const provider = impatient(3_000);
    const { url, begun } = await provider.begin(`${DESK}${BACK}`);
    expect(await provider.finish(new URL(await idp.follow(url)), begun)).toMatchObject({ refusal: 'unavailable' });
  });
});

describe('what is kept of it', () => {
  test('what it says of itself for an hour, and longer while it cannot be asked; nothing is asked at the start', async () => {
    const before = idp.asked.discovery;
    app = appWith();
    const page = browser();
    await page.get('/api/staff/sign-in');
    expect(idp.asked.discovery).toBe(before);
    await page.signIn();
    await page.signIn();
    expect(idp.asked.discovery).toBe(before + 1);
    await clock.pass(3_600_001);
    idp.err.discovery = 'broken';
    expect(await browser().signIn()).toBe('/desk/');
    expect(await browser().signIn()).toBe('/desk/');
    expect(idp.asked.discovery).toBe(before + 2);
  });

  test('its keys are kept, and asked for anew when it signs by one that is not known', async () => {
    const before = idp.asked.keys;
    await browser().signIn();
    await browser().signIn();
    expect(idp.asked.keys).toBe(before + 1);
    idp.rotate();
    // Not more often than once a minute: else anybody could make us ask.
    vi.useFakeTimers({ toFake: ['Date'], now: Date.now() + 61_000 });
    expect(await browser().signIn()).toBe('/desk/');
    expect(idp.asked.keys).toBe(before + 2);
  });
});
