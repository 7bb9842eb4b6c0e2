/**
 * The message with which a composer begins.
 *
 * Invariant: what is answered or handed on is read once, here; nothing of it is written to.
 */
import { jmapOne } from '../api/jmap.ts';
import type { Email, GetAnswer, Identity } from '../api/types.ts';
import { attachedOf, EMAIL_PROPERTIES, type EmailObject, PART_PROPERTIES, parseNote, DRAFT_NOTE } from './email-object.ts';
import type { Attached, Message, Quote } from './message.ts';
import type { Wanted } from './open.ts';
import { forwardQuote, htmlOfText, type QuoteParts, replyQuote } from './quote.ts';
import { withoutTwins } from './recipients.ts';
import { identityFor, replyAllRecipients, replyRecipients, threading } from './reply.ts';
import { cidsIn, forEditor } from './safe-html.ts';
import { placeInText, signatureOf } from './signature.ts';
import { forwardSubject, replySubject } from './subject.ts';
import { draftTexts, textsOf } from './texts.ts';

export type Start = {
  readonly message: Message;
  /** The draft at the platform. */
  readonly emailId: string | undefined;
  /** Undefined: it has none yet. */
  readonly messageId: string | undefined;
};

export type StartParts = {
  readonly identities: readonly Identity[];
  /** How the writer likes to write. */
  readonly mode: Message['mode'];
  readonly quoting: QuoteParts;
  readonly newId: () => string;
};

/** The message is no longer there. */
export class GoneError extends Error {
  override readonly name = 'GoneError';
}

async function read(emailId: string): Promise<EmailObject> {
  const { list } = await jmapOne<GetAnswer<EmailObject>>('Email/get', { ids: [emailId], properties: EMAIL_PROPERTIES, bodyProperties: PART_PROPERTIES, fetchTextBodyValues: true, fetchHTMLBodyValues: true });
  if (list[0] === undefined) throw new GoneError();
  return list[0];
}

/** @throws ApiError, JmapError, GoneError */
export async function startOf(wanted: Wanted, parts: StartParts): Promise<Start> {
  if (wanted.kind === 'resume') return { message: await withBlobs(wanted.message, wanted.emailId, parts.newId), emailId: wanted.emailId, messageId: wanted.messageId };
  if (wanted.kind === 'new') {
    const { to = [], cc = [], bcc = [], subject = '', text = '' } = wanted;
    return { message: blank(parts.identities[0], parts, { to, cc, bcc, subject, text }), emailId: undefined, messageId: undefined };
  }
  const email = await read(wanted.emailId);
  if (wanted.kind === 'draft') return draft(email, parts);
  const identity = identityFor(email, parts.identities);
  const files = (list: readonly Email['attachments'][number][]): Attached[] => list.flatMap((part) => attachedOf(part, parts.newId()) ?? []);
  if (wanted.kind === 'forward-attached') {
    const name = `${(email.subject ?? '').replaceAll(/[\\/:*?"<>|\p{Cc}]/gu, ' ').trim().slice(0, 100) || 'message'}.eml`;
    const attachments = files([{ partId: null, blobId: email.blobId, type: 'message/rfc822', name, size: email.attachments.reduce((sum, { size }) => sum + size, 2_000), cid: null, charset: null, disposition: null }]);
    return { message: { ...blank(identity, parts, { subject: forwardSubject(email.subject) }), attachments, origin: { emailId: email.id, does: 'forwarded' } }, emailId: undefined, messageId: undefined };
  }
  const texts = textsOf(email);
  const shown = cidsIn(texts.html);
  const pictures = email.attachments.filter(({ cid }) => cid !== null && shown.has(cid));
  if (wanted.kind === 'forward') {
    const attachments = files(email.attachments).map((file) => (file.cid !== null && shown.has(file.cid) ? file : { ...file, cid: null }));
    const message = blank(identity, parts, { subject: forwardSubject(email.subject), quote: forwardQuote(email, texts, parts.quoting) });
    return { message: { ...message, attachments, references: threading(email).references, origin: { emailId: email.id, does: 'forwarded' } }, emailId: undefined, messageId: undefined };
  }
  const recipients = (wanted.kind === 'reply' ? replyRecipients : replyAllRecipients)(email, parts.identities);
  const message = blank(identity, parts, { ...recipients, subject: replySubject(email.subject), quote: replyQuote(email, texts, parts.quoting) });
  return { message: { ...message, ...threading(email), attachments: message.mode === 'rich' ? files(pictures) : [], origin: { emailId: email.id, does: 'answered' } }, emailId: undefined, messageId: undefined };
}

type Filled = Partial<Pick<Message, 'to' | 'cc' | 'bcc' | 'subject'>> & { readonly text?: string; readonly quote?: Quote };

function blank(identity: Identity | undefined, { mode }: StartParts, { to = [], cc = [], bcc = [], subject = '', text = '', quote }: Filled): Message {
  const signature = signatureOf(identity, forEditor);
  const lines = text.split('\n').map((line) => `<p>${htmlOfText(line)}</p>`).join('');
  return {
    identityId: identity?.id ?? '',
    to,
    cc,
    bcc: withoutTwins([...bcc, ...(identity?.bcc ?? [])]),
    subject,
    mode,
    html: mode === 'rich' ? `${lines}${signature.html === '' ? '' : `<p></p>${signature.html}`}` : '',
    text: mode === 'plain' ? placeInText(text, signature.text, quote?.text ?? '') : '',
    quote: mode === 'rich' ? quote : undefined,
    attachments: [],
    inReplyTo: [],
    references: [],
    origin: undefined,
  };
}

function draft(email: EmailObject, { identities, newId }: StartParts): Start {
  const note = parseNote(email[DRAFT_NOTE]);
  const from = email.from?.[0]?.email.toLowerCase();
  const identity = identities.find(({ id }) => id === note?.identityId) ?? identities.find(({ email: own }) => own.toLowerCase() === from) ?? identities[0];
  const message: Message = {
    identityId: identity?.id ?? '',
    to: email.to ?? [],
    cc: email.cc ?? [],
    bcc: email.bcc ?? [],
    subject: email.subject ?? '',
    ...draftTexts(email),
    attachments: email.attachments.flatMap((part) => attachedOf(part, newId()) ?? []),
    inReplyTo: email.inReplyTo ?? [],
    references: email.references ?? [],
    origin: note?.origin,
  };
  return { message, emailId: email.id, messageId: email.messageId?.[0] };
}

/** The files of what is gone on with: those of its saved version, by their names there. */
async function withBlobs(message: Message, emailId: string | undefined, newId: () => string): Promise<Message> {
  if (emailId === undefined || message.attachments.length === 0) return message;
  const { list } = await jmapOne<GetAnswer<Pick<Email, 'attachments'>>>('Email/get', { ids: [emailId], properties: ['attachments'], bodyProperties: PART_PROPERTIES });
  const there = list[0]?.attachments ?? [];
  const blobs = blobsOf(message.attachments, there);
  const isSame = blobs.size === message.attachments.length;
  return { ...message, attachments: isSame ? message.attachments.map((file) => ({ ...file, blobId: blobs.get(file.id) ?? file.blobId })) : there.flatMap((part) => attachedOf(part, newId()) ?? []) };
}

/** Under which blob of the version that was saved now each file is: those of the version before go with it. */
export function blobsOf(files: readonly Attached[], parts: readonly Pick<Email['attachments'][number], 'blobId' | 'name' | 'type' | 'cid'>[]): ReadonlyMap<string, string> {
  const left = [...parts];
  const found = new Map<string, string>();
  for (const file of files) {
    const at = left.findIndex((part) => (file.cid === null ? part.cid === null && part.name === file.name && part.type.toLowerCase() === file.type.toLowerCase() : part.cid === file.cid));
    const [part] = at < 0 ? [] : left.splice(at, 1);
    if (part?.blobId != null) found.set(file.id, part.blobId);
  }
  return found;
}
