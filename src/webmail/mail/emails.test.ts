import { afterAll, beforeAll, expect, test } from 'vitest';
import { LIMITS } from '../jmap/limits.ts';
import { parseFilter } from '../jmap/filter.ts';
import { readIn } from './at-box.ts';
import { createMailContext } from './context.ts';
import { evaluate, expressionFor, parseEmailCondition } from './email-filter.ts';
import { type Harness, message, startHarness } from './harness.testing.ts';
import { searchTexts } from './search-texts.ts';

type Found = { ids: string[]; total: number; position: number; queryState: string };
type Email = Record<string, unknown> & { id: string; subject: string };

let mail: Harness;
let inbox: string;
let archive: string;

const DAY = 86_400_000;
const T0 = Date.UTC(2026, 0, 10, 12);

const mixed = message(
  { From: '"Bob Jones" <bob@example.org>', To: 'jane@example.net', Cc: 'A: x@y.z, "Q, R" <q@y.z>;', Subject: '=?utf-8?q?Quartalsbericht_f=C3=BCr?= =?utf-8?q?_M=C3=A4rz?=', 'Message-ID': '<m2@x>', 'In-Reply-To': '<m1@x>', References: '<m1@x>', Date: 'Thu, 8 Jan 2026 14:12:00 +0800', 'List-Post': '<mailto:list@x>', 'MIME-Version': '1.0', 'Content-Type': 'multipart/mixed; boundary=b' },
  [
    '--b', 'Content-Type: multipart/alternative; boundary=c', '',
    '--c', 'Content-Type: text/plain; charset=iso-8859-1', 'Content-Transfer-Encoding: quoted-printable', '', 'Gr=FC=DFe aus=20', 'K=F6ln', '',
    '--c', 'Content-Type: text/html; charset=utf-8', '', '<html><head><style>p{}</style></head><body><p>Grüße &amp; mehr</p></body></html>', '',
    '--c--', '',
    '--b', 'Content-Type: application/pdf; name="x.pdf"', "Content-Disposition: attachment; filename*=utf-8''Bericht%20M%C3%A4rz.pdf", 'Content-Transfer-Encoding: base64', '', Buffer.from('%PDF-1.4 test').toString('base64'), '',
    '--b--', '',
  ].join('\r\n'),
);

beforeAll(async () => {
  const at = (days: number): number => T0 + days * DAY;
  mail = await startHarness({
    INBOX: [
      { bytes: message({ From: 'Zoe <zoe@example.com>', To: 'jane@example.net', Subject: 'Re: [list] Beta', 'Message-ID': '<m1@x>' }, 'A needle in the hay\r\n'), internalDateMs: at(3), flags: ['\\Flagged'] },
      { bytes: mixed, internalDateMs: at(1), flags: ['\\Seen'], keywords: ['Work'] },
      { bytes: message({ From: 'adam@example.com', Subject: 'alpha', 'Message-ID': '<m3@x>' }, `${'x'.repeat(5_000)}\r\n`), internalDateMs: at(2) },
      { bytes: message({ From: 'gone@example.com', Subject: 'deleted' }), internalDateMs: at(5), flags: ['\\Deleted'] },
    ],
    Archiv: [{ bytes: message({ From: 'Carl <carl@example.com>', Subject: 'Gamma', 'Message-ID': '<m4@x>', 'In-Reply-To': '<m1@x>' }), internalDateMs: at(4) }],
  });
  const { list } = await mail.call<{ list: { id: string; name: string }[] }>('Mailbox/get', { ids: null });
  inbox = list.find(({ name }) => name === 'Inbox')?.id ?? '';
  archive = list.find(({ name }) => name === 'Archiv')?.id ?? '';
});
afterAll(() => mail.close());

async function subjects(args: Record<string, unknown>): Promise<string[]> {
  const { methodResponses } = await mail.ask(['Email/query', args], ['Email/get', { '#ids': { resultOf: '0', name: 'Email/query', path: '/ids' }, properties: ['subject'] }]);
  const [name, answer] = methodResponses.at(-1) ?? [];
  if (name !== 'Email/get') throw new Error(JSON.stringify(methodResponses) + String(mail.faults.at(-1)));
  return ((answer?.['list'] ?? []) as Email[]).map(({ subject }) => subject.slice(0, 15));
}

test('Email/query: everywhere newest first, in a mailbox, sorted by each property', async () => {
  expect(await subjects({})).toEqual(['Gamma', 'Re: [list] Beta', 'alpha', 'Quartalsbericht']);
  const inInbox = { filter: { inMailbox: inbox } };
  expect(await subjects(inInbox)).toEqual(['Re: [list] Beta', 'alpha', 'Quartalsbericht']);
  const by = (property: string, isAscending = true, more = {}): Promise<string[]> => subjects({ ...inInbox, sort: [{ property, isAscending, ...more }] });
  expect(await by('receivedAt')).toEqual(['Quartalsbericht', 'alpha', 'Re: [list] Beta']);
  expect(await by('subject')).toEqual(['alpha', 'Re: [list] Beta', 'Quartalsbericht']);
  expect(await by('from')).toEqual(['alpha', 'Quartalsbericht', 'Re: [list] Beta']);
  expect((await by('size', false))[0]).toBe('alpha');
  expect((await by('sentAt'))[0]).toBe('Quartalsbericht');
  expect((await by('hasKeyword', false, { keyword: '$flagged' }))[0]).toBe('Re: [list] Beta');
  expect(await subjects({ sort: [{ property: 'subject', isAscending: false }] })).toEqual(['Quartalsbericht', 'Gamma', 'Re: [list] Beta', 'alpha']);
  await expect(mail.error('Email/query', { sort: [{ property: 'color' }] })).resolves.toBe('unsupportedSort');
  await expect(mail.error('Email/query', { sort: [{ property: 'hasKeyword' }] })).resolves.toBe('invalidArguments');
});

test('Email/query: every condition, and operators (RFC 8621 section 4.4.1)', async () => {
  const finds = async (filter: object): Promise<string[]> => (await subjects({ filter, sort: [{ property: 'subject' }] })).map((subject) => subject.split(' ').at(-1) as string);
  expect(await finds({ text: 'needle' })).toEqual(['Beta']);
  expect(await finds({ text: 'hay "needle in"' })).toEqual(['Beta']);
  expect(await finds({ text: 'needle nothing' })).toEqual([]);
  expect(await finds({ from: 'CARL' })).toEqual(['Gamma']);
  expect(await finds({ to: 'jane', subject: 'beta' })).toEqual(['Beta']);
  expect(await finds({ cc: 'q@y.z' })).toEqual(['Quartalsbericht']);
  expect(await finds({ body: 'hay' })).toEqual(['Beta']);
  expect(await finds({ header: ['List-Post'] })).toEqual(['Quartalsbericht']);
  expect(await finds({ header: ['Message-ID', 'm3@'] })).toEqual(['alpha']);
  expect(await finds({ hasKeyword: '$flagged' })).toEqual(['Beta']);
  expect(await finds({ hasKeyword: 'work' })).toEqual(['Quartalsbericht']);
  expect(await finds({ notKeyword: '$seen', inMailbox: inbox })).toEqual(['alpha', 'Beta']);
  expect(await finds({ minSize: 5_000 })).toEqual(['alpha']);
  expect(await finds({ maxSize: 5_000, inMailboxOtherThan: [archive] })).toEqual(['Beta', 'Quartalsbericht']);
  const noon = (days: number): string => new Date(T0 + days * DAY).toISOString();
  expect(await finds({ after: noon(3) })).toEqual(['Beta', 'Gamma']);
  expect(await finds({ before: noon(3) })).toEqual(['alpha', 'Quartalsbericht']);
  expect(await finds({ after: noon(2), before: new Date(T0 + 3 * DAY + 1_000).toISOString(), inMailbox: inbox })).toEqual(['alpha', 'Beta']);
  expect(await finds({ hasAttachment: true })).toEqual(['Quartalsbericht']);
  expect(await finds({ hasAttachment: false, inMailbox: inbox })).toEqual(['alpha', 'Beta']);
  expect(await finds({ operator: 'OR', conditions: [{ subject: 'gamma' }, { after: noon(3), inMailbox: inbox }] })).toEqual(['Beta', 'Gamma']);
  expect(await finds({ operator: 'NOT', conditions: [{ inMailbox: archive }, { hasAttachment: true }] })).toEqual(['alpha', 'Beta']);
  expect(await finds({ operator: 'AND', conditions: [] })).toHaveLength(4);
  expect(await finds({ text: 'x" OR ALL "\r\nA1 LOGOUT' })).toEqual([]);
  await expect(mail.error('Email/query', { filter: { bogus: 1 } })).resolves.toBe('invalidArguments');
});

test('Email/query: pages, anchors, totals', async () => {
  const { ids, total } = await mail.call<Found>('Email/query', { calculateTotal: true });
  expect([ids.length, total]).toEqual([4, 4]);
  await expect(mail.call('Email/query', { position: 1, limit: 2 })).resolves.toMatchObject({ ids: ids.slice(1, 3), position: 1 });
  await expect(mail.call('Email/query', { position: -1 })).resolves.toMatchObject({ ids: ids.slice(3), position: 3 });
  await expect(mail.call('Email/query', { anchor: ids[2], anchorOffset: -1, limit: 2 })).resolves.toMatchObject({ ids: ids.slice(1, 3), position: 1 });
  await expect(mail.error('Email/query', { anchor: 'Enowhere' })).resolves.toBe('anchorNotFound');
  await expect(mail.call('Email/query', { position: 9 })).resolves.toMatchObject({ ids: [] });
});

test('Email/query: by the keywords of whole threads', async () => {
  expect(await subjects({ filter: { someInThreadHaveKeyword: '$flagged' } })).toEqual(await subjects({ filter: { operator: 'NOT', conditions: [{ noneInThreadHaveKeyword: '$flagged' }] } }));
  expect(await subjects({ filter: { someInThreadHaveKeyword: '$flagged', notKeyword: '$flagged' } })).not.toEqual([]);
  expect(await subjects({ filter: { allInThreadHaveKeyword: '$flagged' } })).toEqual([]);
  expect(await subjects({ filter: { noneInThreadHaveKeyword: '$FLAGGED', inMailbox: inbox } })).toEqual(['alpha']);
});

test('Email/query: one email of each thread', async () => {
  const collapsed = await mail.call<Found>('Email/query', { collapseThreads: true, calculateTotal: true });
  expect(collapsed.total).toBe(2);
  expect(await subjects({ collapseThreads: true })).toEqual(['Gamma', 'alpha']);
});

test('Email/get: what is known of a message, and its fields in all forms', async () => {
  const { ids } = await mail.call<Found>('Email/query', { filter: { subject: 'Quartalsbericht' } });
  const properties = ['threadId', 'mailboxIds', 'keywords', 'size', 'receivedAt', 'messageId', 'inReplyTo', 'references', 'from', 'to', 'cc', 'subject', 'sentAt', 'hasAttachment', 'preview', 'header:Subject', 'header:subject:asText:all', 'header:Cc:asGroupedAddresses', 'header:List-Post:asURLs', 'header:X-None', 'header:X-None:all'];
  const { list } = await mail.call<{ list: Email[] }>('Email/get', { ids, properties });
  expect(list).toEqual([
    {
      id: ids[0],
      threadId: `T${Buffer.from('m1@x').toString('base64url')}`,
      mailboxIds: { [inbox]: true },
      keywords: { $seen: true, work: true },
      size: mixed.length,
      receivedAt: '2026-01-11T12:00:00Z',
      messageId: ['m2@x'],
      inReplyTo: ['m1@x'],
      references: ['m1@x'],
      from: [{ name: 'Bob Jones', email: 'bob@example.org' }],
      to: [{ name: null, email: 'jane@example.net' }],
      cc: [{ name: null, email: 'x@y.z' }, { name: 'Q, R', email: 'q@y.z' }],
      subject: 'Quartalsbericht für März',
      sentAt: '2026-01-08T14:12:00+08:00',
      hasAttachment: true,
      preview: 'Grüße aus Köln',
      'header:Subject': ' =?utf-8?q?Quartalsbericht_f=C3=BCr?= =?utf-8?q?_M=C3=A4rz?=',
      'header:subject:asText:all': ['Quartalsbericht für März'],
      'header:Cc:asGroupedAddresses': [{ name: 'A', addresses: [{ name: null, email: 'x@y.z' }, { name: 'Q, R', email: 'q@y.z' }] }],
      'header:List-Post:asURLs': ['mailto:list@x'],
      'header:X-None': null,
      'header:X-None:all': [],
    },
  ]);
  await expect(mail.error('Email/get', { ids, properties: ['header:From:asDate'] })).resolves.toBe('invalidArguments');
  await expect(mail.error('Email/get', { ids, properties: ['bogus'] })).resolves.toBe('invalidArguments');
});

test('Email/get: parts, texts with their charsets, truncation', async () => {
  const { ids } = await mail.call<Found>('Email/query', { filter: { subject: 'Quartalsbericht' } });
  const get = async (args: Record<string, unknown>): Promise<Email> => (await mail.call<{ list: Email[] }>('Email/get', { ids, ...args })).list[0] as Email;
  const email = await get({ properties: ['bodyStructure', 'textBody', 'htmlBody', 'attachments', 'bodyValues'], fetchAllBodyValues: true });
  expect(email['bodyStructure']).toMatchObject({ type: 'multipart/mixed', partId: null, blobId: null, subParts: [{ type: 'multipart/alternative', subParts: [{ partId: '1.1', type: 'text/plain', charset: 'iso-8859-1' }, { partId: '1.2' }] }, { partId: '2' }] });
  expect(email['textBody']).toMatchObject([{ partId: '1.1' }]);
  expect(email['htmlBody']).toMatchObject([{ partId: '1.2', type: 'text/html' }]);
  expect(email['attachments']).toEqual([{ partId: '2', blobId: `${ids[0]}_2`, size: 13, name: 'Bericht März.pdf', type: 'application/pdf', charset: null, disposition: 'attachment', cid: null, language: null, location: null }]);
  expect(email['bodyValues']).toMatchObject({ '1.1': { value: 'Grüße aus \nKöln\n', isEncodingProblem: false, isTruncated: false }, '1.2': { value: expect.stringContaining('Grüße &amp; mehr') } });
  const cut = await get({ properties: ['bodyValues'], fetchHTMLBodyValues: true, maxBodyValueBytes: 15 });
  expect(cut['bodyValues']).toEqual({ '1.2': { value: '<html><head>', isEncodingProblem: false, isTruncated: true } });
  const headers = await get({ properties: ['attachments', 'headers'], bodyProperties: ['headers', 'header:Content-Disposition:asText'] });
  expect(headers['attachments']).toMatchObject([{ headers: [{ name: 'Content-Type', value: ' application/pdf; name="x.pdf"' }, {}, {}] }]);
  expect(headers['headers']).toHaveLength(11);
});

test('Email/get: what is not there', async () => {
  const { ids } = await mail.call<Found>('Email/query', { limit: 1 });
  const known = ids[0] as string;
  const others = [known.replace(/-\w+$/, '-zzz'), known.replace(/(.)-(\w+)$/, (_, last: string, uid: string) => `${last === 'z' ? 'y' : 'z'}-${uid}`), 'M1', '', '__proto__', `E${'A'.repeat(16)}1-1`];
  await expect(mail.call('Email/get', { ids: [...others, known], properties: ['id'] })).resolves.toMatchObject({ list: [{ id: known }], notFound: others });
  await expect(mail.error('Email/get', { ids: Array.from({ length: 501 }, (_, n) => `E${n}`) })).resolves.toBe('requestTooLarge');
  expect([mail.faults, mail.thrown]).toEqual([[], []]);
});

test('a mailbox that is searched in pieces gives what it gives as a whole', async () => {
  const context = createMailContext(mail.access, LIMITS, () => {});
  const box = (await context.mailboxes()).byId.get(inbox)!;
  for (const condition of [{ text: 'needle' }, { body: 'x' }, { text: 'nowhere' }, { body: 'a', hasAttachment: false }, { text: 'needle', after: '2001-01-01T00:00:00Z' }, { text: 'needle', before: '2001-01-01T00:00:00Z' },
    { operator: 'OR', conditions: [{ from: 'adam' }, { text: 'needle', after: '2001-01-01T00:00:00Z' }] }] as const) {
    const filter = parseFilter(condition, parseEmailCondition);
    const expression = expressionFor(filter, inbox);
    const whole = new Set(await mail.access.imap(async (connection) => (await readIn(connection, box, () => evaluate(expression, connection)))!));
    for (const piece of [1, 2, 3]) expect(await searchTexts(box, expression, context, piece)).toEqual(whole);
    expect(await searchTexts(box, expression, context, 100)).toBeUndefined();
  }
  // What an index answers is asked for at once.
  expect(await searchTexts(box, expressionFor(parseFilter({ subject: 'alpha' }, parseEmailCondition), inbox), context, 1)).toBeUndefined();
});
