/**
 * The portal with the real program, as a browser's requests: signing in, the list of browsers, signing out, an outage of
 * the platform's authentication, and requests of other sites.
 */
import { request } from 'node:https';
import { afterEach, expect, test } from 'vitest';
import { readRunFile } from '../src/context/data-folder.ts';
import { saidAtLast } from './customer.ts';
import { causeway, serve, sleep } from './installation.ts';
import { installOnePlatform } from './one-platform.ts';
import { installTwoPlatforms } from './two-platforms.ts';

const cleanUps: (() => Promise<unknown> | unknown)[] = [];
afterEach(async () => {
  for (const each of cleanUps.splice(0).toReversed()) await each();
});

const JANE = { user: 'jane@isp.example', secret: 'jane has a secret' };
const JOHN = { user: 'john@isp.example', secret: 'john has another' };

type Said = { readonly status: number; readonly body: Record<string, unknown>; readonly cookie: string; readonly retryAfter: string | undefined };

/** One browser: it keeps its cookie, and says where its requests come from. */
function createBrowser(port: number, name: string) {
  let cookie = '';
  const send = (method: string, path: string, body?: unknown, headers: Record<string, string> = {}): Promise<Said> =>
    new Promise((resolve, reject) => {
      const own = { 'user-agent': name, 'sec-fetch-site': 'same-origin', ...(cookie === '' ? {} : { cookie }), ...(body === undefined ? {} : { 'content-type': 'application/json' }) };
      const sent = request({ host: '127.0.0.1', port, method, path, headers: { ...own, ...headers }, rejectUnauthorized: false }, (answer) => {
        let text = '';
        answer.setEncoding('utf8').on('data', (chunk: string) => (text += chunk));
        answer.on('end', () => {
          const set = answer.headers['set-cookie']?.[0] ?? '';
          if (set !== '') cookie = /max-age=0/i.test(set) ? '' : set.split(';')[0]!;
          resolve({ status: answer.statusCode!, body: JSON.parse(text) as Record<string, unknown>, cookie: set, retryAfter: answer.headers['retry-after'] });
        });
      });
      sent.on('error', reject);
      sent.end(body === undefined || typeof body === 'string' ? body : JSON.stringify(body));
    });
  return { post: (path: string, body: unknown, headers?: Record<string, string>) => send('POST', path, body, headers), put: (path: string, body: unknown) => send('PUT', path, body), get: (path: string) => send('GET', path), events: (path: string) => request({ host: '127.0.0.1', port, path, headers: { cookie }, rejectUnauthorized: false }), has: () => cookie, takes: (other: string) => void (cookie = other) };
}

test('browsers sign in, see each other, and sign each other out; with the authentication dead who is known gets in, and nobody is told that a password is wrong', async () => {
  const loopback = { host: '127.0.0.1', port: 0 };
  const { platform, at } = await installOnePlatform([JANE, JOHN], () => ({ listen: { imaps: loopback, webmail: { ...loopback, url: 'https://mail.isp.example' } } }), cleanUps);
  const { config } = at;
  const running = serve(config);
  cleanUps.push(() => running.stop());
  await running.event('serve.ready');
  const accounts = at.file('accounts.csv', `address,platform\n${[JANE, JOHN].map(({ user }) => `${user},old`).join('\n')}\n`);
  const imported = await causeway(['account', 'import', accounts, '-c', config]);
  expect(imported.status, imported.stderr).toBe(0);
  const port = readRunFile(at.data)!.ports.webmail!;

  const phone = createBrowser(port, 'a phone');
  const laptop = createBrowser(port, 'a laptop');
  const into = { login: JANE.user, secret: JANE.secret };

  // Imported a moment ago: the store is asked for a name that the instance has not heard of yet.
  const wrong = await saidAtLast(() => phone.post('/api/sign-in', { ...into, secret: 'not hers' }), ({ status }) => status === 503);
  expect([wrong.status, wrong.body['code'], wrong.cookie]).toEqual([401, 'rejected', '']);
  const signedIn = await phone.post('/api/sign-in', { ...into, stay: true });
  expect([signedIn.status, signedIn.body]).toEqual([200, { address: JANE.user }]);
  expect(signedIn.cookie).toMatch(/^__Host-causeway=[\w-]+; Max-Age=2592000; Path=\/; HttpOnly; Secure; SameSite=Strict$/i);
  expect((await laptop.post('/api/sign-in', into)).cookie).not.toMatch(/max-age|expires/i);

  // What another site makes a browser send is refused, whatever cookie it carries.
  for (const headers of [{ 'sec-fetch-site': 'cross-site' }, { 'sec-fetch-site': 'same-site' }]) {
    expect((await phone.post('/api/sessions/end', { others: true }, headers)).status).toBe(403);
  }
  const stranger = createBrowser(port, 'a stranger');
  stranger.takes(`__Host-causeway=${'A'.repeat(170)}`);
  for (const path of ['/api/sessions', '/api/start?threads=1']) expect((await stranger.get(path)).body['code']).toBe('signed-out');

  const devices = async (): Promise<string[]> => {
    const { sessions = [] } = (await phone.get('/api/sessions')).body as { sessions?: { device: string; current: boolean }[] };
    return sessions.map(({ device, current }) => `${device}${current ? ' (this)' : ''}`).sort();
  };
  await until(async () => (await devices()).length === 2);
  expect(await devices()).toEqual(['a laptop', 'a phone (this)']);
  expect((await phone.post('/api/sessions/end', { others: true })).body).toEqual({ ended: 1 });
  expect(await devices()).toEqual(['a phone (this)']);

  // The platform's authentication dies: the phone's pass goes on, Jane gets in again, John is told to wait, kindly.
  await platform.auth.kill();
  const again = createBrowser(port, 'a tablet');
  expect((await again.post('/api/sign-in', into)).status).toBe(200);
  const john = await createBrowser(port, 'another phone').post('/api/sign-in', { login: JOHN.user, secret: JOHN.secret });
  expect([john.status, john.body['code'], john.retryAfter]).toEqual([503, 'unavailable', '5']);
  expect(john.body['sentence']).toContain('Your password was not rejected.');
  expect(await devices()).toContain('a phone (this)');

  const pass = phone.has();
  expect((await phone.post('/api/sign-out', {})).status).toBe(200);
  expect(phone.has()).toBe('');
  expect((await phone.get('/api/sessions')).body['code']).toBe('signed-out');
  expect(pass).not.toBe('');
});

test('mail by JMAP, from before a move to after it: requests wait in the hold, and go on at the new home, with the same ids', async () => {
  const mail = (n: number) => ({ bytes: Buffer.from(`From: John <john@isp.example>\r\nTo: jane@isp.example\r\nSubject: =?utf-8?q?Gr=C3=BC=C3=9Fe?= ${n}\r\nMessage-ID: <m${n}@isp.example>\r\n\r\nNumber ${n}\r\n`), internalDateMs: 1.7e12 + n * 60_000 });
  const { at } = await installTwoPlatforms({ people: [JANE], inbox: Array.from({ length: 20 }, (_, n) => mail(n)), services: ['submission', 'sieve'], listen: ['imaps', 'webmail'] }, cleanUps);
  const { config } = at;
  const running = serve(config);
  cleanUps.push(() => running.stop());
  await running.event('serve.ready');
  expect((await causeway(['account', 'import', at.file('accounts.csv', `address,platform\n${JANE.user},old\n`), '-c', config])).status).toBe(0);
  const port = readRunFile(at.data)!.ports.webmail!;
  const jane = createBrowser(port, 'a browser');
  expect((await jane.post('/jmap', {})).body['code']).toBe('signed-out');
  expect((await jane.post('/api/sign-in', { login: JANE.user, secret: JANE.secret })).status).toBe(200);

  const session = (await jane.get('/jmap/session')).body as { username: string; state: string; apiUrl: string; primaryAccounts: Record<string, string> };
  expect(session.username).toBe(JANE.user);
  // Other clients take it as it is (RFC 8620 section 2), and say what they send (section 3.6.1).
  expect(session.apiUrl).toBe(`https://127.0.0.1:${port}/jmap`);
  const untyped = await jane.post('/jmap', { using: [], methodCalls: [] }, { 'content-type': 'text/plain' });
  expect([untyped.status, untyped.body['type']]).toEqual([400, 'urn:ietf:params:jmap:error:notJSON']);
  const accountId = session.primaryAccounts['urn:ietf:params:jmap:mail']!;
  const call = async (...methodCalls: [string, object, string][]): Promise<{ status: number; answers: [string, Record<string, unknown>, string][] }> => {
    const { status, body } = await jane.post('/jmap', { using: ['urn:ietf:params:jmap:core', 'urn:ietf:params:jmap:mail', 'urn:ietf:params:jmap:submission'], methodCalls });
    return { status, answers: (body['methodResponses'] ?? []) as [string, Record<string, unknown>, string][] };
  };
  const list = async (inMailbox: string): Promise<{ id: string; threadId: string; subject: string }[]> => {
    const { status, answers } = await call(
      ['Email/query', { accountId, filter: { inMailbox }, sort: [{ property: 'receivedAt', isAscending: false }], limit: 50 }, 'q'],
      ['Email/get', { accountId, '#ids': { resultOf: 'q', name: 'Email/query', path: '/ids' }, properties: ['id', 'threadId', 'subject'] }, 'g'],
    );
    expect([status, answers.map(([name]) => name)]).toEqual([200, ['Email/query', 'Email/get']]);
    return answers[1]![1]['list'] as { id: string; threadId: string; subject: string }[];
  };
  const { answers: [boxes] } = await call(['Mailbox/get', { accountId, ids: null, properties: ['id', 'role'] }, 'm']);
  const inboxId = (boxes![1]['list'] as { id: string; role: string }[]).find(({ role }) => role === 'inbox')!.id;
  const subjects = async (): Promise<string[]> => (await list(inboxId)).map(({ subject }) => subject);
  const before = await subjects();
  expect(before).toEqual(Array.from({ length: 20 }, (_, n) => `Gr\u00fc\u00dfe ${19 - n}`));

  // A draft is open in the page, and a mail.
  const { answers: [madeBox] } = await call(['Mailbox/set', { accountId, create: { d: { name: 'Entwürfe' } } }, 'm']);
  const draftsId = (madeBox![1]['created'] as { d: { id: string } }).d.id;
  const draftOf = (text: string): object => ({ mailboxIds: { [draftsId]: true }, keywords: { $draft: true }, subject: 'a draft', bodyValues: { t: { value: text } }, textBody: [{ partId: 't', type: 'text/plain' }] });
  const { answers: [madeDraft] } = await call(['Email/set', { accountId, create: { d: draftOf('half a sen') } }, 'e']);
  const draftId = (madeDraft![1]['created'] as { d: { id: string } }).d.id;
  const [open, ...others] = await list(inboxId);

  const news = listenTo(jane.events('/jmap/events?types=*&ping=5'));
  const emailStates = (): unknown[] => news().flatMap(({ changed }) => (changed?.[accountId]?.['Email'] === undefined ? [] : [changed[accountId]['Email']]));
  await until(async () => emailStates().length >= 1);

  let moved = false;
  const moving = causeway(['move', JANE.user, '--to', 'new', '-c', config]).finally(() => (moved = true));
  const changes = keepChanging(jane, () => moved);
  let asked = 0;
  while (!moved) {
    expect(await list(inboxId)).toEqual([open, ...others]);
    const { answers: [got] } = await call(['Email/get', { accountId, ids: [open!.id, draftId], properties: ['id', 'preview'] }, 'g']);
    expect(got![1]).toMatchObject({ list: [{ id: open!.id, preview: 'Number 19' }, { id: draftId, preview: 'half a sen' }], notFound: [] });
    asked += 1;
  }
  expect((await moving).status, (await moving).stderr).toBe(0);
  expect(asked).toBeGreaterThan(0);
  // All that was said to be saved is there, by the new home's word.
  const { rules, people } = await changes;
  expect((await jane.get('/api/filters')).body['rules']).toEqual(rules);
  expect(((await jane.get('/api/contacts')).body['contacts'] as { name: string }[]).map(({ name }) => name).toSorted()).toEqual(people.toSorted());
  expect(await list(inboxId)).toEqual([open, ...others]);
  expect((await list(draftsId)).map(({ id }) => id)).toEqual([draftId]);
  // The draft is saved again, and the mail moved, by the ids that the page has.
  const saved = await call(['Email/set', { accountId, create: { d: draftOf('half a sentence') }, destroy: [draftId] }, 'e']);
  expect(saved.answers[0]![1]).toMatchObject({ created: { d: { id: expect.any(String) } }, destroyed: [draftId] });
  expect((await list(draftsId)).map(({ subject }) => subject)).toEqual(['a draft']);
  const put = async (mailboxId: string): Promise<void> => {
    const { answers: [changed] } = await call(['Email/set', { accountId, update: { [open!.id]: { mailboxIds: { [mailboxId]: true } } } }, 'e']);
    expect(changed![1]).toMatchObject({ updated: { [open!.id]: null } });
  };
  await put(draftsId);
  expect((await list(draftsId)).map(({ id }) => id)).toContain(open!.id);
  await put(inboxId);
  expect(await list(inboxId)).toEqual([open, ...others]);
  // A page that waits for news hears of the new home, too.
  await until(async () => new Set(emailStates()).size >= 2);
  // Told to read the session again: its state is another one at the new home.
  expect((await jane.get('/jmap/session')).body['state']).not.toBe(session.state);

  const { answers } = await call(['Mailbox/get', { accountId }, 'm']);
  const [inbox] = (answers[0]![1]['list'] as { id: string; role: string; totalEmails: number }[]).filter(({ role }) => role === 'inbox');
  expect(inbox?.totalEmails).toBe(20);
  // What is uploaded is a mail of the new home then.
  const upload = await jane.post(`/jmap/upload/${accountId}`, 'Subject: imported\r\n\r\nText\r\n', { 'content-type': 'message/rfc822' });
  expect(upload.status).toBe(201);
  const imported = await call(['Email/import', { accountId, emails: { one: { blobId: upload.body['blobId'], mailboxIds: { [inbox!.id]: true } } } }, 'i']);
  expect(imported.answers[0]![1]['created']).toMatchObject({ one: { size: expect.any(Number) } });
  expect((await subjects()).length).toBe(21);
  const heard = new Set(emailStates()).size;
  await until(async () => new Set(emailStates()).size > heard || heard >= 3);
  expect((await jane.post('/jmap/upload/a999', 'x')).status).toBe(404);

  // Written, sent and delivered at the new home, as herself and as nobody else.
  const { answers: known } = await call(['Identity/get', { accountId }, 'i']);
  const [identity] = known[0]![1]['list'] as { id: string }[];
  const draft = (from: string): object => ({ mailboxIds: { [inbox!.id]: true }, from: [{ email: from }], to: [{ email: JANE.user }], subject: 'sent by the portal', bodyValues: { t: { value: 'Hello' } }, textBody: [{ partId: 't', type: 'text/plain' }] });
  const send = async (from: string): Promise<Record<string, unknown>> => {
    const { answers: said } = await call(
      ['Email/set', { accountId, create: { d: draft(from) } }, 'e'],
      ['EmailSubmission/set', { accountId, create: { s: { emailId: '#d', identityId: identity!.id } }, onSuccessDestroyEmail: ['#s'] }, 's'],
    );
    return said[1]![1];
  };
  expect((await send(JANE.user))['notCreated'] ?? null).toBeNull();
  await until(async () => (await subjects()).filter((subject) => subject === 'sent by the portal').length === 1);
  expect((await send(JOHN.user))['notCreated']).toMatchObject({ s: { type: 'forbiddenFrom' } });
});

/** Filters and contacts are changed without a pause, each change upon the last one's answer, until it is over. */
async function keepChanging(jane: ReturnType<typeof createBrowser>, isOver: () => boolean): Promise<{ rules: unknown; people: string[] }> {
  const people: string[] = [];
  const ruleOf = (n: number): object => ({ name: `rule ${n}`, enabled: true, match: 'all', conditions: [{ field: 'subject', test: 'contains', value: `word ${n}` }], actions: [{ kind: 'flag' }] });
  let filters = (await jane.get('/api/filters')).body;
  expect(filters).toMatchObject({ available: true, rules: [] });
  await Promise.all([
    (async () => {
      for (let n = 1; n === 1 || !isOver(); n += 1) {
        const put = await jane.put('/api/filters', { rules: [ruleOf(n)], revision: filters['revision'] });
        expect([put.status, put.body]).toMatchObject([200, { rules: [{ name: `rule ${n}` }] }]);
        filters = (await jane.get('/api/filters')).body;
        expect(filters['rules']).toEqual(put.body['rules']);
      }
    })(),
    (async () => {
      for (let n = 1; n === 1 || !isOver(); n += 1) {
        const added = await jane.post('/api/contacts', { name: `Person ${n}`, emails: [{ address: `person${n}@elsewhere.example` }] });
        expect([added.status, added.body['name']]).toEqual([201, `Person ${n}`]);
        people.push(`Person ${n}`);
        await sleep(20);
      }
    })(),
  ]);
  expect(people.length).toBeLessThan(10_000);
  return { rules: filters['rules'], people };
}

type News = { readonly changed?: Record<string, Record<string, unknown>> };

/** What an event source has told so far. */
function listenTo(source: ReturnType<typeof request>): () => News[] {
  let text = '';
  source.on('response', (answer) => answer.setEncoding('utf8').on('data', (chunk: string) => (text += chunk)));
  source.on('error', () => {});
  source.end();
  cleanUps.push(() => source.destroy());
  return () => [...text.matchAll(/^data: (.*)$/gm)].map(([, json]) => JSON.parse(json!) as News);
}

async function until(holds: () => Promise<boolean>): Promise<void> {
  for (const end = performance.now() + 60_000; performance.now() < end; await sleep(100)) if (await holds()) return;
  throw new Error('it did not come about within a minute');
}
