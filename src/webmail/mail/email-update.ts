/**
 * Changes of many emails at once: keywords, moves, ends.
 *
 * Invariants: emails that are changed alike are changed by one command. What is moved keeps its id. An email that is not
 * there is not changed, although a platform would say OK.
 */
import type { ImapConnection } from '#imap/connection.ts';
import { CausewayError } from '#errors/index.ts';
import { responseCodeOf } from '#imap/refusal.ts';
import { parseFlags } from '#wire/imap/flags.ts';
import * as z from 'zod';
import { invalidProperties, SetError } from '../jmap/errors.ts';
import { realId } from '../jmap/get.ts';
import { applyPatch } from '../jmap/patch.ts';
import { byBox, openForChanges, setOf, type Wanted } from './at-box.ts';
import type { MailContext } from './context.ts';
import { locationsOf, threadIdOf } from './email-id.ts';
import { flagOf, isDeleted, isKeyword, keywordsOf } from './keywords.ts';
import type { Box } from './mailboxes.ts';
import type { OwnChange } from './own-changes.ts';
import { ROOT_ITEM, rootIn } from './thread-root.ts';

type Failures = Map<string, unknown>;

const trues = z.record(z.string(), z.literal(true));

export async function updateEmails(updates: ReadonlyMap<string, Record<string, unknown>>, createdIds: ReadonlyMap<string, string>, context: MailContext): Promise<Failures> {
  return inBoxes([...updates.keys()], context, ['FLAGS'], async (connection, box, present, note, failures, permanentFlags) => {
    const plans = new Map<string, Plan & { readonly uids: Map<number, string> }>();
    for (const { id, uid, flags } of present) {
      try {
        const plan = await planOf(updates.get(id) ?? {}, box, flags, permanentFlags, createdIds, context);
        const key = JSON.stringify([plan.add, plan.remove, plan.target?.id]);
        const alike = plans.get(key) ?? { ...plan, uids: new Map<number, string>() };
        alike.uids.set(uid, id);
        plans.set(key, alike);
      } catch (error) {
        failures.set(id, error);
      }
    }
    for (const plan of plans.values()) {
      // Before it is done: who knows how much of what fails was.
      note(present.filter(({ uid }) => plan.uids.has(uid)).map((one) => changeOf(one, plan)));
      try {
        await carryOut(connection, plan, plan.uids, context);
      } catch (error) {
        if (!(error instanceof CausewayError) || error.code !== 'refused') throw error;
        for (const id of plan.uids.values()) failures.set(id, refusedAs(error));
      }
    }
  });
}

export async function destroyEmails(ids: readonly string[], context: MailContext): Promise<Failures> {
  return inBoxes(ids, context, ['FLAGS', ROOT_ITEM], async (connection, _box, present, note) => {
    const uids = setOf(present.map(({ uid }) => uid));
    // Without UIDPLUS they stay, hidden: EXPUNGE would take along what other clients only marked.
    const goes = connection.capabilities.has('UIDPLUS') || connection.capabilities.has('IMAP4REV2');
    note(present.map((one) => ({ id: one.id, uid: one.uid, isGone: true, total: goes ? -1 : 0, unread: goes && isUnread(one) ? -1 : 0, threadId: threadIdOf(one.root, one.id) })));
    await connection.store(uids, '+FLAGS', ['\\Deleted']);
    if (goes) await connection.expunge(uids);
  });
}

type Present = { readonly id: string; readonly uid: number; readonly flags: readonly string[]; readonly root: string | undefined };
/** What is done to one, for who asks later. */
type Noted = Omit<OwnChange, 'box' | 'uidValidity'>;

const hasSeen = (flags: readonly string[]): boolean => flags.some((flag) => flag.toLowerCase() === '\\seen');
const isUnread = ({ flags }: Present): boolean => !hasSeen(flags);

function changeOf(one: Present, { add, remove, target }: Plan): Noted {
  const before = isUnread(one);
  const after = hasSeen(add) ? false : hasSeen(remove) || before;
  const isGone = target !== undefined;
  return { id: one.id, uid: one.uid, isGone, total: isGone ? -1 : 0, unread: (!isGone && after ? 1 : 0) - (before ? 1 : 0), threadId: undefined };
}

async function inBoxes(
  ids: readonly string[],
  context: MailContext,
  items: readonly string[],
  act: (connection: ImapConnection, box: Box, present: readonly Present[], note: (changes: readonly Noted[]) => void, failures: Failures, permanentFlags: readonly string[]) => Promise<void>,
): Promise<Failures> {
  const failures: Failures = new Map();
  const locations = await locationsOf(ids, context);
  for (const id of ids) if (!locations.has(id)) failures.set(id, new SetError('notFound'));
  const wanted: Wanted[] = [...locations].map(([id, location]) => ({ id, location }));
  const boxes = await byBox(wanted, context);
  const seen = new Set<string>([...boxes.values()].flatMap((emails) => emails.map(({ id }) => id)));
  for (const { id } of wanted) if (!seen.has(id)) failures.set(id, new SetError('notFound'));
  if (boxes.size === 0) return failures;
  const { writes, ownChanges } = context.access.memory;
  const own: OwnChange[] = [];
  writes.open += 1;
  try {
    await context.access.imap(async (connection) => {
      for (const [box, emails] of boxes) {
        const note = (changes: readonly Noted[]): void => void own.push(...changes.map((change) => ({ ...change, box: box.id, uidValidity: box.counts?.uidValidity ?? 0 })));
        await inBox(connection, box, emails, failures, items, (present, permanentFlags) => act(connection, box, present, note, failures, permanentFlags));
      }
    });
  } finally {
    writes.open -= 1;
    ownChanges.note(own, writes.count + 1);
    context.changed();
  }
  return failures;
}

async function inBox(connection: ImapConnection, box: Box, emails: readonly Wanted[], failures: Failures, wanted: readonly string[], act: (present: readonly Present[], permanentFlags: readonly string[]) => Promise<void>): Promise<void> {
  const opened = await openForChanges(connection, box);
  const present: Present[] = [];
  if (opened !== undefined) {
    const byUid = new Map(emails.map(({ id, location }) => [location.uid, id]));
    await connection.fetchItems(setOf(byUid.keys()), wanted, ({ uid, items }) => {
      const flags = parseFlags(items.get('FLAGS'));
      const id = byUid.get(uid);
      if (id !== undefined && !isDeleted(flags)) present.push({ id, uid, flags, root: rootIn(items) });
    });
  }
  const there = new Set(present.map(({ id }) => id));
  for (const { id } of emails) if (!there.has(id)) failures.set(id, new SetError('notFound'));
  if (present.length === 0) return;
  try {
    await act(present, opened?.permanentFlags ?? []);
  } catch (error) {
    if (!(error instanceof CausewayError) || error.code !== 'refused') throw error;
    for (const { id } of present) failures.set(id, refusedAs(error));
  }
}

/** A platform's no to a change, as a client of JMAP is told. */
function refusedAs(error: CausewayError): SetError {
  const code = responseCodeOf(error);
  return code === 'OVERQUOTA' ? new SetError('overQuota', 'The mailbox is full.') : new SetError('forbidden', 'The mail server does not allow this.');
}

type Plan = { readonly add: readonly string[]; readonly remove: readonly string[]; readonly target: Box | undefined };

async function planOf(patch: Record<string, unknown>, box: Box, flags: readonly string[], permanentFlags: readonly string[], createdIds: ReadonlyMap<string, string>, context: MailContext): Promise<Plan> {
  const unknown = Object.keys(patch).filter((path) => !/^(?:keywords|mailboxIds)(?:\/|$)/.test(path));
  if (unknown.length > 0) throw invalidProperties(unknown);
  const before = new Set(keywordsOf(flags));
  const now = { keywords: Object.fromEntries([...before].map((keyword) => [keyword, true])), mailboxIds: { [box.id]: true } };
  const resolved = Object.fromEntries(Object.entries(patch).map(([path, value]) => [path.replace(/^(mailboxIds\/)(#.*)$/, (_, start: string, id: string) => start + realId(id, createdIds)), value]));
  const then = applyPatch(now, lowerKeywords(resolved));
  const keywords = trues.safeParse(then['keywords'] ?? {});
  if (!keywords.success || !Object.keys(keywords.data).every(isKeyword)) throw invalidProperties(['keywords']);
  const mailboxIds = trues.safeParse(then['mailboxIds']);
  const ids = mailboxIds.success ? Object.keys(mailboxIds.data).map((id) => realId(id, createdIds)) : [];
  const { byId } = await context.mailboxes();
  if (ids.length === 0 || !ids.every((id) => byId.get(id)?.counts !== undefined)) throw invalidProperties(['mailboxIds']);
  if (ids.length > 1) throw new SetError('tooManyMailboxes', 'An email is in one mailbox here.');
  const after = new Set(Object.keys(keywords.data).map((keyword) => keyword.toLowerCase()));
  const add = [...after].filter((keyword) => !before.has(keyword)).map(flagOf);
  const takes = permanentFlags.includes('\\*') ? undefined : new Set(permanentFlags.map((flag) => flag.toLowerCase()));
  if (takes !== undefined && !add.every((flag) => takes.has(flag.toLowerCase()))) throw new SetError('tooManyKeywords', 'This mailbox takes no new keywords.');
  // As the platform spells them.
  const remove = flags.filter((flag) => keywordsOf([flag]).some((keyword) => !after.has(keyword)));
  return { add, remove, target: ids[0] === box.id ? undefined : byId.get(ids[0] as string) };
}

function lowerKeywords(patch: Record<string, unknown>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(patch).map(([path, value]) => [path.startsWith('keywords/') ? path.toLowerCase() : path, value]));
}

async function carryOut(connection: ImapConnection, { add, remove, target }: Plan, emails: ReadonlyMap<number, string>, context: MailContext): Promise<void> {
  const uids = setOf(emails.keys());
  if (add.length > 0) await connection.store(uids, '+FLAGS', add);
  if (remove.length > 0) await connection.store(uids, '-FLAGS', remove);
  if (target === undefined) return;
  const moved = await connection.move(uids, target);
  if (moved === undefined) return;
  const kept = [...emails].flatMap(([uid, id]) => {
    const to = moved.uids.get(uid);
    return to === undefined ? [] : [{ id, to: { box: target.id, uidValidity: moved.uidValidity, uid: to } }];
  });
  const { memory, past } = context.access;
  for (const { id, to } of kept) memory.aliases.moved(id, to);
  await past?.keep(kept);
}
