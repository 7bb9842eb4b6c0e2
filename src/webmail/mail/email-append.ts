/** New messages put into mailboxes: what Email/set makes and Email/import takes. */
import * as z from 'zod';
import { CausewayError } from '#errors/index.ts';
import { formatInternalDate } from '#wire/imap/date.ts';
import { responseCodeOf } from '#imap/refusal.ts';
import { invalidProperties, SetError } from '../jmap/errors.ts';
import { realId } from '../jmap/get.ts';
import { utcDateSchema } from '../jmap/id.ts';
import { parseMessage } from '../mime/parse-message.ts';
import type { MailContext } from './context.ts';
import { nativeId, threadIdOf } from './email-id.ts';
import { flagOf, isKeyword } from './keywords.ts';
import type { Box } from './mailboxes.ts';
import { lastOf } from '../mime/fields.ts';
import { messageIds } from '../mime/forms.ts';
import { threadRoot } from './thread-root.ts';

export type Place = { readonly box: Box; readonly flags: readonly string[]; readonly internalDate: string };

const trues = z.record(z.string(), z.literal(true));

/** Mailbox, flags and date that an object names. Throws SetError. */
export async function placeOf(object: Readonly<Record<string, unknown>>, createdIds: ReadonlyMap<string, string>, context: MailContext): Promise<Place> {
  const { byId } = await context.mailboxes();
  const mailboxIds = trues.safeParse(object['mailboxIds']);
  const ids = mailboxIds.success ? Object.keys(mailboxIds.data).map((id) => realId(id, createdIds)) : [];
  const box = byId.get(ids[0] ?? '');
  if (ids.length > 1 && ids.every((id) => byId.has(id))) throw new SetError('tooManyMailboxes', 'An email is in one mailbox here.');
  if (box?.counts === undefined) throw invalidProperties(['mailboxIds']);
  const keywords = trues.safeParse(object['keywords'] ?? {});
  if (!keywords.success || !Object.keys(keywords.data).every(isKeyword)) throw invalidProperties(['keywords']);
  const receivedAt = utcDateSchema.nullish().safeParse(object['receivedAt']);
  if (!receivedAt.success) throw invalidProperties(['receivedAt']);
  const moment = receivedAt.data == null ? context.access.clock.now() : Date.parse(receivedAt.data);
  return { box, flags: [...new Set(Object.keys(keywords.data).map(flagOf))], internalDate: formatInternalDate(moment) };
}

/** Throws SetError where the platform refuses the message. */
export async function appendEmail(bytes: Buffer, { box, flags, internalDate }: Place, context: MailContext): Promise<Record<string, unknown> & { id: string }> {
  const { fields } = parseMessage(bytes.subarray(0, 1024 * 1024));
  try {
    const location = await context.access.imap(async (connection) => {
      const appended = await connection.appendMany(box, [{ flags, internalDate, bytes }]);
      const uid = appended?.uids[0];
      if (appended !== undefined && uid !== undefined) return { box: box.id, uidValidity: appended.uidValidity, uid };
      // Without UIDPLUS: the newest with this Message-ID.
      const [messageId = ''] = messageIds(lastOf(fields, 'message-id') ?? '') ?? [];
      const { uidValidity } = await connection.examine(box);
      const found = (await connection.uidSearch({ key: 'header', name: 'Message-ID', text: messageId })).at(-1);
      if (found === undefined) throw new CausewayError('protocol', 'a message that was appended is not found');
      return { box: box.id, uidValidity, uid: found };
    });
    const id = nativeId(location);
    return { id, blobId: id, threadId: threadIdOf(threadRoot(fields), id), size: bytes.length };
  } catch (error) {
    const code = responseCodeOf(error);
    if (code === 'OVERQUOTA') throw new SetError('overQuota', 'The mailbox is full.');
    if (code === 'TOOBIG' || code === 'LIMIT') throw new SetError('tooLarge', 'The message is too large.');
    throw error;
  } finally {
    context.changed();
  }
}
