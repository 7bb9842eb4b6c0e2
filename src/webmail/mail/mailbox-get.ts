/** Mailbox/get and Mailbox/changes (RFC 8621 sections 2.1 and 2.2). */
import { changesBetween } from '../jmap/changes.ts';
import { checkAccount, parseArguments } from '../jmap/arguments.ts';
import { MethodError } from '../jmap/errors.ts';
import { askedIds, checkProperties, getArguments, pick } from '../jmap/get.ts';
import type { Method } from '../jmap/process.ts';
import { MAIL } from './capabilities.ts';
import { changesMethod } from './changes-method.ts';
import type { MailContext } from './context.ts';
import type { MailboxOrder } from './mailbox-order.ts';
import type { Box } from './mailboxes.ts';
import { sortOrderOf } from './roles.ts';
import { mailboxState, rememberedMailboxState } from './states.ts';

export const MAILBOX_PROPERTIES = ['id', 'name', 'parentId', 'role', 'sortOrder', 'totalEmails', 'unreadEmails', 'totalThreads', 'unreadThreads', 'myRights', 'isSubscribed'];
const COUNTS = ['totalEmails', 'unreadEmails', 'totalThreads', 'unreadThreads'];

/** Threads are counted as if each email were one: the RFC lets a server approximate, and a platform counts no threads. */
export function mailboxObject(box: Box, order: MailboxOrder): Record<string, unknown> {
  const { counts, role } = box;
  const opens = counts !== undefined;
  const own = role !== 'inbox';
  return {
    id: box.id,
    name: box.name,
    parentId: box.parentId,
    role,
    sortOrder: order[box.id] ?? sortOrderOf(role),
    totalEmails: counts?.total ?? 0,
    unreadEmails: counts?.unread ?? 0,
    totalThreads: counts?.total ?? 0,
    unreadThreads: counts?.unread ?? 0,
    myRights: {
      mayReadItems: opens,
      mayAddItems: opens,
      mayRemoveItems: opens,
      maySetSeen: opens,
      maySetKeywords: opens,
      mayCreateChild: box.mayCreateChild,
      mayRename: own && box.raw !== '',
      mayDelete: own && box.raw !== '',
      maySubmit: opens,
    },
    isSubscribed: box.isSubscribed,
  };
}

export const mailboxGet: Method<MailContext> = {
  capability: MAIL,
  async run(given, context, call) {
    const args = parseArguments(getArguments, given);
    checkAccount(args.accountId, context.access.accountId);
    checkProperties(args.properties, (name) => MAILBOX_PROPERTIES.includes(name));
    const ids = args.ids == null ? undefined : askedIds(args.ids, call.createdIds, context.limits);
    const { all, byId, order } = await context.mailboxes();
    const state = await mailboxState(context);
    const boxes = ids === undefined ? all : ids.flatMap((id) => byId.get(id) ?? []);
    return {
      accountId: args.accountId,
      state,
      list: boxes.map((box) => pick(mailboxObject(box, order), args.properties)),
      notFound: ids?.filter((id) => !byId.has(id)) ?? [],
    };
  },
};

export const mailboxChanges = changesMethod(MAIL, async (sinceState, context) => {
  const newState = await mailboxState(context);
  const before = rememberedMailboxState(context, sinceState);
  const after = rememberedMailboxState(context, newState);
  if (before === undefined || after === undefined) throw new MethodError('cannotCalculateChanges');
  const changes = changesBetween(before, after, (a, b) => a.facts === b.facts && a.counts === b.counts);
  const { created, updated, destroyed } = changes;
  const onlyCounts = updated.length > 0 && created.length + destroyed.length === 0 && updated.every((id) => before.get(id)?.facts === after.get(id)?.facts);
  return { newState, changes, updatedProperties: onlyCounts ? COUNTS : null };
});
