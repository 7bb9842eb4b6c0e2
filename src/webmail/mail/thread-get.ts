/**
 * Thread/get (RFC 8621 section 3.1). A thread's id holds the Message-ID of its first message, so its emails are those that
 * have that in Message-ID, References or In-Reply-To and whose own thread it is.
 *
 * Mailboxes for junk and trash are searched only when a thread has nothing elsewhere.
 */
import { checkAccount, parseArguments } from '../jmap/arguments.ts';
import { MethodError } from '../jmap/errors.ts';
import { askedIds, checkProperties, getArguments, pick } from '../jmap/get.ts';
import type { Method } from '../jmap/process.ts';
import { MAIL } from './capabilities.ts';
import type { MailContext } from './context.ts';
import { getEmails } from './email-get.ts';
import { emailIdsAt, parseThreadId } from './email-id.ts';
import { wantsOf } from './email-properties.ts';
import type { Box } from './mailboxes.ts';
import { emailState } from './states.ts';
import { findThreadsIn, type Placed } from './thread-search.ts';

/** Searched for together: what is asked of a mailbox grows with them. */
const SEARCHED = 50;

type Found = { readonly emailId: string; readonly receivedAt: number };

export const threadGet: Method<MailContext> = {
  capability: MAIL,
  async run(given, context, call) {
    const args = parseArguments(getArguments, given);
    checkAccount(args.accountId, context.access.accountId);
    checkProperties(args.properties, (name) => name === 'id' || name === 'emailIds');
    if (args.ids == null) throw new MethodError('requestTooLarge', 'which threads must be said');
    const ids = askedIds(args.ids, call.createdIds, context.limits);
    const state = await emailState(context);
    const threads = await findThreads(ids, context);
    return {
      accountId: args.accountId,
      state,
      list: ids.flatMap((id) => {
        const emails = threads.get(id);
        return emails === undefined || emails.length === 0 ? [] : [pick({ id, emailIds: emails.sort((a, b) => a.receivedAt - b.receivedAt).map(({ emailId }) => emailId) }, args.properties)];
      }),
      notFound: ids.filter((id) => (threads.get(id)?.length ?? 0) === 0),
    };
  },
};

/** By their ids; empty for one that is not there. */
export async function findThreads(ids: readonly string[], context: MailContext): Promise<Map<string, Found[]>> {
  const found = new Map<string, Found[]>();
  for (let from = 0; from < ids.length; from += SEARCHED) {
    for (const [id, emails] of await findSome(ids.slice(from, from + SEARCHED), context)) found.set(id, emails);
  }
  return found;
}

async function findSome(ids: readonly string[], context: MailContext): Promise<Map<string, Found[]>> {
  const roots = new Map<string, string>(); // root → id
  const places: Placed[] = [];
  const found = new Map<string, Found[]>();
  const alone: string[] = [];
  for (const id of ids) {
    const name = parseThreadId(id);
    if (name === undefined) continue;
    found.set(id, []);
    if ('root' in name) roots.set(name.root, id);
    else alone.push(name.emailId);
  }
  for (const emailId of (await getEmails(alone, wantsOf({ properties: ['id'] }), context)).keys()) found.get(`S${emailId}`)?.push({ emailId, receivedAt: 0 });
  if (roots.size === 0) return found;
  const { all } = await context.mailboxes();
  const boxes = all.filter(({ counts }) => counts !== undefined && counts.total > 0);
  const isAside = ({ role }: Box): boolean => role === 'junk' || role === 'trash';
  // The largest last: it is then the one that stays open, and costs most to open.
  const bySize = boxes.toSorted((a, b) => (a.counts?.total ?? 0) - (b.counts?.total ?? 0));
  for (const box of bySize.filter((one) => !isAside(one))) places.push(...(await findThreadsIn(box, new Set(roots.keys()), context)));
  const full = new Set(places.map(({ root }) => root));
  const empty = new Set([...roots.keys()].filter((root) => !full.has(root)));
  for (const box of empty.size > 0 ? bySize.filter(isAside) : []) places.push(...(await findThreadsIn(box, empty, context)));
  const emailIds = await emailIdsAt(places.map(({ location }) => location), context);
  for (const [index, { root, receivedAt }] of places.entries()) found.get(roots.get(root)!)?.push({ emailId: emailIds[index]!, receivedAt });
  return found;
}
