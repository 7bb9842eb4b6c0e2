import { afterEach, expect, test, vi } from 'vitest';
import { ApiError, waitsSince } from './http.ts';
import { mailboxesAhead, readStart } from './start.ts';

afterEach(() => vi.unstubAllGlobals());

/** A server whose answer comes in pieces, as they are written. */
function server() {
  const { readable, writable } = new TransformStream<Uint8Array, Uint8Array>();
  const writer = writable.getWriter();
  const asked = vi.fn(async (_path: string) => new Response(readable));
  vi.stubGlobal('fetch', asked);
  return { asked, say: (text: string) => writer.write(new TextEncoder().encode(text)), end: () => writer.close(), cut: () => writer.abort(new Error('the line is cut')) };
}

test('each line is there when it has come, wherever its bytes were parted', async () => {
  const { asked, say, end } = server();
  const starting = readStart(true);
  void say('{"session":{"username":"j');
  void say('ané"}}\n{"mailboxes":{"list":[');
  const { session, mailboxes, inbox } = await starting;
  expect(session.username).toBe('jané');
  expect(waitsSince()).toBeDefined();
  const ahead = mailboxesAhead();
  expect(mailboxesAhead()).toBeUndefined();
  void say('1]}}\n');
  expect(await ahead).toEqual({ list: [1] });
  expect(await mailboxes).toEqual({ list: [1] });
  void say('{"inbox":{"page":{"ids":[]},"rows":{"list":[]}}}\n');
  void end();
  expect(await inbox).toEqual({ page: { ids: [] }, rows: { list: [] } });
  await vi.waitUntil(() => waitsSince() === undefined, { timeout: 60_000 });
  expect(asked.mock.calls[0]?.[0]).toBe('/api/start?threads=1');
});

test('what does not come, or is cut off, is undefined, and asked for otherwise', async () => {
  for (const ends of ['end', 'cut'] as const) {
    const started = server();
    const starting = readStart(undefined);
    void started.say('{"session":{}}\n').catch(() => {});
    const { mailboxes, inbox } = await starting;
    void started[ends]();
    expect(await mailboxes).toBeUndefined();
    expect(await inbox).toBeUndefined();
  }
});

test('an outage is one, and whoever is signed out is told so', async () => {
  vi.stubGlobal('fetch', async () => Response.json({ code: 'signed-out' }, { status: 401 }));
  await expect(readStart(true)).rejects.toMatchObject({ code: 'signed-out' });
  vi.stubGlobal('fetch', async () => {
    throw new TypeError('no network');
  });
  await expect(readStart(true)).rejects.toMatchObject({ code: 'unavailable' });
  const { end } = server();
  const starting = readStart(true);
  void end();
  await expect(starting).rejects.toBeInstanceOf(ApiError);
  expect(mailboxesAhead()).toBeUndefined();
});
