/** Mailbox/set (RFC 8621 section 2.5). */
import * as z from 'zod';
import type { ImapConnection } from '#imap/connection.ts';
import { responseCodeOf } from '#imap/refusal.ts';
import { CausewayError } from '#errors/index.ts';
import { checkAccount, parseArguments } from '../jmap/arguments.ts';
import { invalidProperties, SetError } from '../jmap/errors.ts';
import { realId } from '../jmap/get.ts';
import { applyPatch } from '../jmap/patch.ts';
import type { Method } from '../jmap/process.ts';
import { runSet, setShape } from '../jmap/set.ts';
import { MAIL } from './capabilities.ts';
import type { ChosenRole } from './api.ts';
import { isChosenRole, keepRole } from './chosen-roles.ts';
import type { MailContext } from './context.ts';
import { mailboxObject, MAILBOX_PROPERTIES } from './mailbox-get.ts';
import { type Box, type Mailboxes, SEPARATOR } from './mailboxes.ts';
import { mailboxState } from './states.ts';

const setArguments = z.strictObject({ ...setShape, onDestroyRemoveEmails: z.boolean().nullish() });

/** What a client may set. */
const wantedSchema = z.object({
  name: z.string(),
  parentId: z.string().nullable(),
  isSubscribed: z.boolean(),
  sortOrder: z.number().int().min(0).max(2 ** 31 - 1),
});
type Wanted = z.infer<typeof wantedSchema>;
const OURS = Object.keys(wantedSchema.shape);

export const mailboxSet: Method<MailContext> = {
  capability: MAIL,
  async run(given, context, call) {
    const { onDestroyRemoveEmails, ...args } = parseArguments(setArguments, given);
    checkAccount(args.accountId, context.access.accountId);
    return runSet(
      args,
      {
        create: (properties) => create(resolveParent(properties, call.createdIds), context),
        update: (id, patch) => update(id, resolveParent(patch, call.createdIds), context),
        destroy: (id) => destroy(id, onDestroyRemoveEmails === true, context),
      },
      { limits: context.limits, createdIds: call.createdIds, onFault: context.onFault, state: () => mailboxState(context) },
    );
  },
};

function resolveParent(properties: Record<string, unknown>, createdIds: ReadonlyMap<string, string>): Record<string, unknown> {
  const { parentId } = properties;
  return typeof parentId === 'string' ? { ...properties, parentId: realId(parentId, createdIds) } : properties;
}

async function create(properties: Record<string, unknown>, context: MailContext): Promise<Record<string, unknown> & { id: string }> {
  const unknown = Object.keys(properties).filter((name) => name !== 'role' && !OURS.includes(name));
  if (unknown.length > 0) throw invalidProperties(unknown);
  const defaults = { parentId: null, isSubscribed: false, sortOrder: 100 };
  const wanted = read({ ...defaults, ...withoutRole(properties) });
  const boxes = await context.mailboxes();
  // Without one it has what its name says.
  const role = properties['role'] == null ? undefined : roleFor(undefined, properties['role'], boxes, context);
  const path = pathFor(wanted, boxes);
  const name = platformName(path, boxes);
  await atPlatform(context, async (connection) => {
    await connection.create(name);
    if (wanted.isSubscribed) await connection.subscribe(name);
  });
  const made = (await context.mailboxes()).all.find((box) => box.path === path);
  if (made === undefined) throw new CausewayError('protocol', 'a mailbox that was made is not listed');
  if (properties['sortOrder'] !== undefined) await setOrder(made.id, wanted.sortOrder, context);
  if (role !== undefined) await setRole(made.id, role, context);
  const object = mailboxObject({ ...made, role: role ?? made.role }, (await context.mailboxes()).order);
  return { ...object, id: made.id };
}

async function update(id: string, patch: Record<string, unknown>, context: MailContext): Promise<Record<string, unknown> | null> {
  const boxes = await context.mailboxes();
  const box = boxes.byId.get(id);
  if (box === undefined) throw new SetError('notFound');
  const now = mailboxObject(box, boxes.order);
  const then = applyPatch(now, patch);
  const changed = MAILBOX_PROPERTIES.filter((name) => JSON.stringify(then[name]) !== JSON.stringify(now[name]));
  const unknown = [...changed.filter((name) => name !== 'role' && !OURS.includes(name)), ...Object.keys(then).filter((name) => !MAILBOX_PROPERTIES.includes(name))];
  if (unknown.length > 0) throw invalidProperties(unknown);
  // A null is the default.
  const wanted = read({ parentId: null, isSubscribed: false, sortOrder: 100, ...withoutRole(then) });
  const role = changed.includes('role') ? roleFor(box, then['role'] ?? null, boxes, context) : undefined;
  if (changed.includes('name') || changed.includes('parentId')) await rename(box, wanted, boxes, context);
  const renamed = (await context.mailboxes()).byId.get(id) ?? box;
  if (wanted.isSubscribed !== renamed.isSubscribed) {
    if (renamed.raw === '') throw invalidProperties(['isSubscribed']);
    await atPlatform(context, (connection) => (wanted.isSubscribed ? connection.subscribe(renamed) : connection.unsubscribe(renamed)));
  }
  if (changed.includes('sortOrder')) await setOrder(id, wanted.sortOrder, context);
  if (role !== undefined) await setRole(id, role, context);
  return null;
}

async function rename(box: Box, wanted: Wanted, boxes: Mailboxes, context: MailContext): Promise<void> {
  if (box.role === 'inbox' || box.raw === '') throw new SetError('forbidden', 'This mailbox keeps its name.');
  for (let above = wanted.parentId; above !== null; above = boxes.byId.get(above)?.parentId ?? null) {
    if (above === box.id) throw invalidProperties(['parentId'], 'A mailbox cannot be below itself.');
  }
  const path = pathFor(wanted, boxes);
  const name = platformName(path, boxes);
  const below = boxes.all.filter((one) => one.path === box.path || one.path.startsWith(box.path + SEPARATOR));
  await atPlatform(context, (connection) => connection.rename(box, name));
  for (const one of below) context.access.memory.mailboxIds.delete(one.path);
  for (const one of below) context.access.memory.mailboxIds.set(path + one.path.slice(box.path.length), one.id);
  // Servers leave subscriptions with the old names.
  await atPlatform(context, async (connection) => {
    for (const one of below.filter(({ isSubscribed, raw }) => isSubscribed && raw !== '')) {
      await Promise.all([connection.subscribe(platformName(path + one.path.slice(box.path.length), boxes)), connection.unsubscribe(one)]);
    }
  });
}

async function destroy(id: string, removesEmails: boolean, context: MailContext): Promise<void> {
  const boxes = await context.mailboxes();
  const box = boxes.byId.get(id);
  if (box === undefined) throw new SetError('notFound');
  if (boxes.all.some(({ parentId }) => parentId === id)) throw new SetError('mailboxHasChild');
  if (box.role === 'inbox' || box.raw === '') throw new SetError('forbidden', 'This mailbox stays.');
  if (!removesEmails && (box.counts?.total ?? 0) > 0) throw new SetError('mailboxHasEmail');
  await atPlatform(context, async (connection) => {
    // A server ends the session that has the mailbox open which it deletes.
    await connection.examine('INBOX');
    if (box.isSubscribed) await connection.unsubscribe(box);
    await connection.delete(box);
  });
  context.access.memory.mailboxIds.delete(box.path);
}

async function atPlatform(context: MailContext, work: (connection: ImapConnection) => Promise<unknown>): Promise<void> {
  try {
    await context.access.imap(work);
  } catch (error) {
    const code = responseCodeOf(error);
    if (code === 'ALREADYEXISTS') throw new SetError('alreadyExists');
    if (code === 'OVERQUOTA' || code === 'LIMIT') throw new SetError('overQuota');
    if (code === 'NOPERM' || code === 'CANNOT') throw new SetError('forbidden');
    throw error;
  } finally {
    context.changed();
  }
}

function read(object: Record<string, unknown>): Wanted {
  const parsed = wantedSchema.safeParse(object);
  if (!parsed.success) throw invalidProperties([...new Set(parsed.error.issues.map(({ path }) => String(path[0])))]);
  return { ...parsed.data, name: parsed.data.name.normalize('NFC') };
}

function withoutRole(properties: Record<string, unknown>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(properties).filter(([name]) => name !== 'role'));
}

/** Throws SetError for a name that cannot be, or that a sibling has. */
function pathFor({ name, parentId }: Wanted, { all, byId, delimiter, prefix }: Mailboxes): string {
  const parent = parentId === null ? undefined : byId.get(parentId);
  if (parentId !== null && parent === undefined) throw invalidProperties(['parentId'], 'There is no such mailbox.');
  if (parent !== undefined && (delimiter === undefined || !parent.mayCreateChild || (parent.path === 'INBOX' && prefix !== ''))) throw invalidProperties(['parentId'], 'There can be no mailbox below this one.');
  // A wildcard in a name makes LIST ambiguous.
  if (name === '' || Buffer.byteLength(name) > 255 || /[\p{Cc}\u2028\u2029%*]/u.test(name) || !name.isWellFormed() || (delimiter !== undefined && name.includes(delimiter)) || name.trim() !== name) {
    throw invalidProperties(['name'], 'A mailbox cannot have this name.');
  }
  const path = parent === undefined ? name : parent.path + SEPARATOR + name;
  const siblings = all.filter((box) => box.parentId === parentId);
  if (siblings.some((box) => box.name === name) || path.toUpperCase() === 'INBOX') throw new SetError('alreadyExists');
  return path;
}

function platformName(path: string, { prefix, delimiter }: Mailboxes): string {
  const levels = path.split(SEPARATOR);
  return (levels[0] === 'INBOX' ? '' : prefix) + levels.join(delimiter ?? '/');
}

/** Throws SetError for what the mailbox cannot be used for: a role has one mailbox, so it is first taken from another. */
function roleFor(box: Box | undefined, wanted: unknown, { all }: Mailboxes, { access }: MailContext): ChosenRole | null {
  if (wanted !== null && !isChosenRole(wanted)) throw invalidProperties(['role']);
  if (box?.role === 'inbox' || (box !== undefined && box.counts === undefined)) throw invalidProperties(['role'], 'This mailbox cannot be used for that.');
  if (wanted !== null && all.some(({ role, id }) => role === wanted && id !== box?.id)) throw invalidProperties(['role'], 'Another mailbox has this role.');
  if (access.settings === undefined) throw invalidProperties(['role'], 'Roles of mailboxes cannot be kept here.');
  return wanted;
}

async function setRole(id: string, role: ChosenRole | null, context: MailContext): Promise<void> {
  await keepRole(id, role, context.access);
  context.changed();
}

async function setOrder(id: string, sortOrder: number, context: MailContext): Promise<void> {
  const { settings } = context.access;
  if (settings === undefined) throw invalidProperties(['sortOrder'], 'The order of mailboxes cannot be kept here.');
  const { order } = await context.mailboxes();
  // As many as there may be mailboxes.
  await settings.write('mailboxOrder', Object.fromEntries([...Object.entries(order).slice(-5_000), [id, sortOrder]]));
  context.changed();
}
