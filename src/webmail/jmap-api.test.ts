import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, expect, test, vi } from 'vitest';
import { systemClock } from '#events/clock.ts';
import { silent } from '#events/index.ts';
import { createApp, tellInJson } from '#http/app.ts';
import type { RequestAccess } from './access.ts';
import { addJmapApi, countsBodies } from './jmap-api.ts';
import { LIMITS } from './jmap/limits.ts';
import { createMailMemory } from './mail/memory.ts';
import type { MailAccess } from './mail-access.ts';
import { createUploads } from './uploads.ts';

const cleanUps: (() => void)[] = [];
afterEach(() => {
  for (const each of cleanUps.splice(0)) each();
});

/** A portal over a platform that answers when it is let. */
function world() {
  const folder = mkdtempSync(join(tmpdir(), 'jmap-api-'));
  cleanUps.push(() => rmSync(folder, { recursive: true }));
  const app = createApp(silent, tellInJson, LIMITS.maxSizeUpload, countsBodies);
  const answers = Promise.withResolvers<void>();
  let underWay = 0;
  let most = 0;
  const accessOf = async (pass: { accountId: number }): Promise<RequestAccess> => {
    let isOver = false;
    const access: Partial<MailAccess> = {
      accountId: `a${pass.accountId}`,
      address: 'jane@isp.example',
      clock: systemClock,
      memory: createMailMemory(),
      async imap() {
        underWay += 1;
        most = Math.max(most, underWay);
        await answers.promise;
        underWay -= 1;
        throw new Error('nothing is there');
      },
    };
    return { ...(access as MailAccess), home: 'old', end: () => void (isOver ||= true) };
  };
  const uploads = createUploads(folder, systemClock);
  addJmapApi(app, { who: async (c) => ({ id: 'p', accountId: Number(c.req.header('x-account') ?? 1), version: 1, madeAt: 1 }), accessOf, watch: { listen: () => true, close: () => {} }, uploads, clock: systemClock, url: undefined, emit: silent });
  const post = (path: string, headers: Record<string, string>, body: string | ReadableStream<Uint8Array>): Promise<Response> => Promise.resolve(app.request(path, { method: 'POST', headers, body, duplex: 'half' } as RequestInit, { incoming: { socket: {} } }));
  const query = (filter: object, account = 1): Promise<Response> => post('/jmap', { 'content-type': 'application/json', 'x-account': String(account) }, JSON.stringify({ using: ['urn:ietf:params:jmap:core', 'urn:ietf:params:jmap:mail'], methodCalls: [['Email/query', { accountId: `a${account}`, filter }, 'q']] }));
  return { folder, answers, post, query, most: () => most, uploads };
}

/** What does not come in this time does not come. */
const settled = (): Promise<void> => new Promise((resolve) => void setTimeout(resolve, 200));
const becomes = (value: () => unknown, what: unknown): Promise<void> => vi.waitFor(() => expect(value()).toEqual(what), { timeout: 60_000 });

test('an account has as many requests at work as are announced; as many as browsers send wait, and more are told the limit', async () => {
  const { answers, query, most } = world();
  const asked = Array.from({ length: 100 }, () => query({}));
  await becomes(most, LIMITS.maxConcurrentRequests);
  await settled();
  const refused = await query({});
  expect([refused.status, refused.headers.get('content-type')]).toEqual([429, 'application/problem+json']);
  expect(await refused.json()).toMatchObject({ type: 'urn:ietf:params:jmap:error:limit', status: 429, limit: 'maxConcurrentRequests' });
  // Nobody else is in their way.
  const other = query({}, 2);
  await becomes(most, LIMITS.maxConcurrentRequests + 1);
  answers.resolve();
  expect(new Set((await Promise.all([...asked, other])).map(({ status }) => status))).toEqual(new Set([200]));
});

test('of an account half of what is at work may search texts', async () => {
  const { answers, query, most } = world();
  const searches = Array.from({ length: 4 }, () => query({ operator: 'AND', conditions: [{ text: 'word' }] }));
  await becomes(most, 2);
  await settled();
  const looks = [query({ inMailbox: 'M1' }), query({ subject: 'text' })];
  await becomes(most, 4);
  answers.resolve();
  await Promise.all([...searches, ...looks]);
});

test('bodies that would take too much memory are refused before they are read', async () => {
  const { answers, post } = world();
  const large = (account: number, bytes: number): Promise<Response> => post('/jmap', { 'content-type': 'application/json', 'content-length': String(bytes), 'x-account': String(account) }, new ReadableStream({ pull: () => new Promise(() => {}) }));
  expect(await (await large(1, LIMITS.maxSizeRequest + 1)).json()).toMatchObject({ status: 400, limit: 'maxSizeRequest' });
  for (let n = 0; n < 10; n += 1) void large(10 + Math.floor(n / 2), 10_000_000);
  await settled();
  expect(await (await large(10, 100)).json()).toMatchObject({ status: 429, limit: 'maxConcurrentRequests' });
  const full = await large(1, 100);
  expect([full.status, full.headers.get('retry-after')]).toEqual([503, '5']);
  answers.resolve();
  // One that does not say how long it is takes what one may have, and no more is read of it.
  const endless = world();
  const pieces = await endless.post('/jmap', { 'content-type': 'application/json' }, new ReadableStream({ pull: (controller) => controller.enqueue(Buffer.alloc(1_000_000, ' ')) }));
  expect(await pieces.json()).toMatchObject({ status: 400, limit: 'maxSizeRequest' });
});

test('an account sends as many files at once as are announced, the others wait; none is in memory, nor left half', async () => {
  const { folder, post, uploads } = world();
  const open: ReadableStreamDefaultController<Uint8Array>[] = [];
  const upload = (): Promise<Response> => post('/jmap/upload/a1', { 'content-type': 'text/plain' }, new ReadableStream<Uint8Array>({ start: (controller) => void open.push(controller) }));
  const asked = Array.from({ length: 16 }, upload);
  await becomes(() => readdirSync(folder).length, LIMITS.maxConcurrentUpload);
  await settled();
  expect(readdirSync(folder)).toHaveLength(LIMITS.maxConcurrentUpload);
  expect(await (await upload()).json()).toMatchObject({ type: 'urn:ietf:params:jmap:error:limit', limit: 'maxConcurrentUpload' });
  for (const each of open.slice(0, 15)) {
    each.enqueue(Buffer.from('half '));
    each.enqueue(Buffer.from('whole'));
    each.close();
  }
  const told = await Promise.all(asked.slice(0, 15).map(async (one) => (await one).json() as Promise<{ blobId: string; size: number }>));
  expect(told.map(({ size }) => size)).toEqual(Array.from({ length: 15 }, () => 10));
  expect((await uploads.of(1).get(told[3]!.blobId))?.bytes.toString()).toBe('half whole');
  expect(await uploads.of(2).get(told[3]!.blobId)).toBeUndefined();
  const endless = await post('/jmap/upload/a1', {}, new ReadableStream({ pull: (controller) => controller.enqueue(Buffer.alloc(1_000_000)) }));
  expect([endless.status, await endless.json()]).toEqual([413, expect.objectContaining({ limit: 'maxSizeUpload' })]);
  // A browser that goes leaves nothing.
  open[15]!.enqueue(Buffer.from('half '));
  open[15]!.error(new Error('the browser went'));
  expect((await asked[15])?.status).toBe(503);
  expect(readdirSync(folder)).toHaveLength(15);
});
