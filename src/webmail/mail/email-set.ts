/** Email/set, Email/import and Email/parse (RFC 8621 sections 4.6, 4.8 and 4.9). */
import * as z from 'zod';
import { checkAccount, parseArguments } from '../jmap/arguments.ts';
import { invalidProperties, MethodError, SetError } from '../jmap/errors.ts';
import { askedIds } from '../jmap/get.ts';
import type { Method } from '../jmap/process.ts';
import { runSet, setArguments } from '../jmap/set.ts';
import { utcDate } from '../jmap/id.ts';
import { parseDate } from '../mime/date.ts';
import { type Field, unfold } from '../mime/fields.ts';
import { parseMessage, contentOf } from '../mime/parse-message.ts';
import { readBlob } from './blob-read.ts';
import { MAIL } from './capabilities.ts';
import { compose } from './compose.ts';
import type { MailContext } from './context.ts';
import { appendEmail, placeOf } from './email-append.ts';
import { emailObject } from './email-object.ts';
import { bodyArguments, CONVENIENT, PARSED, wantsOf } from './email-properties.ts';
import { destroyEmails, updateEmails } from './email-update.ts';
import { emailState } from './states.ts';

/** What Email/set can make of an Email, besides header fields. */
const OURS = new Set(['mailboxIds', 'keywords', 'receivedAt', 'bodyStructure', 'bodyValues', 'textBody', 'htmlBody', 'attachments', ...CONVENIENT.keys()]);

export const emailSet: Method<MailContext> = {
  capability: MAIL,
  async run(given, context, call) {
    const args = parseArguments(setArguments, given);
    checkAccount(args.accountId, context.access.accountId);
    return runSet(
      args,
      {
        create: (properties) => create(properties, call.createdIds, context),
        updateAll: (updates) => updateEmails(updates, call.createdIds, context),
        destroyAll: (ids) => destroyEmails(ids, context),
      },
      { limits: context.limits, createdIds: call.createdIds, onFault: context.onFault, state: () => emailState(context) },
    );
  },
};

async function create(properties: Record<string, unknown>, createdIds: ReadonlyMap<string, string>, context: MailContext): Promise<Record<string, unknown> & { id: string }> {
  const unknown = Object.keys(properties).filter((name) => !OURS.has(name) && !name.startsWith('header:'));
  if (unknown.length > 0) throw invalidProperties(unknown);
  const place = await placeOf(properties, createdIds, context);
  const domain = context.access.address.split('@').at(-1)?.replaceAll(/[^A-Za-z0-9.-]/g, '') ?? 'localhost';
  const bytes = await compose(properties, { blob: (id) => readBlob(id, context), now: context.access.clock.now(), domain });
  return appendEmail(bytes, place, context);
}

const importArguments = z.strictObject({
  accountId: z.string(),
  ifInState: z.string().nullish(),
  emails: z.record(z.string(), z.record(z.string(), z.unknown())),
});

export const emailImport: Method<MailContext> = {
  capability: MAIL,
  async run(given, context, call) {
    const { emails, ...args } = parseArguments(importArguments, given);
    checkAccount(args.accountId, context.access.accountId);
    const { oldState, newState, created, notCreated } = await runSet(
      { ...args, create: emails },
      { create: (properties) => importOne(properties, call.createdIds, context) },
      { limits: context.limits, createdIds: call.createdIds, onFault: context.onFault, state: () => emailState(context) },
    );
    return { accountId: args.accountId, oldState, newState, created, notCreated };
  },
};

async function importOne(properties: Record<string, unknown>, createdIds: ReadonlyMap<string, string>, context: MailContext): Promise<Record<string, unknown> & { id: string }> {
  const unknown = Object.keys(properties).filter((name) => !['blobId', 'mailboxIds', 'keywords', 'receivedAt'].includes(name));
  if (unknown.length > 0) throw invalidProperties(unknown);
  const { blobId } = properties;
  const missing = ['blobId', 'mailboxIds'].filter((name) => properties[name] == null);
  if (missing.length > 0) throw invalidProperties(missing);
  const blob = typeof blobId === 'string' ? await readBlob(blobId, context) : undefined;
  if (blob === undefined) throw invalidProperties(['blobId']);
  const { fields } = parseMessage(blob.bytes);
  const place = await placeOf({ ...properties, receivedAt: properties['receivedAt'] ?? receivedAt(fields) }, createdIds, context);
  if (fields.length === 0 || blob.bytes.includes(0)) throw new SetError('invalidEmail', 'This is no email.');
  return appendEmail(withLineEnds(blob.bytes), place, context);
}

/** RFC 8621 section 4.8: by the topmost Received field, which the last server wrote. */
function receivedAt(fields: readonly Field[]): string | undefined {
  const topmost = fields.find(({ name }) => name.toLowerCase() === 'received');
  const date = parseDate(unfold(topmost?.raw ?? '').split(';').at(-1) ?? '');
  return date === undefined ? undefined : utcDate(date.epochMs);
}

/** Lines end in CRLF in IMAP; files from disks have LF. */
function withLineEnds(bytes: Buffer): Buffer {
  const text = bytes.toString('latin1');
  return /(?<!\r)\n/.test(text) ? Buffer.from(text.replaceAll(/\r?\n/g, '\r\n'), 'latin1') : bytes;
}

const parseArgumentsSchema = z.strictObject({ accountId: z.string(), blobIds: z.array(z.string()), properties: z.array(z.string()).nullish(), ...bodyArguments });

export const emailParse: Method<MailContext> = {
  capability: MAIL,
  async run(given, context, call) {
    const args = parseArguments(parseArgumentsSchema, given);
    checkAccount(args.accountId, context.access.accountId);
    const wants = wantsOf(args, PARSED);
    const parsed: [string, unknown][] = [];
    const notFound: string[] = [];
    const notParsable: string[] = [];
    // Messages in memory at once: one.
    const ids = askedIds(args.blobIds, call.createdIds, context.limits);
    if (ids.length > 50) throw new MethodError('requestTooLarge', 'at most 50 blobs at once');
    for (const id of ids) {
      const blob = await readBlob(id, context);
      if (blob === undefined) {
        notFound.push(id);
        continue;
      }
      const message = parseMessage(blob.bytes);
      if (message.fields.length === 0) {
        notParsable.push(id);
        continue;
      }
      const metadata = [['id', null], ['mailboxIds', null], ['keywords', null], ['receivedAt', null], ['threadId', null], ['blobId', id], ['size', blob.bytes.length]] as const;
      const own = metadata.filter(([name]) => wants.properties.has(name));
      parsed.push([id, { ...Object.fromEntries(own), ...emailObject({ blobOf: id, fields: message.fields, root: message.root, content: (part) => ({ bytes: contentOf(message, part), isWhole: true }) }, wants) }]);
    }
    return {
      accountId: args.accountId,
      parsed: parsed.length > 0 ? Object.fromEntries(parsed) : null,
      notParsable: notParsable.length > 0 ? notParsable : null,
      notFound: notFound.length > 0 ? notFound : null,
    };
  },
};
