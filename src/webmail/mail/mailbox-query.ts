/** Mailbox/query and Mailbox/queryChanges (RFC 8621 sections 2.3 and 2.4). */
import * as z from 'zod';
import { checkAccount, parseArguments } from '../jmap/arguments.ts';
import { MethodError } from '../jmap/errors.ts';
import { type Filter, matches, parseFilter } from '../jmap/filter.ts';
import type { Method } from '../jmap/process.ts';
import { type Comparator, difference, pageStart, queryChangesShape, queryShape } from '../jmap/query.ts';
import { MAIL } from './capabilities.ts';
import type { MailContext } from './context.ts';
import type { Box } from './mailboxes.ts';
import { sortOrderOf } from './roles.ts';
import { digest } from './states.ts';

const conditionSchema = z.strictObject({
  parentId: z.string().nullable().optional(),
  name: z.string().optional(),
  role: z.string().nullable().optional(),
  hasAnyRole: z.boolean().optional(),
  isSubscribed: z.boolean().optional(),
});
type Condition = z.infer<typeof conditionSchema>;

const tree = { sortAsTree: z.boolean().nullish(), filterAsTree: z.boolean().nullish() };
const queryArguments = z.strictObject({ ...queryShape, ...tree });
const changesArguments = z.strictObject({ ...queryChangesShape, ...tree });

type Asked = Pick<z.infer<typeof queryArguments>, 'filter' | 'sort' | 'sortAsTree' | 'filterAsTree'>;

export const mailboxQuery: Method<MailContext> = {
  capability: MAIL,
  async run(given, context) {
    const args = parseArguments(queryArguments, given);
    checkAccount(args.accountId, context.access.accountId);
    const { ids, queryState } = await find(args, context);
    const position = pageStart(args, ids.length, (id) => ids.indexOf(id));
    return {
      accountId: args.accountId,
      queryState,
      canCalculateChanges: true,
      position: Math.min(position, ids.length),
      ids: ids.slice(position, args.limit == null ? undefined : position + args.limit),
      ...(args.calculateTotal === true ? { total: ids.length } : {}),
    };
  },
};

export const mailboxQueryChanges: Method<MailContext> = {
  capability: MAIL,
  async run(given, context) {
    const args = parseArguments(changesArguments, given);
    checkAccount(args.accountId, context.access.accountId);
    const { ids, queryState, question } = await find(args, context);
    const before = context.access.memory.states.get(`q${question}${args.sinceQueryState}`) as readonly string[] | undefined;
    if (before === undefined) throw new MethodError('cannotCalculateChanges');
    const { removed, added } = difference(before, ids);
    if (args.maxChanges != null && removed.length + added.length > args.maxChanges) throw new MethodError('tooManyChanges');
    return { accountId: args.accountId, oldQueryState: args.sinceQueryState, newQueryState: queryState, removed, added, ...(args.calculateTotal === true ? { total: ids.length } : {}) };
  },
};

async function find(asked: Asked, context: MailContext): Promise<{ ids: string[]; queryState: string; question: string }> {
  const filter = parseFilter(asked.filter, (condition) => parseArguments(conditionSchema, condition));
  const { all, byId, order } = await context.mailboxes();
  const compare = comparator(asked.sort ?? [], (box) => order[box.id] ?? sortOrderOf(box.role));
  const isIn = (box: Box): boolean => test(filter, box) && (asked.filterAsTree !== true || box.parentId === null || isIn(byId.get(box.parentId) as Box));
  const found = all.filter(isIn).sort(compare);
  const ids = (asked.sortAsTree === true ? asTree(found) : found).map(({ id }) => id);
  const question = digest([asked.filter ?? null, asked.sort ?? null, asked.sortAsTree, asked.filterAsTree]);
  const queryState = digest(ids);
  context.access.memory.states.set(`q${question}${queryState}`, ids);
  return { ids, queryState, question };
}

function test(filter: Filter<Condition>, box: Box): boolean {
  return matches(filter, ({ parentId, name, role, hasAnyRole, isSubscribed }) => {
    if (parentId !== undefined && parentId !== box.parentId) return false;
    if (name !== undefined && !box.name.toLowerCase().includes(name.toLowerCase())) return false;
    if (role !== undefined && role !== box.role) return false;
    if (hasAnyRole !== undefined && hasAnyRole !== (box.role !== null)) return false;
    return isSubscribed === undefined || isSubscribed === box.isSubscribed;
  });
}

const collator = new Intl.Collator('und', { sensitivity: 'base', numeric: true });

function comparator(sort: readonly Comparator[], orderOf: (box: Box) => number): (a: Box, b: Box) => number {
  const unsupported = sort.find(({ property }) => !['sortOrder', 'name', 'parent/name'].includes(property));
  if (unsupported !== undefined) throw new MethodError('unsupportedSort');
  return (a, b) => {
    for (const { property, isAscending } of sort) {
      const order = property === 'sortOrder' ? orderOf(a) - orderOf(b) : collator.compare(a.name, b.name);
      if (order !== 0) return isAscending === false ? -order : order;
    }
    return collator.compare(a.path, b.path);
  };
}

/** Each mailbox right before those below it. One whose parent is not in the list stands where it would without it. */
function asTree(boxes: readonly Box[]): Box[] {
  const listed = new Set(boxes.map(({ id }) => id));
  const below = new Map<string | null, Box[]>();
  for (const box of boxes) {
    const parent = box.parentId !== null && listed.has(box.parentId) ? box.parentId : null;
    below.set(parent, [...(below.get(parent) ?? []), box]);
  }
  const place = (parent: string | null): Box[] => (below.get(parent) ?? []).flatMap((box) => [box, ...place(box.id)]);
  return place(null);
}
