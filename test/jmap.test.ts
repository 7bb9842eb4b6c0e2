/** JMAP as a program of somebody else's speaks it: over HTTP, with a name and a password, by RFC 8620. */
import { afterEach, expect, test } from 'vitest';
import { readRunFile } from '../src/context/data-folder.ts';
import { causeway, serve } from './installation.ts';
import { installOnePlatform } from './one-platform.ts';

const JANE = { user: 'jane@isp.example', secret: 'jane has a secret' };
const CORE = 'urn:ietf:params:jmap:core';
const MAIL = 'urn:ietf:params:jmap:mail';

const cleanUps: (() => unknown)[] = [];
afterEach(async () => {
  for (const each of cleanUps.splice(0).toReversed()) await each();
});

type Session = { apiUrl: string; uploadUrl: string; downloadUrl: string; eventSourceUrl: string; primaryAccounts: Record<string, string> };
type Told = { event: string | undefined; id: string | undefined; data: string };

async function start(): Promise<{ get: (url: string, headers?: Record<string, string>, signal?: AbortSignal) => Promise<Response>; post: (url: string, type: string, body: string | Buffer) => Promise<Response>; origin: string }> {
  const loopback = { host: '127.0.0.1', port: 0 };
  const { at } = await installOnePlatform([JANE], () => ({ listen: { imaps: loopback, webmail: { ...loopback, tls: false } } }), cleanUps);
  const running = serve(at.config);
  cleanUps.push(() => running.stop());
  await running.event('serve.ready');
  const imported = await causeway(['account', 'import', at.file('accounts.csv', `address,platform\n${JANE.user},old\n`), '-c', at.config]);
  expect(imported.status, imported.stderr).toBe(0);
  const authorization = `Basic ${Buffer.from(`${JANE.user}:${JANE.secret}`).toString('base64')}`;
  return {
    origin: `http://127.0.0.1:${readRunFile(at.data)!.ports.webmail!}`,
    get: (url, headers = {}, signal) => fetch(url, { headers: { authorization, ...headers }, ...(signal === undefined ? {} : { signal }) }),
    post: (url, type, body) => fetch(url, { method: 'POST', headers: { authorization, 'content-type': type }, body: body as string }),
  };
}

/** Events as they come; comments are none. */
async function* eventsOf(answer: Response): AsyncGenerator<Told> {
  let rest = '';
  for await (const chunk of answer.body!.pipeThrough(new TextDecoderStream())) {
    rest += chunk;
    for (let end = rest.indexOf('\n\n'); end >= 0; end = rest.indexOf('\n\n')) {
      const fields = new Map([...rest.slice(0, end).matchAll(/^(\w+): ?(.*)$/gm)].map(([, name, value]) => [name!, value!]));
      rest = rest.slice(end + 2);
      if (fields.has('data')) yield { event: fields.get('event'), id: fields.get('id'), data: fields.get('data')! };
    }
  }
}

test('the session leads to everything else; what is asked for wrongly is told in the words of the RFC', async () => {
  const { origin, get, post } = await start();
  const session = (await (await get(`${origin}/.well-known/jmap`)).json()) as Session;
  expect(await (await get(session.apiUrl)).json()).toEqual(session);
  const accountId = session.primaryAccounts[MAIL]!;
  const ask = async (body: object | string, type = 'application/json'): Promise<Record<string, unknown> & { methodResponses?: [string, Record<string, unknown>, string][] }> => (await (await post(session.apiUrl, type, typeof body === 'string' ? body : JSON.stringify(body))).json()) as Record<string, unknown>;
  const call = async (name: string, args: object, using = [CORE, MAIL, 'urn:ietf:params:jmap:submission', 'urn:ietf:params:jmap:quota']): Promise<[string, Record<string, unknown>]> => {
    const [response] = (await ask({ using, methodCalls: [[name, args, 'c']] })).methodResponses ?? [];
    return [response![0], response![1]];
  };

  // Requests that are none.
  const calls = (count: number): object => ({ using: [CORE], methodCalls: Array.from({ length: count }, (_, n) => ['Core/echo', {}, String(n)]) });
  for (const [body, type, error] of [['{', 'application/json', 'notJSON'], ['{}', 'application/json', 'notRequest'], ['{}', 'text/plain', 'notJSON'], [{ using: ['urn:none'], methodCalls: [] }, 'application/json', 'unknownCapability'], [calls(33), 'application/json', 'limit']] as const) {
    expect(await ask(body, type)).toMatchObject({ type: `urn:ietf:params:jmap:error:${error}`, status: 400 });
  }
  expect(await ask({ using: [], methodCalls: [['Core/echo', {}, 'c']] })).toMatchObject({ methodResponses: [['error', { type: 'unknownMethod' }, 'c']] });

  // Methods that every server has by these capabilities.
  expect(await call('PushSubscription/get', { ids: null })).toEqual(['PushSubscription/get', { list: [], notFound: [] }]);
  expect(await call('PushSubscription/set', { create: { p: { deviceClientId: 'd', url: 'https://push.example/x', types: null } }, destroy: ['P1'] })).toMatchObject(['PushSubscription/set', { created: null, notCreated: { p: { type: 'forbidden' } }, notDestroyed: { P1: { type: 'notFound' } } }]);
  for (const name of ['EmailSubmission/queryChanges', 'Quota/queryChanges']) expect(await call(name, { accountId, sinceQueryState: 's' })).toMatchObject(['error', { type: 'cannotCalculateChanges' }]);
  expect(await call('Quota/changes', { accountId, sinceState: 's' })).toMatchObject(['error', { type: 'cannotCalculateChanges' }]);
  const quotas = ((await call('Quota/get', { accountId, ids: null }))[1]['list'] as { id: string }[]).map(({ id }) => id);
  expect((await call('Quota/query', { accountId, filter: { type: 'Email' }, sort: [{ property: 'name' }] }))[1]['ids']).toEqual(quotas);
  expect((await call('Quota/query', { accountId, filter: { type: 'Contact' } }))[1]['ids']).toEqual([]);

  // What came lies where and when it came: the topmost Received says it, all of it is shown, and a blob has the type asked for.
  const bytes = 'Received: by mx2; Thu, 8 Jan 2026 14:12:00 +0800\r\nReceived: by mx1; Wed, 7 Jan 2026 00:00:00 +0000\r\nFrom: a@b.example\r\nSubject: kept\r\n\r\ntext\r\n';
  const upload = await post(session.uploadUrl.replace('{accountId}', accountId), 'message/rfc822', bytes);
  const { blobId, size } = (await upload.json()) as { blobId: string; size: number };
  expect([upload.status, size]).toEqual([201, bytes.length]);
  const [, { list }] = await call('Mailbox/get', { accountId, ids: null });
  const inbox = (list as { id: string; role: string }[]).find(({ role }) => role === 'inbox')!.id;
  expect(await call('Email/import', { accountId, emails: { i: {} } })).toMatchObject(['Email/import', { notCreated: { i: { type: 'invalidProperties', properties: ['blobId', 'mailboxIds'] } } }]);
  await call('Email/import', { accountId, emails: { i: { blobId, mailboxIds: { [inbox]: true } } } });
  const [, all] = await call('Email/get', { accountId, ids: null, properties: ['subject', 'receivedAt', 'textBody'], bodyProperties: ['type', 'subParts'] });
  expect(all).toMatchObject({ list: [{ subject: 'kept', receivedAt: '2026-01-08T06:12:00Z', textBody: [{ type: 'text/plain', subParts: null }] }], notFound: [] });
  for (const [type, given] of [['message/rfc822', 'message/rfc822'], ['text/plain;charset=utf-8', 'text/plain;charset=utf-8'], ['application/vnd.openxmlformats-officedocument.wordprocessingml.document', 'application/vnd.openxmlformats-officedocument.wordprocessingml.document'], ['text/html', 'application/octet-stream'], ['text/javascript', 'application/octet-stream'], ['image/svg+xml', 'application/octet-stream'], ['application/vnd.x+xml', 'application/octet-stream']] as const) {
    const url = session.downloadUrl.replace('{accountId}', accountId).replace('{blobId}', blobId).replace('{name}', 'ein%20Gru%C3%9F%22').replace('{type}', encodeURIComponent(type));
    const blob = await get(url);
    expect([blob.headers.get('content-type'), blob.headers.get('content-disposition'), await blob.text()]).toEqual([given, `attachment; filename="ein Gru__"; filename*=UTF-8''ein%20Gru%C3%9F%22`, bytes]);
  }
});

test('the event source: all types at first, pings only for who asks, and nothing for who knows how things are', async () => {
  const { origin, get, post } = await start();
  const { apiUrl, eventSourceUrl, primaryAccounts } = (await (await get(`${origin}/jmap/session`)).json()) as Session;
  const accountId = primaryAccounts[MAIL]!;
  const over = new AbortController();
  cleanUps.push(() => over.abort());
  const listen = async (types: string, closeafter: string, ping: number, headers = {}): Promise<AsyncGenerator<Told>> => eventsOf(await get(eventSourceUrl.replace('{types}', types).replace('{closeafter}', closeafter).replace('{ping}', String(ping)), headers, over.signal));
  const next = async (events: AsyncGenerator<Told>): Promise<Told | undefined> => (await events.next()).value as Told | undefined;
  const statesIn = (told: Told | undefined): Record<string, string> => (JSON.parse(told?.data ?? '{}') as { changed: Record<string, Record<string, string>> }).changed[accountId]!;
  expect((await get(`${origin}/jmap/events?closeafter=perhaps`)).status).toBe(400);

  const once = await listen('*', 'state', 0);
  const first = await next(once);
  expect([first?.event, Object.keys(statesIn(first)).toSorted()]).toEqual(['state', ['Email', 'EmailDelivery', 'EmailSubmission', 'Identity', 'Mailbox', 'Thread']]);
  expect(await next(once)).toBeUndefined();

  // Who comes again with that id waits for news, and is pinged meanwhile if he wants to be; then it is closed again.
  const again = await listen('*', 'state', 5, { 'last-event-id': first!.id! });
  expect(await next(again)).toEqual({ event: 'ping', id: undefined, data: '{"interval":5}' });
  await post(apiUrl, 'application/json', JSON.stringify({ using: [CORE, MAIL], methodCalls: [['Mailbox/get', { accountId, ids: null, properties: ['role'] }, 'm'], ['Email/set', { accountId, create: { k: { subject: 'new', mailboxIds: { [await inboxOf()]: true } } } }, 's']] }));
  let told = await next(again);
  while (told?.event === 'ping') told = await next(again);
  const changed = statesIn(told);
  expect(Object.keys(changed).toSorted()).toEqual(['Email', 'EmailDelivery', 'Mailbox', 'Thread']);
  expect([changed['Email'] === statesIn(first)['Email'], await next(again)]).toEqual([false, undefined]);

  async function inboxOf(): Promise<string> {
    const answer = (await (await post(apiUrl, 'application/json', JSON.stringify({ using: [CORE, MAIL], methodCalls: [['Mailbox/query', { accountId, filter: { role: 'inbox' } }, 'q']] }))).json()) as { methodResponses: [string, { ids: string[] }, string][] };
    return answer.methodResponses[0]![1].ids[0]!;
  }
});
