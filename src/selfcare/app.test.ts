import { expect, test } from 'vitest';
import { CausewayError } from '#errors/index.ts';
import type { Fields } from '#events/index.ts';
import type { SelfcareOptions } from './app.ts';
import { createSelfcareApp } from './app.ts';

const CHANGED = { outcome: 'changed', accountId: 7, version: 2, takenFrom: undefined, told: [], change: '5' } as const;
const TOKEN = 'x'.repeat(43);
const NEW = 'a quite new secret & "more"';

type World = { say: (method: string, path: string, fields?: Record<string, string>, own?: boolean) => Promise<{ status: number; text: string; headers: Headers }>; asked: unknown[]; events: Fields[] };

function world(over: Partial<SelfcareOptions> = {}): World {
  const asked: unknown[] = [];
  const events: Fields[] = [];
  const app = createSelfcareApp({
    changeOwn: async ({ login, old, secret, network }) => (asked.push({ login, old, secret, network }), CHANGED),
    redeem: async (...given) => (asked.push(given), CHANGED),
    readLink: async (token) => (token === TOKEN ? { address: 'jane@isp.example' } : undefined),
    holdBack: async () => {},
    now: () => 0,
    emit: (_, fields) => void events.push(fields as Fields),
    ...over,
  });
  let cookie = '';
  const say: World['say'] = async (method, path, fields, own = true) => {
    const form: Record<string, string> = own && fields !== undefined ? { form: /=([^;]*)/.exec(cookie)?.[1] ?? '' } : {};
    const init: RequestInit = { method, headers: { cookie }, ...(fields === undefined ? {} : { body: new URLSearchParams({ ...form, ...fields }) }) };
    const response = await app.request(path, init, { incoming: { socket: {} } });
    cookie = response.headers.get('set-cookie')?.split(';')[0] ?? cookie;
    return { status: response.status, text: await response.text(), headers: response.headers };
  };
  return { say, asked, events };
}

const OWN = { login: 'jane', old: 'the <old> one', secret: NEW, again: NEW };
const LINK = { secret: NEW, again: NEW };
const FINE = /Your present password is fine: it was not rejected, goes on working, and need not be changed\./;

test('with the present password', async () => {
  const { say, asked } = world();
  const first = await say('GET', '/password');
  expect(first.status).toBe(200);
  expect(first.headers.get('set-cookie')).toMatch(/^__Host-causeway-form=[\w-]{22}; Path=\/; HttpOnly; Secure; SameSite=Strict$/);
  expect(first.headers.get('content-security-policy')).toContain("default-src 'none'");
  const done = await say('POST', '/password', OWN);
  expect(done).toMatchObject({ status: 200, text: expect.stringContaining('Your password is changed') });
  expect(asked).toEqual([{ login: 'jane', old: 'the <old> one', secret: NEW, network: 'unknown' }]);
});

test('by a link, which looking at does not use up', async () => {
  const { say, asked } = world();
  for (let n = 0; n < 3; n += 1) expect((await say('GET', `/reset/${TOKEN}`)).text).toContain('<strong>jane@isp.example</strong>');
  expect(asked).toEqual([]);
  expect((await say('POST', `/reset/${TOKEN}`, LINK)).text).toContain('Your password is changed');
  expect(asked).toEqual([[TOKEN, NEW]]);
  for (const path of ['/reset/none', `/reset/${encodeURIComponent('"><script>')}`]) expect(await say('GET', path)).toMatchObject({ status: 404, text: expect.stringContaining('does not work any more') });
});

test('a link of the desk leads to a profile to install, and a wrong one to a page', async () => {
  const { say } = world({ profileFor: (token) => (token === TOKEN ? '<plist/>' : undefined) });
  const got = await say('GET', `/settings/${TOKEN}`);
  expect(got).toMatchObject({ status: 200, text: '<plist/>' });
  expect(got.headers.get('content-type')).toBe('application/x-apple-aspen-config');
  expect([got.headers.get('cache-control'), got.headers.get('content-disposition')]).toEqual(['no-store', 'attachment; filename="mail.mobileconfig"']);
  for (const path of ['/settings/none', `/settings/${encodeURIComponent('"><script>')}`]) expect(await say('GET', path)).toMatchObject({ status: 404, text: expect.stringContaining('does not work any more') });
  expect(await world().say('GET', `/settings/${TOKEN}`)).toMatchObject({ status: 404 });
});

test('only a rejection says wrong', async () => {
  const refusing = (verdict: object): World => world({ changeOwn: async () => ({ outcome: 'refused', verdict }) as Awaited<ReturnType<SelfcareOptions['changeOwn']>> });
  const rejected = refusing({ verdict: 'rejected', reason: 'secret' });
  await rejected.say('GET', '/password');
  const wrong = await rejected.say('POST', '/password', OWN);
  expect(wrong).toMatchObject({ status: 422, text: expect.stringContaining('The user name or the present password is wrong') });
  expect(wrong.text).toMatch(/name="old"[^>]*aria-invalid="true"/);
  expect(wrong.text).toMatch(/<div class="told bad" id="told" role="alert">[\s\S]*name="old"[^>]*aria-describedby="told"/);
  expect(wrong.text).toContain('value="jane"');
  expect(wrong.text).not.toContain('quite new secret');
  for (const verdict of [{ verdict: 'locked', reason: 'pair' }, { verdict: 'unavailable', reason: 'verifier-down' }, { verdict: 'unavailable', reason: 'held' }]) {
    const down = refusing(verdict);
    await down.say('GET', '/password');
    const said = await down.say('POST', '/password', OWN);
    expect(said.status).toBe(503);
    expect(said.headers.get('retry-after')).toBe('5');
    expect(said.text).toMatch(FINE);
    expect(said.text).not.toMatch(/wrong/);
    // What was typed is still there, as it was.
    expect(said.text).toContain('value="the &lt;old&gt; one"');
    expect(said.text.match(/value="a quite new secret &amp; &quot;more&quot;"/g)).toHaveLength(2);
  }
});

test.each(['GET', 'POST'])('with the store gone, a link is an outage too: %s', async (method) => {
  const gone = async (): Promise<never> => {
    throw new CausewayError('unavailable', 'the store is gone');
  };
  const { say, events } = world({ readLink: gone });
  await say('GET', '/password');
  const said = await say(method, `/reset/${TOKEN}`, method === 'GET' ? undefined : LINK);
  expect(said.status).toBe(503);
  expect(said.text).toMatch(FINE);
  expect(said.text.match(/value="a quite/g)?.length ?? 0).toBe(method === 'GET' ? 0 : 2);
  expect(events).toEqual([]);
});

test('a change that throws is told in words, and a fault of ours is an outage', async () => {
  const throwing = async (fault: Error): Promise<{ status: number; text: string }> => {
    const changeOwn = async (): Promise<never> => {
      throw fault;
    };
    const { say } = world({ changeOwn });
    await say('GET', '/password');
    return say('POST', '/password', OWN);
  };
  expect(await throwing(new CausewayError('input', 'refused: short', { customerText: 'At least 8, please.' }))).toMatchObject({ status: 422, text: expect.stringContaining('At least 8, please. Nothing was changed.') });
  expect(await throwing(new CausewayError('unavailable', 'no room to hash'))).toMatchObject({ status: 503, text: expect.stringMatching(FINE) });
  expect(await throwing(new CausewayError('unavailable', 'x', { retryable: false, customerText: 'Not here, at this moment.' }))).toMatchObject({ status: 409, text: expect.stringContaining('Not here, at this moment.') });
  expect(await throwing(new TypeError('hunter2'))).toMatchObject({ status: 500, text: expect.not.stringContaining('hunter2') });
});

test('two new passwords that differ, a field left empty, and a form that is not ours change nothing', async () => {
  const { say, asked } = world();
  expect((await say('POST', '/password', OWN, false)).text).toContain('Please send it once more');
  await say('GET', '/password');
  expect((await say('POST', '/password', { ...OWN, form: 'y'.repeat(22) })).status).toBe(422);
  expect((await say('POST', '/password', { ...OWN, again: 'other' })).text).toMatch(/not the same[\s\S]*name="again"[^>]*aria-invalid="true"/);
  expect((await say('POST', '/password', { ...OWN, old: '' })).text).toContain('Something is missing');
  expect((await say('POST', `/reset/${TOKEN}`, LINK, false)).status).toBe(422);
  expect(asked).toEqual([]);
  // The form of the answer is good: it goes through the second time.
  expect((await say('POST', '/password', OWN)).text).toContain('Your password is changed');
});

test('the page is what assistive technology and password managers need', async () => {
  const { text } = await world().say('GET', '/password');
  expect(text).toMatch(/^<!doctype html>\n<html lang="en">/);
  expect(text).toContain('<meta name="viewport" content="width=device-width, initial-scale=1">');
  for (const [, id] of text.matchAll(/<input id="([a-z]+)"/g)) expect(text).toContain(`<label for="${id}">`);
  expect(text.match(/<h1>/g)).toHaveLength(1);
  for (const kind of ['username', 'current-password', 'new-password']) expect(text).toContain(`autocomplete="${kind}"`);
  expect(text).not.toMatch(/<script|style=|onclick/);
});

/** WCAG 2.2, "relative luminance" and "contrast ratio". */
function contrast(a: string, b: string): number {
  const luminance = (hex: string): number => {
    const [r = 0, g = 0, bl = 0] = [1, 3, 5].map((at) => Number.parseInt(hex.slice(at, at + 2), 16) / 255).map((c) => (c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4));
    return 0.2126 * r + 0.7152 * g + 0.0722 * bl;
  };
  const [light, dark] = [luminance(a), luminance(b)].toSorted((x, y) => y - x) as [number, number];
  return (light + 0.05) / (dark + 0.05);
}

test('colours have the contrast that the style claims, in light and dark', async () => {
  const { text } = await world().say('GET', '/style.css');
  const schemes = [...text.matchAll(/:root \{([^}]*)\}/g)].map(([, body = '']) => Object.fromEntries([...body.matchAll(/--([a-z-]+): (#[0-9a-f]{6})/g)].map(([, name, value]) => [name, value])));
  expect(schemes).toHaveLength(2);
  for (const colours of schemes as Record<string, string>[]) {
    for (const name of ['text', 'quiet', 'bad', 'good']) expect(contrast(colours[name]!, colours['ground']!), name).toBeGreaterThanOrEqual(7);
    expect(contrast(colours['on-act']!, colours['act']!)).toBeGreaterThanOrEqual(7);
    expect(contrast(colours['line']!, colours['ground']!)).toBeGreaterThanOrEqual(3);
  }
});
