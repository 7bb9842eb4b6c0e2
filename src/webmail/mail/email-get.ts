/** Email/get (RFC 8621 section 4.2) and Email/changes (section 4.3). */
import * as z from 'zod';
import { parseFlags } from '#wire/imap/flags.ts';
import { checkAccount, parseArguments } from '../jmap/arguments.ts';
import { MethodError } from '../jmap/errors.ts';
import { askedIds, getArguments } from '../jmap/get.ts';
import { utcDate } from '../jmap/id.ts';
import type { Method } from '../jmap/process.ts';
import { byBox, readIn, setOf } from './at-box.ts';
import { MAIL } from './capabilities.ts';
import type { MailContext } from './context.ts';
import { locationsOf, threadIdOf } from './email-id.ts';
import { findEmails, idsIn } from './email-list.ts';
import { emailObject } from './email-object.ts';
import { NEWEST_FIRST } from './email-order.ts';
import { bodyArguments, isOfRows, type Wants, wantsOf } from './email-properties.ts';
import { type ReadEmail, readEmails, sourceOf } from './email-read.ts';
import { isDeleted, keywordsOf } from './keywords.ts';
import type { Row } from './rows.ts';
import type { Location } from './memory.ts';
import { emailState } from './states.ts';
import { threadRoot } from './thread-root.ts';

const arguments_ = z.strictObject({ ...getArguments.shape, ...bodyArguments });

export const emailGet: Method<MailContext> = {
  capability: MAIL,
  async run(given, context, call) {
    const args = parseArguments(arguments_, given);
    checkAccount(args.accountId, context.access.accountId);
    const wants = wantsOf(args);
    const ids = args.ids == null ? await allIds(context) : askedIds(args.ids, call.createdIds, context.limits);
    const state = await emailState(context);
    const found = await getEmails(ids, wants, context);
    return {
      accountId: args.accountId,
      state,
      list: ids.flatMap((id) => found.get(id) ?? []),
      notFound: ids.filter((id) => !found.has(id)),
    };
  },
};

/** Throws MethodError where all mail is more than one answer holds (RFC 8620 section 5.1). */
async function allIds(context: MailContext): Promise<string[]> {
  const { all } = await context.mailboxes();
  const most = context.limits.maxObjectsInGet;
  if (all.reduce((sum, { counts }) => sum + (counts?.total ?? 0), 0) > most) throw new MethodError('requestTooLarge', `There are more than ${most} emails.`);
  const { list } = await findEmails({ filter: { operator: 'AND', conditions: [] }, sort: NEWEST_FIRST, asked: null }, context);
  return idsIn(list, 0, most, context);
}

export async function getEmails(ids: readonly string[], wants: Wants, context: MailContext): Promise<Map<string, Record<string, unknown>>> {
  const wanted = [...(await locationsOf(ids, context))].map(([id, location]) => ({ id, location }));
  const boxes = await byBox(wanted, context);
  const found = new Map<string, Record<string, unknown>>();
  if (boxes.size === 0) return found;
  const { rows } = context.access.memory;
  const isKept = isOfRows(wants);
  await context.access.imap(async (connection) => {
    for (const [box, emails] of boxes) {
      const byUid = new Map<number, string[]>();
      for (const { id, location } of emails) byUid.set(location.uid, [...(byUid.get(location.uid) ?? []), id]);
      const placeOf = (uid: number): Location => ({ box: box.id, uidValidity: box.counts?.uidValidity ?? 0, uid });
      const known = new Map<number, Row>();
      for (const uid of isKept ? byUid.keys() : []) {
        const row = rows.get(placeOf(uid));
        if (row !== undefined && isEnough(row, wants)) known.set(uid, row);
      }
      const give = (uid: number, flags: readonly string[], row: Row): void => {
        for (const id of byUid.get(uid) ?? []) found.set(id, fromRow(row, id, box.id, flags, wants));
      };
      const open = [...byUid.keys()].filter((uid) => !known.has(uid));
      if (known.size > 0) {
        await readIn(connection, box, () =>
          connection.fetchItems(setOf(known.keys()), ['FLAGS'], ({ uid, items }) => {
            const flags = parseFlags(items.get('FLAGS'));
            const row = known.get(uid);
            if (row !== undefined && !isDeleted(flags)) give(uid, flags, row);
          }),
        );
      }
      if (open.length === 0) continue;
      await readEmails(connection, box, open, wants, (email) => {
        if (isKept) {
          const row = rowOf(email, wants);
          rows.put(placeOf(email.uid), row);
          return give(email.uid, email.flags, row);
        }
        for (const id of byUid.get(email.uid) ?? []) found.set(id, { ...atPlace(id, box.id, email.flags, () => threadRoot(email.fields), wants), ...fixed(email, id, wants) });
      });
    }
  });
  return found;
}

/** What is wanted of an email and never changes. @param blobOf the id of which its parts' are */
function fixed(email: ReadEmail, blobOf: string, wants: Wants): Record<string, unknown> {
  const { properties } = wants;
  return {
    ...(properties.has('size') ? { size: email.size } : {}),
    ...(properties.has('receivedAt') ? { receivedAt: utcDate(email.receivedAt) } : {}),
    ...emailObject(sourceOf(email, blobOf), wants),
  };
}

/** What is wanted of an email's id, mailbox and flags. */
function atPlace(id: string, boxId: string, flags: readonly string[], rootOf: () => string | undefined, { properties }: Wants): Record<string, unknown> {
  return {
    id,
    ...(properties.has('blobId') ? { blobId: id } : {}),
    ...(properties.has('threadId') ? { threadId: threadIdOf(rootOf(), id) } : {}),
    ...(properties.has('mailboxIds') ? { mailboxIds: { [boxId]: true } } : {}),
    ...(properties.has('keywords') ? { keywords: Object.fromEntries(keywordsOf(flags).map((keyword) => [keyword, true])) } : {}),
  };
}

/** `root` stands for the thread, whose id is of the email's own where there is none. */
function rowOf(email: ReadEmail, wants: Wants): Row {
  return { ...(wants.properties.has('threadId') ? { root: threadRoot(email.fields) ?? null } : {}), ...fixed(email, '', wants) };
}

/** What is of no row: `atPlace`, without the thread. */
const BESIDE = new Set(['id', 'blobId', 'mailboxIds', 'keywords']);

function isEnough(row: Row, { properties }: Wants): boolean {
  for (const name of properties) if (!BESIDE.has(name) && !Object.hasOwn(row, name === 'threadId' ? 'root' : name)) return false;
  return true;
}

function fromRow(row: Row, id: string, boxId: string, flags: readonly string[], wants: Wants): Record<string, unknown> {
  const kept = [...wants.properties].filter((name) => Object.hasOwn(row, name)).map((name) => [name, row[name]]);
  return { ...atPlace(id, boxId, flags, () => (row['root'] as string | null) ?? undefined, wants), ...Object.fromEntries(kept) };
}
