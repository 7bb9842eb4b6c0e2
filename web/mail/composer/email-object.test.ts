import { expect, test } from 'vitest';
import { attachedOf, DRAFT_NOTE, emailOf, htmlParts, newMessageId, parseNote, plainText, type Written } from './email-object.ts';
import type { Identity } from '../api/types.ts';

const IDENTITY: Identity = { id: 'I1', name: 'Ada', email: 'ada@isp.example', replyTo: null, bcc: null, textSignature: '', htmlSignature: '', mayDelete: false };
const MESSAGE: Written = {
  messageId: 'x@isp.example', identityId: 'I1', to: [{ name: null, email: 'joe@isp.example' }], cc: [], bcc: [], subject: 'Tea', mode: 'rich', html: '', text: '', quote: undefined,
  attachments: [{ id: '1', blobId: 'U1', name: 'a.png', type: 'image/png', size: 3, cid: 'c1' }, { id: '2', blobId: 'U2', name: 'b.pdf', type: 'application/pdf', size: 4, cid: null }],
  inReplyTo: [], references: [], origin: undefined,
};

test('a message to be sent has no note, no empty fields, pictures inside', () => {
  const email = emailOf(MESSAGE, IDENTITY, { html: '<p>x</p>', text: 'x' }, 'M1', undefined);
  expect(Object.keys(email)).not.toContain(DRAFT_NOTE);
  expect(email).toMatchObject({ mailboxIds: { M1: true }, keywords: { $draft: true, $seen: true }, messageId: ['x@isp.example'], from: [{ name: 'Ada', email: 'ada@isp.example' }] });
  expect([email['cc'], email['bcc'], email['inReplyTo'], email['replyTo']]).toEqual([undefined, undefined, undefined, undefined]);
  expect(email['attachments']).toMatchObject([{ blobId: 'U1', disposition: 'inline', cid: 'c1' }, { blobId: 'U2', disposition: 'attachment' }]);
  const plain = emailOf(MESSAGE, IDENTITY, { html: undefined, text: 'x' }, 'M1', undefined);
  expect(plain).toMatchObject({ htmlBody: undefined, bodyValues: { text: { value: 'x' } }, attachments: [{ disposition: 'attachment' }, { disposition: 'attachment' }] });
});

test('the note of a draft is read back', () => {
  for (const origin of [undefined, { does: 'answered', emailId: 'E1' } as const]) {
    const note = { composer: 'c1', mode: 'plain', identityId: 'I1', origin } as const;
    const text = emailOf(MESSAGE, IDENTITY, { html: undefined, text: '' }, 'M1', note)[DRAFT_NOTE];
    expect(parseNote(text as string)).toEqual(note);
  }
  for (const text of [null, undefined, '', 'x', 'a b c', 'a rich']) expect(parseNote(text)).toBeUndefined();
  expect(parseNote('c rich I destroyed E1')?.origin).toBeUndefined();
});

test('parts of other messages are attached by their blobs, with a name', () => {
  const part = { blobId: 'E1_2', type: 'message/rfc822', name: null, size: 9, cid: null };
  expect(attachedOf(part, 'a')).toEqual({ id: 'a', blobId: 'E1_2', name: 'message.eml', type: 'message/rfc822', size: 9, cid: null });
  expect(attachedOf({ ...part, type: 'image/svg+xml' }, 'a')?.name).toBe('image.svg');
  expect(attachedOf({ ...part, blobId: null }, 'a')).toBeUndefined();
});

test('texts of a message', () => {
  const part = (partId: string, type: string) => ({ partId, blobId: null, type, name: null, size: 1, cid: null, disposition: null, charset: null });
  const value = (text: string) => ({ value: text, isTruncated: false, isEncodingProblem: false });
  const bodyValues = { 1: value('plain'), 2: value('<p>html</p>') };
  expect(htmlParts({ htmlBody: [part('1', 'text/plain'), part('2', 'text/html'), part('3', 'image/png')], bodyValues })).toEqual([{ isHtml: false, value: 'plain' }, { isHtml: true, value: '<p>html</p>' }]);
  expect(plainText({ textBody: [part('1', 'text/plain')], bodyValues })).toBe('plain');
  expect(plainText({ textBody: [part('2', 'text/html')], bodyValues })).toBeUndefined();
});

test("a Message-ID's domain is the writer's, as far as it can stand there", () => {
  expect(newMessageId('r', { email: 'ada@isp.example' })).toBe('r@isp.example');
  expect(newMessageId('r', { email: 'ada@b\r\n>ü.example' })).toBe('r@b.example');
});
