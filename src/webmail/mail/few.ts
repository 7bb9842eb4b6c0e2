/**
 * /query and /queryChanges (RFC 8620 sections 5.5 and 5.6) of types of which an account has few: all are at hand, and no list
 * of them is kept, so its changes are not told.
 */
import * as z from 'zod';
import { checkAccount, parseArguments } from '../jmap/arguments.ts';
import { MethodError } from '../jmap/errors.ts';
import type { Method } from '../jmap/process.ts';
import { pageStart, queryChangesShape, queryShape } from '../jmap/query.ts';
import type { MailContext } from './context.ts';
import { digest } from './states.ts';

export const fewArguments = z.strictObject(queryShape);

/** @param order of two by a property of the sort, which the caller has found to be one of its own */
export function answerFew<T extends { readonly id: string }>(args: z.infer<typeof fewArguments>, found: readonly T[], order: (a: T, b: T, property: string) => number): Record<string, unknown> {
  const sorted = found.toSorted((a, b) => {
    for (const { property, isAscending } of args.sort ?? []) {
      const by = order(a, b, property);
      if (by !== 0) return isAscending === false ? -by : by;
    }
    return 0;
  });
  const ids = sorted.map(({ id }) => id);
  const position = Math.min(ids.length, pageStart(args, ids.length, (id) => ids.indexOf(id)));
  return {
    accountId: args.accountId,
    queryState: digest(ids),
    canCalculateChanges: false,
    position,
    ids: ids.slice(position, args.limit == null ? undefined : position + args.limit),
    ...(args.calculateTotal === true ? { total: ids.length } : {}),
  };
}

/** As the query says (`canCalculateChanges`). */
export function fewQueryChanges(capability: string): Method<MailContext> {
  return {
    capability,
    async run(given, context) {
      checkAccount(parseArguments(z.strictObject(queryChangesShape), given).accountId, context.access.accountId);
      throw new MethodError('cannotCalculateChanges');
    },
  };
}
