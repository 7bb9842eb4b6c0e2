import { afterEach, expect, test, vi } from 'vitest';
import { NEWEST_FIRST } from '#webmail/start/api.ts';
import { MAIL, type Session, setSession } from '../api/session.ts';
import { type Beginning, createSource } from './source.ts';

setSession({ username: 'jane@isp.example', accounts: {}, capabilities: {}, primaryAccounts: { [MAIL]: 'a1' }, apiUrl: '/jmap', downloadUrl: '', uploadUrl: '', eventSourceUrl: '', state: 's' } satisfies Session);
afterEach(() => vi.unstubAllGlobals());

const row = (id: string) => ({ id, blobId: id, threadId: `T${id}`, mailboxIds: {}, keywords: {}, size: 1, from: null, to: null, subject: id, receivedAt: '2026-01-02T03:04:05Z', hasAttachment: false });
const begun = (...ids: string[]): Beginning => ({ page: { queryState: 'q', canCalculateChanges: false, position: 0, ids }, rows: { state: 's', list: ids.map(row), notFound: [] } });
const inbox = () => createSource({ filter: { inMailbox: 'M' }, sort: NEWEST_FIRST, collapseThreads: true, mailboxId: 'M' }, 100_000);

/** A server that finds these. */
function answers(...ids: string[]) {
  const { page, rows } = begun(...ids);
  const asked = vi.fn(async () => Response.json({ methodResponses: [['Email/query', page, 'q'], ['Email/get', rows, 'g']], sessionState: 's' }));
  vi.stubGlobal('fetch', asked);
  return asked;
}

test('what is on its way is not asked for again, whoever wants it meanwhile', async () => {
  const asked = answers('of the server');
  const source = inbox();
  const { promise, resolve } = Promise.withResolvers<Beginning | undefined>();
  const all = Promise.all([source.begin(promise), source.refresh(), source.look(0, 20)]);
  resolve(begun('a', 'b'));
  await all;
  expect(asked).not.toHaveBeenCalled();
  expect(source.get().ids.slice(0, 2)).toEqual(['a', 'b']);
  expect(source.isRead()).toBe(true);
});

test('what did not come is asked for, once', async () => {
  const asked = answers('a');
  const source = inbox();
  await Promise.all([source.begin(Promise.resolve(undefined)), source.refresh(), source.look(0, 20)]);
  expect(asked).toHaveBeenCalledOnce();
  expect(source.get().ids).toEqual(['a']);
});

test('a list that is asked for by who looks at it is waited for by who refreshes it, and each later refreshing asks', async () => {
  const asked = answers('a');
  const source = inbox();
  await Promise.all([source.look(0, 20), source.refresh()]);
  expect(asked).toHaveBeenCalledOnce();
  await source.refresh();
  expect(asked).toHaveBeenCalledTimes(2);
});

test('news that come while the beginning is on its way are asked for', async () => {
  const asked = answers('new', 'a');
  const source = inbox();
  const { promise, resolve } = Promise.withResolvers<Beginning | undefined>();
  const all = Promise.all([source.begin(promise), source.refresh(), source.refresh()]);
  resolve(begun('a'));
  await all;
  expect(asked).toHaveBeenCalledOnce();
  expect(source.get().ids.slice(0, 2)).toEqual(['new', 'a']);
});

test('what failed is told to all who waited, and the next asks again', async () => {
  vi.stubGlobal('fetch', async () => Response.json({ code: 'unavailable' }, { status: 503 }));
  const source = inbox();
  const outcomes = await Promise.allSettled([source.begin(Promise.resolve(undefined)), source.refresh()]);
  expect(outcomes.map(({ status }) => status)).toEqual(['rejected', 'rejected']);
  const asked = answers('a');
  await source.refresh();
  expect(asked).toHaveBeenCalledOnce();
});

test('what comes late does not take the place of what was read since', async () => {
  answers('newer');
  const source = inbox();
  await source.refresh();
  await source.begin(Promise.resolve(begun('older')));
  expect(source.get().ids).toEqual(['newer']);
});
