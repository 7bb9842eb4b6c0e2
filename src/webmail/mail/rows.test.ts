import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Harness, message, startHarness } from './harness.testing.ts';
import { createRows } from './rows.ts';

let mail: Harness;
/** Commands that ask for anything of messages. */
const fetches: string[] = [];

beforeAll(async () => {
  mail = await startHarness({
    INBOX: [
      { bytes: message({ From: 'Zoe <zoe@example.com>', Subject: 'one', 'Message-ID': '<m1@x>' }, 'The beginning\r\n'), internalDateMs: 1_000 },
      { bytes: message({ From: 'Zoe <zoe@example.com>', Subject: 'two' }, 'Another\r\n'), internalDateMs: 2_000 },
    ],
  });
  await mail.access.imap(async (connection) => {
    const { fetchItems } = connection;
    connection.fetchItems = (uids, items, ...rest) => {
      fetches.push(items.join(' '));
      return fetchItems(uids, items, ...rest);
    };
  });
});
afterAll(() => mail.close());

const ROW = ['id', 'threadId', 'mailboxIds', 'keywords', 'size', 'from', 'subject', 'receivedAt', 'hasAttachment'];
type Email = Record<string, unknown>;

async function get(properties: readonly string[]): Promise<Email[]> {
  fetches.length = 0;
  const { methodResponses } = await mail.ask(['Email/query', {}], ['Email/get', { '#ids': { resultOf: '0', name: 'Email/query', path: '/ids' }, properties }]);
  return methodResponses[1]?.[1]['list'] as Email[];
}

test('what never changes is read once; flags, and whether a message is there, each time', async () => {
  const first = await get(ROW);
  expect(first.map(({ subject }) => subject)).toEqual(['two', 'one']);
  expect(first[1]).toMatchObject({ from: [{ name: 'Zoe', email: 'zoe@example.com' }], keywords: {}, hasAttachment: false });
  expect(fetches.join()).toContain('HEADER.FIELDS');
  expect(await get(ROW)).toEqual(first);
  expect(fetches).toEqual(['FLAGS']);
  expect(await get(['id', 'subject'])).toEqual(first.map(({ id, subject }) => ({ id, subject })));
  expect(fetches).toEqual(['FLAGS']);

  // What is not known of them yet is read, and known beside the rest.
  expect((await get(['id', 'preview'])).map(({ preview }) => preview)).toEqual(['Another', 'The beginning']);
  expect(fetches.join()).toContain('BODY.PEEK[1]');
  expect((await get([...ROW, 'preview'])).map(({ preview, threadId }) => [preview, threadId])).toEqual([['Another', first[0]?.['threadId']], ['The beginning', first[1]?.['threadId']]]);
  expect(fetches).toEqual(['FLAGS']);
  // A letter that is opened is read as ever.
  expect((await mail.call<{ list: Email[] }>('Email/get', { ids: [first[1]?.['id']], properties: ['bodyValues'], fetchTextBodyValues: true })).list[0]).toMatchObject({ bodyValues: { 1: { value: 'The beginning\n' } } });

  const other = await mail.imap();
  await other.select('INBOX');
  await other.store('1', '+FLAGS', ['\\Seen']);
  expect((await get(ROW)).map(({ keywords }) => keywords)).toEqual([{}, { $seen: true }]);
  await other.store('2', '+FLAGS', ['\\Deleted']);
  expect((await get(ROW)).map(({ subject }) => subject)).toEqual(['one']);
  await other.expunge('2');
  expect((await get(ROW)).map(({ subject }) => subject)).toEqual(['one']);
});

test('an account has a bounded number of rows, those that were shown last, and none that is as long as a letter', () => {
  const rows = createRows();
  const at = (uid: number) => ({ box: 'M1', uidValidity: 1, uid });
  for (let uid = 1; uid <= 1_000; uid += 1) {
    rows.put(at(uid), { subject: 'x'.repeat(100) });
    expect(rows.get(at(1))).toBeDefined();
  }
  expect(Array.from({ length: 1_000 }, (_, n) => rows.get(at(n + 1))).filter((row) => row !== undefined)).toHaveLength(100);
  const { bytes } = rows;
  expect(bytes()).toBe(100 * (150 + 100 + '{"subject":""}'.length));
  rows.put(at(1), { subject: '\u0142'.repeat(100) });
  expect(bytes()).toBe(100 * (150 + 100 + '{"subject":""}'.length) + 100 + '{"subject":""}'.length);
  rows.put(at(2_000), { to: 'x'.repeat(5_000) });
  expect(rows.get(at(2_000))).toBeUndefined();
  rows.clear();
  expect([bytes(), rows.get(at(1))]).toEqual([0, undefined]);
});
