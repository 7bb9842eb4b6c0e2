import * as fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { parseMessage } from '../mime/parse-message.ts';
import { lastOf } from '../mime/fields.ts';
import { inForm } from '../mime/forms.ts';
import { encodeText } from '../mime/write-message.ts';
import { decodeTransfer } from '../mime/transfer-encoding.ts';
import { compose } from './compose.ts';
import { readBlob } from './blob-read.ts';
import { createMailContext } from './context.ts';
import { type Harness, message, startHarness } from './harness.testing.ts';
import { LIMITS } from '../jmap/limits.ts';
import { mark } from './search-snippet.ts';
import { withoutBcc } from './submission.ts';

type Email = Record<string, unknown> & { id: string };
type WasSet = {
  created: Record<string, { id: string; blobId: string; threadId: string; size: number }> | null;
  notCreated: Record<string, { type: string; properties?: string[]; notFound?: string[] }>;
  updated: Record<string, null> | null;
  notUpdated: Record<string, { type: string }>;
  destroyed: string[] | null;
  notDestroyed: Record<string, { type: string }>;
  oldState: string;
  newState: string;
};

let mail: Harness;
let boxes: Record<string, string>;

beforeAll(async () => {
  const seed = (subject: string): { bytes: Buffer; internalDateMs: number } => ({ bytes: message({ From: 'x@y.z', Subject: subject, 'Message-ID': `<${subject}@x>` }), internalDateMs: 1_700_000_000_000 });
  mail = await startHarness({ INBOX: ['one', 'two', 'three'].map(seed), Drafts: [], Sent: [], Trash: [] });
  const { list } = await mail.call<{ list: { id: string; name: string }[] }>('Mailbox/get', { ids: null });
  boxes = Object.fromEntries(list.map(({ id, name }) => [name, id]));
});
afterAll(() => mail.close());

const set = (args: Record<string, unknown>): Promise<WasSet> => mail.call<WasSet>('Email/set', args);
const get = async (id: string, properties: string[], more = {}): Promise<Email> => (await mail.call<{ list: Email[] }>('Email/get', { ids: [id], properties, ...more })).list[0] as Email;
const idOf = async (subject: string): Promise<string> => (await mail.call<{ ids: string[] }>('Email/query', { filter: { subject } })).ids[0] as string;
const bytesOf = async (id: string): Promise<Buffer> => (await readBlob(id, createMailContext(mail.access, LIMITS, () => {})))?.bytes ?? Buffer.alloc(0);

describe('Email/set makes drafts (RFC 8621 section 4.6)', () => {
  test('with texts, pictures and attachments, which come back as they were', async () => {
    const pdf = await mail.upload(Buffer.from([0, 1, 2, 255]), 'application/pdf');
    const { created, notCreated } = await set({
      create: {
        k: {
          mailboxIds: { [boxes['Drafts'] as string]: true },
          keywords: { $draft: true, $seen: true, Mine: true },
          receivedAt: '2026-02-03T04:05:06Z',
          from: [{ name: 'Jäne "J" Doe', email: 'jane@example.net' }],
          to: [{ name: null, email: 'bob@example.org' }, { name: 'Smith, Al', email: 'al@example.org' }],
          subject: `Ünïcode ${'long '.repeat(30)}ende`,
          inReplyTo: ['one@x'],
          references: ['root@x', 'one@x'],
          'header:X-Mine:asText': 'ja',
          textBody: [{ partId: 't', type: 'text/plain' }],
          htmlBody: [{ partId: 'h', type: 'text/html' }],
          attachments: [{ blobId: pdf, name: 'Übersicht 2026.pdf', type: 'application/pdf' }, { blobId: pdf, type: 'image/png', cid: 'pic@x', disposition: 'inline' }],
          bodyValues: { t: { value: 'Grüße\nFrom me  \n.\n' }, h: { value: '<p>Grüße</p>' } },
        },
      },
    });
    expect(notCreated).toBeNull();
    const id = created?.['k']?.id as string;
    expect(created?.['k']).toMatchObject({ blobId: id, threadId: `T${Buffer.from('root@x').toString('base64url')}`, size: expect.any(Number) });
    const email = await get(id, ['mailboxIds', 'keywords', 'receivedAt', 'size', 'from', 'to', 'subject', 'inReplyTo', 'references', 'messageId', 'sentAt', 'header:X-Mine', 'textBody', 'htmlBody', 'attachments', 'bodyValues', 'bodyStructure'], { fetchAllBodyValues: true });
    expect(email).toMatchObject({
      mailboxIds: { [boxes['Drafts'] as string]: true },
      keywords: { $draft: true, $seen: true, mine: true },
      receivedAt: '2026-02-03T04:05:06Z',
      size: created?.['k']?.size,
      from: [{ name: 'Jäne "J" Doe', email: 'jane@example.net' }],
      to: [{ name: null, email: 'bob@example.org' }, { name: 'Smith, Al', email: 'al@example.org' }],
      subject: `Ünïcode ${'long '.repeat(30)}ende`,
      inReplyTo: ['one@x'],
      references: ['root@x', 'one@x'],
      messageId: [expect.stringContaining('@example.net')],
      'header:X-Mine': ' ja',
      bodyStructure: { type: 'multipart/mixed', subParts: [{ type: 'multipart/alternative', subParts: [{ type: 'text/plain' }, { type: 'multipart/related' }] }, { type: 'application/pdf' }] },
      attachments: [{ cid: 'pic@x', type: 'image/png' }, { name: 'Übersicht 2026.pdf', size: 4, disposition: 'attachment' }],
    });
    const values = Object.values(email['bodyValues'] as Record<string, { value: string }>).map(({ value }) => value);
    expect(values).toEqual(['Grüße\nFrom me  \n.\n', '<p>Grüße</p>']);
    const [, attachment] = email['attachments'] as { blobId: string }[];
    expect([...(await bytesOf(attachment?.blobId as string))]).toEqual([0, 1, 2, 255]);
    // An attachment of one message can go into the next.
    const again = await set({ create: { f: { mailboxIds: { [boxes['Drafts'] as string]: true }, subject: 'fwd', attachments: [{ blobId: attachment?.blobId, type: 'application/pdf' }, { blobId: id, type: 'message/rfc822' }] } } });
    expect(await get(again.created?.['f']?.id as string, ['attachments', 'hasAttachment'])).toMatchObject({ hasAttachment: true, attachments: [{ size: 4 }, { type: 'message/rfc822', size: created?.['k']?.size }] });
    await expect(mail.call('Email/parse', { blobIds: [`${again.created?.['f']?.id}_2`, 'Unone', pdf], properties: ['subject', 'id'] })).resolves.toMatchObject({ parsed: { [`${again.created?.['f']?.id}_2`]: { id: null, subject: expect.stringContaining('Ünïcode') } }, notFound: ['Unone'], notParsable: [pdf] });
  });

  test('what cannot be made is told by its properties', async () => {
    const mailboxIds = { [boxes['Drafts'] as string]: true };
    const { notCreated, created } = await set({
      create: {
        a: { mailboxIds: {} },
        b: { mailboxIds: { ...mailboxIds, [boxes['Sent'] as string]: true } },
        c: { mailboxIds, keywords: { 'a b': true } },
        d: { mailboxIds, bodyStructure: { partId: 'x', type: 'text/plain' } },
        e: { mailboxIds, attachments: [{ blobId: 'Ugone' }, { blobId: 'U-gone2' }] },
        f: { mailboxIds, from: [{ email: 'a@b' }], 'header:From:asRaw': ' x@y' },
        g: { mailboxIds, 'header:Content-Type': 'text/plain' },
        h: { mailboxIds, id: 'E1' },
        i: { mailboxIds, textBody: [{ partId: 'x', type: 'text/html' }], bodyValues: { x: { value: '' } } },
        j: { mailboxIds, bodyValues: { x: { value: '', isTruncated: true } } },
        k: { mailboxIds, textBody: [{ partId: 'x', charset: 'utf-8' }], bodyValues: { x: { value: '' } } },
        l: { mailboxIds, attachments: [{ partId: 'x', type: 'application/json', size: 2 }], bodyValues: { x: { value: '{}' } } },
        m: { mailboxIds, attachments: [{ blobId: await mail.upload('four', 'text/plain'), size: 5 }] },
      },
    });
    expect(created).toBeNull();
    expect(notCreated).toMatchObject({
      a: { type: 'invalidProperties', properties: ['mailboxIds'] },
      b: { type: 'tooManyMailboxes' },
      c: { properties: ['keywords'] },
      d: { properties: ['bodyStructure/partId'] },
      e: { type: 'blobNotFound', notFound: ['Ugone', 'U-gone2'] },
      f: { properties: ['header:From:asRaw'] },
      g: { properties: ['header:Content-Type'] },
      h: { properties: ['id'] },
      i: { properties: ['textBody/0/type'] },
      j: { properties: ['bodyValues/x/isTruncated'] },
      k: { properties: ['textBody/0/charset'] },
      l: { properties: ['attachments/0/size'] },
      m: { properties: ['attachments/0/size'] },
    });
  });

  test('whatever is typed, no header field is added and no line is too long', async () => {
    const typed = fc.oneof(fc.string({ unit: 'binary', maxLength: 40 }), fc.constantFrom('a\r\nBcc: x@y', '\n\nbody', '=?utf-8?q?x?=', '"; x="', ' ', 'ä'.repeat(300), 'x'.repeat(3_000), '<>'));
    await fc.assert(
      fc.asyncProperty(typed, typed, typed, typed, async (subject, name, email, file) => {
        const bytes = await compose(
          { subject, from: [{ name, email }], 'header:X-Raw': subject, messageId: [email], textBody: [{ partId: 'a' }], attachments: [{ blobId: 'U1', name: file, cid: name, type: 'image/png' }], bodyValues: { a: { value: file } } },
          { blob: async () => ({ type: 'image/png', bytes: Buffer.from('x') }), now: 0, domain: 'x' },
        );
        const parsed = parseMessage(bytes);
        expect(parsed.fields.map((one) => one.name)).toEqual(['Subject', 'From', 'X-Raw', 'Message-ID', 'Date', 'MIME-Version', 'Content-Type']);
        for (const line of bytes.toString('latin1').split('\r\n')) {
          expect(line.length).toBeLessThanOrEqual(998);
          expect(line).toMatch(/^[\x20-\x7e\t]*$/);
        }
        const flat = subject.replaceAll(/[\r\n\0]+/g, ' ').toWellFormed();
        if (!/^\s|\s$| {2}/.test(flat) && !/[\x80-\x9f]/.test(flat) && flat.length < 500) expect(inForm(lastOf(parsed.fields, 'subject'), 'asText')).toBe(flat.normalize('NFC'));
      }),
      { numRuns: 300 },
    );
    fc.assert(
      fc.property(typed, (text) => {
        const [encoding, body] = encodeText(text);
        expect(decodeTransfer(Buffer.from(body), encoding).toString()).toBe(text.toWellFormed().replaceAll('\0', '\u{fffd}').replaceAll(/\r\n|\r|\n/g, '\r\n'));
      }),
    );
  });
});

describe('Email/set changes and destroys', () => {
  test('keywords by patch and as a whole; what is not there', async () => {
    const id = await idOf('one');
    const { newState } = await set({});
    const first = await set({ update: { [id]: { 'keywords/$seen': true, 'keywords/Todo': true } } });
    await expect(mail.call('Email/changes', { sinceState: newState })).resolves.toMatchObject({ created: [], updated: [id], destroyed: [] });
    expect(first.updated).toEqual({ [id]: null });
    expect(first.newState).not.toBe(first.oldState);
    expect((await get(id, ['keywords']))['keywords']).toEqual({ $seen: true, todo: true });
    await set({ update: { [id]: { 'keywords/todo': null } } });
    expect((await get(id, ['keywords']))['keywords']).toEqual({ $seen: true });
    await set({ update: { [id]: { keywords: { $flagged: true } } } });
    expect((await get(id, ['keywords']))['keywords']).toEqual({ $flagged: true });
    const gone = id.replace(/-\w+$/, '-zz');
    const failed = await set({ update: { [id]: { subject: 'x' }, [gone]: {}, x: {}, [await idOf('two')]: { 'keywords/a b': true } } });
    expect(failed.notUpdated).toMatchObject({ [id]: { type: 'invalidProperties' }, [gone]: { type: 'notFound' }, x: { type: 'notFound' } });
    expect(Object.keys(failed.notUpdated)).toHaveLength(4);
  });

  test('a move keeps the id, there and back', async () => {
    const [one, two] = [await idOf('one'), await idOf('two')];
    const to = (name: string): object => ({ mailboxIds: { [boxes[name] as string]: true } });
    expect((await set({ update: { [one]: to('Trash'), [two]: { [`mailboxIds/${boxes['Inbox']}`]: null, [`mailboxIds/${boxes['Trash']}`]: true, 'keywords/$seen': true } } })).notUpdated).toBeNull();
    for (const id of [one, two]) expect((await get(id, ['mailboxIds']))['mailboxIds']).toEqual({ [boxes['Trash'] as string]: true });
    expect((await mail.call<{ ids: string[] }>('Email/query', { filter: { inMailbox: boxes['Trash'] } })).ids.sort()).toEqual([one, two].sort());
    expect(await bytesOf(one)).toEqual(message({ From: 'x@y.z', Subject: 'one', 'Message-ID': '<one@x>' }));
    await set({ update: { [one]: to('Inbox'), [two]: to('Inbox') } });
    expect((await get(one, ['mailboxIds']))['mailboxIds']).toEqual({ [boxes['Inbox'] as string]: true });
    expect((await set({ update: { [one]: { [`mailboxIds/${boxes['Trash']}`]: true } } })).notUpdated).toMatchObject({ [one]: { type: 'tooManyMailboxes' } });
    expect((await set({ update: { [one]: { mailboxIds: {} } } })).notUpdated).toMatchObject({ [one]: { type: 'invalidProperties' } });
  });

  test('destroys, and queryChanges tells', async () => {
    const filter = { inMailbox: boxes['Inbox'] };
    const { queryState, ids } = await mail.call<{ queryState: string; ids: string[] }>('Email/query', { filter });
    const three = await idOf('three');
    expect(await set({ destroy: [three, 'E0'] })).toMatchObject({ destroyed: [three], notDestroyed: { E0: { type: 'notFound' } } });
    const blob = await mail.upload(message({ From: 'a@b', Subject: 'four', 'Message-ID': '<four@x>' }));
    const imported = await mail.call<WasSet>('Email/import', { emails: { i: { blobId: blob, mailboxIds: { [boxes['Inbox'] as string]: true }, receivedAt: '2030-01-01T00:00:00Z' }, n: { blobId: 'Unone', mailboxIds: { [boxes['Inbox'] as string]: true } } } });
    expect(imported.notCreated).toMatchObject({ n: { type: 'invalidProperties', properties: ['blobId'] } });
    const changes = await mail.call<{ removed: string[]; added: { id: string; index: number }[] }>('Email/queryChanges', { filter, sinceQueryState: queryState });
    expect(changes).toMatchObject({ removed: [three], added: [{ id: imported.created?.['i']?.id, index: 0 }] });
    expect(ids).toContain(three);
    await expect(mail.error('Email/queryChanges', { filter, sinceQueryState: 'old' })).resolves.toBe('cannotCalculateChanges');
    const { newState } = await set({});
    await expect(mail.call('Email/changes', { sinceState: newState })).resolves.toMatchObject({ created: [], updated: [], destroyed: [], hasMoreChanges: false });
    await expect(mail.call('Email/changes', { sinceState: imported.oldState })).resolves.toMatchObject({ created: [imported.created?.['i']?.id], updated: [], destroyed: [] });
  });
});

test('Thread/get finds a conversation in all mailboxes', async () => {
  const make = async (subject: string, box: string, more: object): Promise<{ id: string; threadId: string }> => {
    const { created } = await set({ create: { k: { mailboxIds: { [boxes[box] as string]: true }, subject, receivedAt: `2026-03-0${subject.length}T00:00:00Z`, ...more } } });
    return created?.['k'] as { id: string; threadId: string };
  };
  const first = await make('a', 'Inbox', { messageId: ['t1@x'] });
  const reply = await make('ab', 'Sent', { messageId: ['t2@x'], inReplyTo: ['t1@x'] });
  const last = await make('abc', 'Drafts', { messageId: ['t3@x'], references: ['t1@x', 't2@x'] });
  expect(reply.threadId).toBe(first.threadId);
  await expect(mail.call('Thread/get', { ids: [first.threadId, 'T', `T${Buffer.from('none@x').toString('base64url')}`] })).resolves.toMatchObject({ list: [{ id: first.threadId, emailIds: [first.id, reply.id, last.id] }], notFound: ['T', expect.any(String)] });
  // As many as the session announces.
  const strangers = Array.from({ length: 499 }, (_, n) => `T${Buffer.from(`none${n}@x`).toString('base64url')}`);
  await expect(mail.call('Thread/get', { ids: [...strangers, first.threadId] })).resolves.toMatchObject({ list: [{ id: first.threadId }], notFound: strangers });
  await expect(mail.error('Thread/get', { ids: [...strangers, first.threadId, 'T'] })).resolves.toBe('requestTooLarge');
});

describe('EmailSubmission/set (RFC 8621 section 7.5)', () => {
  const draft = async (more: object = {}): Promise<string> => {
    const { created, notCreated } = await set({ create: { k: { mailboxIds: { [boxes['Drafts'] as string]: true }, keywords: { $draft: true }, from: [{ email: 'jane@example.net' }], to: [{ email: 'bob@example.org' }], bcc: [{ name: 'Geheim', email: 'secret@example.org' }], subject: 'Send', textBody: [{ partId: 't' }], bodyValues: { t: { value: 'x' } }, ...more } } });
    expect(notCreated).toBeNull();
    return created?.['k']?.id as string;
  };

  test('sends what is stored, without Bcc, and then moves the draft', async () => {
    const emailId = await draft();
    const { list } = await mail.call<{ list: { id: string; email: string; mayDelete: boolean }[] }>('Identity/get', { ids: null });
    expect(list).toMatchObject([{ email: 'jane@example.net', mayDelete: false }, { email: 'jd@example.net' }]);
    const { methodResponses } = await mail.ask(['EmailSubmission/set', { create: { s: { emailId, identityId: list[0]?.id } }, onSuccessUpdateEmail: { '#s': { [`mailboxIds/${boxes['Drafts']}`]: null, [`mailboxIds/${boxes['Sent']}`]: true, 'keywords/$draft': null } } }]);
    expect(methodResponses).toMatchObject([['EmailSubmission/set', { created: { s: { undoStatus: 'final' } } }, '0'], ['Email/set', { updated: { [emailId]: null } }, '0']]);
    expect(mail.sent.at(-1)).toMatchObject({ envelope: { mailFrom: 'jane@example.net', rcptTo: ['bob@example.org', 'secret@example.org'] }, message: expect.not.stringMatching(/^bcc:|secret@/im) });
    const submitted = ((methodResponses[0]?.[1]['created'] ?? {}) as Record<string, { id: string }>)['s']?.id;
    await expect(mail.call('EmailSubmission/query', { filter: { emailIds: [emailId], undoStatus: 'final' }, sort: [{ property: 'sentAt' }], calculateTotal: true })).resolves.toMatchObject({ ids: [submitted], total: 1 });
    await expect(mail.call('EmailSubmission/get', { ids: [submitted, 'S0'], properties: ['emailId'] })).resolves.toMatchObject({ list: [{ id: submitted, emailId }], notFound: ['S0'] });
    await expect(mail.call('EmailSubmission/changes', { sinceState: methodResponses[0]?.[1]['oldState'] })).resolves.toMatchObject({ created: [submitted], destroyed: [] });
    expect(await get(emailId, ['mailboxIds', 'keywords'])).toMatchObject({ mailboxIds: { [boxes['Sent'] as string]: true }, keywords: {} });
  });

  test('nobody is written as but oneself, and somebody must get it', async () => {
    const { list } = await mail.call<{ list: { id: string }[] }>('Identity/get', { ids: null });
    const identityId = list[0]?.id;
    const before = mail.sent.length;
    const { notCreated } = await mail.call<WasSet>('EmailSubmission/set', {
      create: {
        a: { emailId: await draft({ from: [{ email: 'boss@example.org' }] }), identityId },
        b: { emailId: await draft({ to: [], bcc: [] }), identityId },
        c: { emailId: await draft(), identityId, envelope: { mailFrom: { email: 'boss@example.org' }, rcptTo: [{ email: 'a@b.c' }] } },
        d: { emailId: await draft(), identityId, envelope: { mailFrom: { email: 'jane@example.net' }, rcptTo: [{ email: 'a@b> RCPT TO:<x@y' }] } },
        e: { emailId: 'E0', identityId },
        f: { emailId: await draft(), identityId: 'I0' },
      },
    });
    expect(notCreated).toMatchObject({ a: { type: 'forbiddenFrom' }, b: { type: 'noRecipients' }, c: { type: 'forbiddenMailFrom' }, d: { type: 'invalidRecipients' }, e: { properties: ['emailId'] }, f: { properties: ['identityId'] } });
    expect(mail.sent).toHaveLength(before);
    expect(withoutBcc(Buffer.from('A: b\r\nBcc: x,\r\n y\r\nTo: z\r\n\r\nBcc: stays')).toString()).toBe('A: b\r\nTo: z\r\n\r\nBcc: stays');
  });

  test('identities are the login names, with signatures, and more under the same addresses', async () => {
    const { created, notCreated, newState } = await mail.call<WasSet>('Identity/set', { create: { i: { email: 'jd@example.net', name: 'JD', textSignature: '-- JD' }, n: { email: 'boss@example.org' } } });
    expect(notCreated).toMatchObject({ n: { type: 'forbiddenFrom' } });
    const id = created?.['i']?.id as string;
    const { list } = await mail.call<{ list: { id: string }[] }>('Identity/get', { ids: null });
    const own = list[0]?.id as string;
    expect(await mail.call('Identity/set', { update: { [own]: { htmlSignature: '<b>J</b>' }, [id]: { email: 'x@y' } } })).toMatchObject({ updated: { [own]: null }, notUpdated: { [id]: { properties: ['email'] } } });
    await expect(mail.call('Identity/changes', { sinceState: newState })).resolves.toMatchObject({ created: [], updated: [own], destroyed: [] });
    expect(await mail.call('Identity/get', { ids: [own] })).toMatchObject({ list: [{ htmlSignature: '<b>J</b>' }] });
    expect(await mail.call('Identity/set', { destroy: [id, own] })).toMatchObject({ destroyed: [id], notDestroyed: { [own]: { type: 'forbidden' } } });
  });
});

test('SearchSnippet/get marks what was searched, and nothing else is HTML', async () => {
  const { created } = await set({ create: { k: { mailboxIds: { [boxes['Inbox'] as string]: true }, subject: 'The <needle> & hay', textBody: [{ partId: 't' }], bodyValues: { t: { value: `${'hay '.repeat(300)}a NEEDLE here ${'hay '.repeat(300)}` } } } } });
  const id = created?.['k']?.id as string;
  const { list } = await mail.call<{ list: { subject: string; preview: string }[] }>('SearchSnippet/get', { emailIds: [id], filter: { text: 'needle' } });
  expect(list).toMatchObject([{ subject: 'The &lt;<mark>needle</mark>&gt; &amp; hay', preview: expect.stringContaining('a <mark>NEEDLE</mark> here') }]);
  expect(Buffer.byteLength(list[0]?.preview ?? '')).toBeLessThanOrEqual(255);
  await expect(mail.call('SearchSnippet/get', { emailIds: [id, 'E0'], filter: null })).resolves.toMatchObject({ list: [{ subject: null, preview: null }], notFound: ['E0'] });
  fc.assert(
    fc.property(fc.string({ maxLength: 60 }), fc.array(fc.string({ minLength: 1, maxLength: 5 }), { maxLength: 3 }), (text, terms) => {
      expect((mark(text, terms, true) ?? '').replaceAll(/<\/?mark>/g, '')).not.toMatch(/[<>"']/);
    }),
  );
  expect([mail.faults, mail.thrown]).toEqual([[], []]);
});
