/**
 * A message as the Email object that Email/set makes of it (RFC 8621 section 4.6), and back.
 *
 * Invariants: a draft opened again is the message that was saved. What only drafts have (DRAFT_NOTE) is in no message that is
 * sent. Every version of one message has the same Message-ID: a copy whose saving was not answered is found by it, and a
 * server that gets a message twice can tell.
 */
import type { BodyPart, Email, Identity } from '../api/types.ts';
import type { Attached, Message } from './message.ts';
import type { Original } from './reply.ts';

/** Who wrote this version, and what else a draft must remember. */
export const DRAFT_NOTE = 'header:X-Causeway-Draft:asText';

export type DraftNote = {
  /** Of the composer that wrote it. */
  readonly composer: string;
  readonly mode: Message['mode'];
  readonly identityId: string;
  readonly origin: Message['origin'];
};

export type Bodies = {
  /** What is sent as text/html; undefined in plain mode. */
  readonly html: string | undefined;
  readonly text: string;
};

export type Written = Message & { readonly messageId: string };

/** @param note undefined: it is to be sent */
export function emailOf(message: Written, identity: Identity, { html, text }: Bodies, draftsId: string, note: DraftNote | undefined): Record<string, unknown> {
  const files = message.attachments.map(({ blobId, name, type, cid }) => ({ blobId, name, type, cid, disposition: cid !== null && html !== undefined ? 'inline' : 'attachment' }));
  return {
    mailboxIds: { [draftsId]: true },
    keywords: { $draft: true, $seen: true },
    from: [{ name: identity.name.trim() === '' ? null : identity.name, email: identity.email }],
    to: someOf(message.to),
    cc: someOf(message.cc),
    bcc: someOf(message.bcc),
    replyTo: someOf(identity.replyTo ?? []),
    subject: message.subject,
    messageId: [message.messageId],
    inReplyTo: someOf(message.inReplyTo),
    references: someOf(message.references),
    textBody: [{ partId: 'text', type: 'text/plain' }],
    htmlBody: html === undefined ? undefined : [{ partId: 'html', type: 'text/html' }],
    bodyValues: { text: { value: text }, ...(html === undefined ? {} : { html: { value: html } }) },
    attachments: someOf(files),
    ...(note === undefined ? {} : { [DRAFT_NOTE]: noteText(note) }),
  };
}

/** An empty field is worse than none (RFC 5322 has no empty To). */
function someOf<One>(list: readonly One[]): readonly One[] | undefined {
  return list.length > 0 ? list : undefined;
}

function noteText({ composer, mode, identityId, origin }: DraftNote): string {
  return [composer, mode, identityId, ...(origin === undefined ? [] : [origin.does, origin.emailId])].join(' ');
}

export function parseNote(text: string | null | undefined): DraftNote | undefined {
  const [composer, mode, identityId, does, emailId] = (text ?? '').trim().split(/\s+/);
  if (composer === undefined || composer === '' || identityId === undefined || (mode !== 'rich' && mode !== 'plain')) return undefined;
  return { composer, mode, identityId, origin: emailId !== undefined && (does === 'answered' || does === 'forwarded') ? { does, emailId } : undefined };
}

/** What is asked of Email/get for a draft that is opened, or a message that is answered. */
export const EMAIL_PROPERTIES = ['id', 'blobId', 'subject', 'from', 'to', 'cc', 'bcc', 'replyTo', 'messageId', 'inReplyTo', 'references', 'sentAt', 'receivedAt', 'keywords', 'htmlBody', 'textBody', 'attachments', 'bodyValues', DRAFT_NOTE];
export const PART_PROPERTIES = ['partId', 'blobId', 'type', 'name', 'size', 'cid', 'disposition'];

export type EmailObject = Original & Pick<Email, 'keywords' | 'htmlBody' | 'textBody' | 'attachments' | 'bodyValues'> & { readonly [DRAFT_NOTE]?: string | null };

/** A part that can be attached again, by its blob. */
export function attachedOf(part: Pick<BodyPart, 'blobId' | 'name' | 'type' | 'size' | 'cid'>, id: string): Attached | undefined {
  if (part.blobId === null) return undefined;
  return { id, blobId: part.blobId, name: part.name ?? nameFor(part.type), type: part.type, size: part.size, cid: part.cid };
}

function nameFor(type: string): string {
  const known: Readonly<Record<string, string>> = { 'message/rfc822': 'message.eml', 'text/plain': 'text.txt', 'text/html': 'text.html', 'image/jpeg': 'image.jpg', 'text/calendar': 'invitation.ics' };
  return known[type] ?? `${type.split('/')[0]}.${type.split('/')[1]?.replace(/^x-|\+.*$/g, '') ?? 'bin'}`;
}

/** The HTML of a message, in pieces: each is HTML or text. */
export function htmlParts(email: Pick<EmailObject, 'htmlBody' | 'bodyValues'>): { readonly isHtml: boolean; readonly value: string }[] {
  return email.htmlBody.flatMap(({ partId, type }) => {
    const value = partId === null ? undefined : email.bodyValues[partId]?.value;
    return value === undefined || !type.startsWith('text/') ? [] : [{ isHtml: type === 'text/html', value }];
  });
}

/** The plain text of a message; undefined where it has none. */
export function plainText(email: Pick<EmailObject, 'textBody' | 'bodyValues'>): string | undefined {
  const parts = email.textBody.flatMap(({ partId, type }) => (partId === null || type === 'text/html' ? [] : (email.bodyValues[partId]?.value ?? [])));
  return parts.length === 0 ? undefined : parts.join('\n');
}

/** A Message-ID of our own; 128 bits by chance are nobody else's (RFC 5322 section 3.6.4). */
export function newMessageId(random: string, { email }: Pick<Identity, 'email'>): string {
  return `${random}@${email.split('@').at(-1)?.replaceAll(/[^A-Za-z0-9.-]/g, '') ?? 'localhost'}`;
}
