/** Whose pictures are fetched, how many at once, and what the frame of a mail may do. */
import { createHmac } from 'node:crypto';
import { expect, test } from 'vitest';
import { systemClock as clock } from '#events/clock.ts';
import { createApp, tellInJson } from '#http/app.ts';
import { addMessageFrame, framePolicy } from './message-frame.ts';
import { addRemoteContent } from './remote-content.ts';
import type { FetchImage } from './remote/fetch-image.ts';
import { createRemoteLeave } from './remote/signature.ts';

const env = { incoming: { socket: {} } };
const pass = (accountId: number) => ({ id: 'p', accountId, version: 1, madeAt: 1 });

function portal(fetchImage: FetchImage) {
  const app = createApp(() => {}, (c, failure) => tellInJson(c, failure));
  addMessageFrame(app);
  addRemoteContent(app, { who: async (c) => pass(Number(c.req.header('account'))), leave: createRemoteLeave(Buffer.alloc(32, 7)), fetchImage, clock });
  const get = (account: number, path: string): Promise<Response> => Promise.resolve(app.request(path, { headers: { account: String(account), host: 'mail.isp.example' } }, env));
  const signed = async (account: number, url: string): Promise<string> => {
    const { key } = (await (await get(account, '/api/remote/key')).json()) as { key: string };
    return `/api/remote?${new URLSearchParams({ u: url, s: createHmac('sha256', Buffer.from(key, 'base64url')).update(url).digest('base64url') })}`;
  };
  return { get, signed };
}

const url = 'https://pictures.example/a.png';
const one: FetchImage = async () => ({ type: 'image/png', bytes: (async function* () { yield Buffer.from('picture'); })() });

test('a picture is fetched for the account whose page signed for it, and for nobody else', async () => {
  const { get, signed } = portal(one);
  const path = await signed(1, url);
  const shown = await get(1, path);
  expect([shown.status, await shown.text(), shown.headers.get('content-type'), shown.headers.get('x-content-type-options')]).toEqual([200, 'picture', 'image/png', 'nosniff']);
  expect(shown.headers.get('content-security-policy')).toBe("default-src 'none'; sandbox");
  expect(shown.headers.get('cache-control')).toMatch(/^private, max-age=\d+/);
  expect((await get(2, path)).status).toBe(403);
  expect((await get(1, path.replace('a.png', 'b.png'))).status).toBe(403);
  expect((await get(1, `/api/remote?u=${encodeURIComponent(url)}`)).status).toBe(403);
  expect((await get(1, '/api/remote?u=&s=')).status).toBe(403);
});

test('what went wrong with a picture is not told: 404 for all', async () => {
  const { get, signed } = portal(() => Promise.reject(new Error('connection refused by 10.0.0.1:80')));
  const refused = await get(1, await signed(1, url));
  expect([refused.status, await refused.text()]).toEqual([404, '']);
});

test('an account has a dozen under way, others have theirs; a place is given back when the reader goes', async () => {
  const signals: AbortSignal[] = [];
  const { get, signed } = portal(async (_, signal) => {
    signals.push(signal);
    return { type: 'image/png', bytes: (async function* () { await new Promise((resolve) => signal.addEventListener('abort', resolve)); yield Buffer.alloc(1); })() };
  });
  const path = await signed(1, url);
  const open = await Promise.all(Array.from({ length: 12 }, () => get(1, path)));
  expect(open.map(({ status }) => status)).toEqual(Array(12).fill(200));
  expect((await get(1, path)).status).toBe(503);
  expect((await get(2, await signed(2, url))).status).toBe(200);
  await open[0]!.body!.cancel();
  expect(signals[0]!.aborted).toBe(true);
  expect((await get(1, path)).status).toBe(200);
});

test('nothing in the frame of a mail runs, submits or loads but pictures from our two places; only our page frames it', async () => {
  const frame = await portal(one).get(1, '/mail-frame');
  const policy = frame.headers.get('content-security-policy')!;
  const rules = new Map(policy.split('; ').map((rule) => [rule.split(' ')[0]!, rule.split(' ').slice(1)]));
  expect(rules.get('default-src')).toEqual(["'none'"]);
  expect(rules.get('script-src')).toEqual(["'none'"]);
  expect(rules.get('form-action')).toEqual(["'none'"]);
  expect(rules.get('img-src')).toEqual(['mail.isp.example/jmap/download/', 'mail.isp.example/api/remote', 'data:']);
  expect(rules.get('sandbox')).not.toContain('allow-scripts');
  expect(rules.get('frame-ancestors')).toEqual(["'self'"]);
  expect(frame.headers.get('x-frame-options')).toBe('SAMEORIGIN');
  // What a browser says in Host goes into the policy only when it is a host.
  for (const host of ["x; script-src 'unsafe-inline'", 'a b', '*', '', undefined, '[::1]:443']) expect(framePolicy(host), host).toContain("img-src 'self' data:");
});
