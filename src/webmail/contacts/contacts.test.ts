import { afterAll, beforeAll, expect, test } from 'vitest';
import { directoryMigrations } from '#directory/index.ts';
import { addAccount } from '#directory/testing.ts';
import { silent } from '#events/index.ts';
import { createApp, tellInJson } from '#http/app.ts';
import { storeMigrations } from '#store/index.ts';
import { openTestStore, type TestStore } from '#store/testing.ts';
import { type Book, type Card, type Contact, MOST_CONTACTS, MOST_SUGGESTIONS } from './api.ts';
import { createContacts } from './book.ts';
import { addContactsApi } from './contacts-api.ts';
import { createLearn } from './learn.ts';
import { contactMigrations, noteCorrespondents } from './table.ts';

let fixture: TestStore;
beforeAll(async () => {
  fixture = await openTestStore([...storeMigrations, ...directoryMigrations, ...contactMigrations]);
});
afterAll(() => fixture.close());

type Said = { readonly status: number; readonly text: string; readonly body: unknown; readonly headers: Headers };

async function customer() {
  const accountId = await addAccount(fixture.store);
  const app = createApp(silent, tellInJson, 100_000_000);
  addContactsApi(app, { who: async () => ({ id: 'p', accountId, version: 1, madeAt: 1 }), contacts: createContacts(fixture.store) });
  const ask = async (method: string, path: string, body?: unknown, headers: Record<string, string> = {}): Promise<Said> => {
    const answer = await app.request(`/api/contacts${path}`, { method, headers, ...(body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) }) }, { incoming: { socket: {} } });
    const text = await answer.text();
    return { status: answer.status, text, body: text.startsWith('{') ? (JSON.parse(text) as unknown) : undefined, headers: answer.headers };
  };
  return { accountId, ask, book: async () => (await ask('GET', '')).body as Book };
}

const JANE: Card = { name: 'Jane', company: '', emails: [{ label: 'home', address: 'jane@example.net' }], phones: [], notes: '', groups: ['Choir'] };

test('a contact from its making to its end, seen by its own account alone', async () => {
  const { ask, book } = await customer();
  const other = await customer();
  const made = (await ask('POST', '', { name: ' Jane ', emails: JANE.emails, groups: ['Choir', 'Choir'] })).body as Contact;
  expect(made).toEqual({ ...JANE, id: made.id });
  expect(await ask('PUT', `/${made.id}`, { ...JANE, company: 'ACME' })).toMatchObject({ status: 200, body: { id: made.id, company: 'ACME' } });
  expect((await book()).contacts).toEqual([{ ...JANE, id: made.id, company: 'ACME' }]);
  for (const [method, path, body] of [['PUT', `/${made.id}`, JANE], ['DELETE', `/${made.id}`, undefined]] as const) expect((await other.ask(method, path, body)).status).toBe(404);
  expect((await other.ask('POST', '/delete', { ids: [made.id] })).body).toEqual({ deleted: 0 });
  expect((await ask('DELETE', `/${made.id}`)).status).toBe(200);
  expect([(await book()).contacts, (await ask('DELETE', `/${made.id}`)).status]).toEqual([[], 404]);
  for (const wrong of [{ name: 'x'.repeat(201) }, { name: 'x', emails: [{ address: 'not one' }] }, { name: 'x', more: 1 }, 'x']) expect((await ask('POST', '', wrong)).status).toBe(400);
});

test('a browser that has the book gets it again when something changed', async () => {
  const { ask } = await customer();
  const first = await ask('GET', '');
  const tag = first.headers.get('etag')!;
  expect((await ask('GET', '', undefined, { 'if-none-match': tag })).status).toBe(304);
  await ask('POST', '', JANE);
  const then = await ask('GET', '', undefined, { 'if-none-match': tag });
  expect([then.status, then.headers.get('etag') === tag]).toEqual([200, false]);
});

test('what is imported twice is there once; what we do not read is given back, but for the parts of a name that changed', async () => {
  const { ask, book } = await customer();
  const file = 'BEGIN:VCARD\r\nVERSION:3.0\r\nFN:Jane\r\nN:Doe;Jane;;;\r\nBDAY:1970-01-01\r\nEMAIL:Jane@example.net\r\nEND:VCARD\r\nBEGIN:VCARD\r\nFN:John\r\nEND:VCARD\r\n';
  expect((await ask('POST', '/import', file)).body).toEqual({ added: 2, same: 0, left: 0 });
  expect((await ask('POST', '/import', file + 'BEGIN:VCARD\nFN:Jim\nEND:VCARD')).body).toEqual({ added: 1, same: 2, left: 0 });
  expect((await ask('POST', '/import', 'Name,Email\nAnn,ann@example.net\n')).body).toEqual({ added: 1, same: 0, left: 0 });
  expect(await ask('POST', '/import', '%PDF-1.4')).toMatchObject({ status: 400, body: { sentence: expect.stringContaining('vCard') } });
  const jane = (await book()).contacts.find(({ name }) => name === 'Jane')!;
  const out = await ask('GET', `/export?version=4.0&id=${jane.id}`);
  expect(out.headers.get('content-disposition')).toMatch(/^attachment/);
  expect(out.text).toBe('BEGIN:VCARD\r\nVERSION:4.0\r\nFN:Jane\r\nEMAIL:Jane@example.net\r\nN:Doe;Jane;;;\r\nBDAY:1970-01-01\r\nEND:VCARD\r\n');
  const { id, ...card } = jane;
  await ask('PUT', `/${id}`, { ...card, name: 'Jane Roe' });
  expect((await ask('GET', `/export?id=${id}`)).text).toContain('N:Roe;Jane;;;\r\n');
  expect((await ask('GET', '/export')).text.match(/BEGIN:VCARD/g)).toHaveLength(4);
});

test('groups are filled, renamed, joined and dissolved', async () => {
  const { ask, book } = await customer();
  const ids = await Promise.all(['a', 'b', 'c'].map(async (name) => ((await ask('POST', '', { name, groups: name === 'c' ? ['Old choir'] : [] })).body as Contact).id));
  expect((await ask('POST', '/groups', { name: 'Choir', ids: ids.slice(0, 2) })).body).toEqual({ changed: 2 });
  expect((await ask('PUT', `/groups/${encodeURIComponent('Old choir')}`, { name: 'Choir' })).body).toEqual({ changed: 1 });
  expect((await book()).contacts.map(({ groups }) => groups)).toEqual([['Choir'], ['Choir'], ['Choir']]);
  expect((await ask('GET', '/export?group=Choir')).text.match(/CATEGORIES:Choir/g)).toHaveLength(3);
  expect((await ask('DELETE', '/groups/Choir')).body).toEqual({ changed: 3 });
  expect((await book()).contacts.flatMap(({ groups }) => groups)).toEqual([]);
});

test('an account has a bounded number of contacts, also when two come at once', async () => {
  const { ask, book } = await customer();
  const file = Array.from({ length: MOST_CONTACTS + 4 }, (_, n) => `BEGIN:VCARD\nFN:n${n}\nEND:VCARD\n`).join('');
  expect((await ask('POST', '/import', file)).body).toEqual({ added: MOST_CONTACTS, same: 0, left: 4 });
  const [first] = (await book()).contacts;
  await ask('DELETE', `/${first!.id}`);
  const statuses = await Promise.all([1, 2, 3].map(async (n) => (await ask('POST', '', { name: `late ${n}` })).status));
  expect(statuses.sort()).toEqual([201, 429, 429]);
});

test('whom one writes to is suggested, the latest first, until he is forgotten; not oneself, and nobody of a circular', async () => {
  const { accountId, ask, book } = await customer();
  const learn = createLearn(fixture.store, (error) => expect.unreachable(String(error)));
  const mail = (to: string): Buffer => Buffer.from(`From: me@example.net\r\nTo: ${to}\r\n\r\nhello\r\n`);
  const suggested = async (most: number): Promise<unknown> => {
    await expect.poll(async () => (await book()).suggestions.length).toBe(most);
    return (await book()).suggestions;
  };
  learn(accountId, ['ME@example.net'], { mailFrom: 'me@example.net', rcptTo: ['Ann@example.net', 'me@example.net'] }, mail('=?utf-8?q?=C3=84nn?= <ann@example.net>, me@example.net'));
  expect(await suggested(1)).toEqual([{ email: 'ann@example.net', name: 'Änn', uses: 1 }]);
  learn(accountId, [], { mailFrom: '', rcptTo: ['bob@example.net', 'ann@example.net'] }, mail('ann@example.net'));
  expect(await suggested(2)).toEqual([{ email: 'ann@example.net', name: 'Änn', uses: 2 }, { email: 'bob@example.net', name: '', uses: 1 }]);
  learn(accountId, [], { mailFrom: '', rcptTo: Array.from({ length: 51 }, (_, n) => `n${n}@example.net`) }, mail('all'));
  await fixture.store.transaction((tx) => noteCorrespondents(tx, accountId, [{ email: 'zoe@example.net', name: '' }]));
  expect((await book()).suggestions.map(({ email }) => email)).toEqual(['zoe@example.net', 'ann@example.net', 'bob@example.net']);
  await ask('DELETE', '/suggestions/Ann@example.net');
  expect((await book()).suggestions.map(({ email }) => email)).toEqual(['zoe@example.net', 'bob@example.net']);
  await fixture.store.transaction((tx) => noteCorrespondents(tx, accountId, Array.from({ length: MOST_SUGGESTIONS + 5 }, (_, n) => ({ email: `n${n}@example.net`, name: '' }))));
  expect((await book()).suggestions).toHaveLength(MOST_SUGGESTIONS);
});
