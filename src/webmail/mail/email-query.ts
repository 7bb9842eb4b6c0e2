/** Email/query and Email/queryChanges (RFC 8621 sections 4.4 and 4.5). */
import * as z from 'zod';
import { checkAccount, parseArguments } from '../jmap/arguments.ts';
import { MethodError } from '../jmap/errors.ts';
import { parseFilter } from '../jmap/filter.ts';
import type { Method } from '../jmap/process.ts';
import { difference, pageStart, queryChangesShape, queryShape } from '../jmap/query.ts';
import { MAIL } from './capabilities.ts';
import type { MailContext } from './context.ts';
import { parseEmailCondition } from './email-filter.ts';
import { locationsOf } from './email-id.ts';
import { collapse, findEmails, type Found, idsIn, indexIn, lengthOf } from './email-list.ts';
import { checkSort, NEWEST_FIRST } from './email-order.ts';
import type { Location } from './memory.ts';

const collapseThreads = { collapseThreads: z.boolean().nullish() };
const queryArguments = z.strictObject({ ...queryShape, ...collapseThreads });
const changesArguments = z.strictObject({ ...queryChangesShape, ...collapseThreads });

type Asked = Pick<z.infer<typeof queryArguments>, 'filter' | 'sort' | 'collapseThreads'>;

/** Ids in one answer: a client shows some dozens at a time, and one that wants all asks again. */
const PAGE_LIMIT = 5_000;
/** Longer lists are not compared: a client that fell that far behind asks anew. */
const COMPARED = 20_000;

export const emailQuery: Method<MailContext> = {
  capability: MAIL,
  async run(given, context) {
    const args = parseArguments(queryArguments, given);
    checkAccount(args.accountId, context.access.accountId);
    // The end of the list, its length and an anchor's place are known only when all of it was looked at.
    const isBeginning = args.calculateTotal !== true && args.anchor == null && (args.position ?? 0) >= 0;
    const most = isBeginning ? (args.position ?? 0) + Math.min(args.limit ?? PAGE_LIMIT, PAGE_LIMIT) : Infinity;
    const { list, state, isWhole } = await find(args, most, context);
    const total = lengthOf(list);
    const anchors = args.anchor == null ? new Map<string, Location>() : await locationsOf([args.anchor], context);
    const position = pageStart(args, total, (anchor) => {
      const location = anchors.get(anchor);
      return location === undefined ? -1 : indexIn(list, location);
    });
    const limit = Math.min(args.limit ?? PAGE_LIMIT, PAGE_LIMIT);
    return {
      accountId: args.accountId,
      queryState: state,
      canCalculateChanges: isWhole && total <= COMPARED,
      position: Math.min(position, total),
      ids: await idsIn(list, position, position + limit, context),
      ...(args.calculateTotal === true ? { total } : {}),
      ...(args.limit == null || args.limit > PAGE_LIMIT ? { limit: PAGE_LIMIT } : {}),
    };
  },
};

export const emailQueryChanges: Method<MailContext> = {
  capability: MAIL,
  async run(given, context) {
    const args = parseArguments(changesArguments, given);
    checkAccount(args.accountId, context.access.accountId);
    const before = context.access.memory.lists.get(args.sinceQueryState);
    const { list, state } = await find(args, Infinity, context);
    if (before === undefined && args.sinceQueryState !== state) throw new MethodError('cannotCalculateChanges');
    const old = before ?? list;
    if (lengthOf(old) > COMPARED || lengthOf(list) > COMPARED) throw new MethodError('cannotCalculateChanges');
    const { removed, added } = difference(await idsIn(old, 0, COMPARED, context), await idsIn(list, 0, COMPARED, context));
    if (args.maxChanges != null && removed.length + added.length > args.maxChanges) throw new MethodError('tooManyChanges');
    return {
      accountId: args.accountId,
      oldQueryState: args.sinceQueryState,
      newQueryState: state,
      removed,
      added,
      ...(args.calculateTotal === true ? { total: lengthOf(list) } : {}),
    };
  },
};

async function find(args: Asked, most: number, context: MailContext): Promise<Found> {
  const filter = parseFilter(args.filter, parseEmailCondition);
  const sort = args.sort == null || args.sort.length === 0 ? NEWEST_FIRST : args.sort;
  checkSort(sort);
  const found = await findEmails({ filter, sort, asked: [args.filter ?? null, sort, args.collapseThreads === true] }, context);
  return args.collapseThreads === true ? collapse(found.list, found.state, most, context) : { ...found, isWhole: true };
}
