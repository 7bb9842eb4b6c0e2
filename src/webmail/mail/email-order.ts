/**
 * The messages of one mailbox that a filter finds, in the order asked for.
 *
 * With SORT the platform sorts; without it, dates, sizes and envelopes of at most SORTED_HERE messages are read and compared
 * here, and older ones follow by UID, newest first: for dates that is nearly the same, for others it is said in the docs.
 */
import type { ImapConnection } from '#imap/connection.ts';
import type { SortKey } from '#imap/commands/search.ts';
import { CausewayError } from '#errors/index.ts';
import { MethodError } from '../jmap/errors.ts';
import type { Comparator } from '../jmap/query.ts';
import { SORT_PROPERTIES } from './capabilities.ts';
import { setOf } from './at-box.ts';
import { evaluate, type Expression, keyFor } from './email-filter.ts';
import { flagOf, isKeyword } from './keywords.ts';
import { compareBy, itemsFor, type Keys, keysOf } from './sort-keys.ts';

/** 100 bytes of dates, 500 of an envelope each. */
const SORTED_HERE = 20_000;

const BY: ReadonlyMap<string, SortKey['by']> = new Map<string, SortKey['by']>([
  ['receivedAt', 'ARRIVAL'],
  ['sentAt', 'DATE'],
  ['size', 'SIZE'],
  ['subject', 'SUBJECT'],
  ['from', 'DISPLAYFROM'],
  ['to', 'DISPLAYTO'],
]);

export const NEWEST_FIRST: readonly Comparator[] = [{ property: 'receivedAt', isAscending: false }];

/** Throws MethodError. */
export function checkSort(sort: readonly Comparator[]): void {
  for (const { property, keyword, collation } of sort) {
    if (!SORT_PROPERTIES.includes(property)) throw new MethodError('unsupportedSort', 'Emails cannot be sorted by this.');
    if (property === 'hasKeyword' ? keyword === undefined || !isKeyword(keyword) : keyword !== undefined) throw new MethodError('invalidArguments', 'sort: a keyword goes with hasKeyword');
    if (collation != null && !['i;unicode-casemap', 'i;ascii-casemap', 'i;octet'].includes(collation)) throw new MethodError('unsupportedSort', 'There is no such collation.');
  }
}

/** @param connection has the mailbox open */
export async function orderedUids(connection: ImapConnection, expression: Expression, sort: readonly Comparator[]): Promise<number[]> {
  const key = await keyFor(expression, connection);
  if (key === undefined) return [];
  if (canSort(connection, sort)) {
    try {
      const sorted = await sortThere(connection, key, sort);
      const exact = 'fixed' in expression || 'is' in expression || key.key === 'uid' ? undefined : await evaluate(expression, connection);
      return exact === undefined ? sorted : sorted.filter((uid) => exact.has(uid));
    } catch (error) {
      // Some take SORT and not every charset or key.
      if (!(error instanceof CausewayError) || error.code !== 'refused') throw error;
    }
  }
  const found = [...(await evaluate(expression, connection))].sort((a, b) => b - a);
  return sortHere(connection, found, sort);
}

/** The same of messages that were found already. @param connection has the mailbox open */
export async function orderFound(connection: ImapConnection, found: ReadonlySet<number>, sort: readonly Comparator[]): Promise<number[]> {
  if (found.size === 0) return [];
  const newestFirst = [...found].sort((a, b) => b - a);
  if (newestFirst.length <= SORTED_HERE || !canSort(connection, sort)) return sortHere(connection, newestFirst, sort);
  return (await orderedUids(connection, { fixed: true }, sort)).filter((uid) => found.has(uid));
}

function canSort(connection: ImapConnection, sort: readonly Comparator[]): boolean {
  const { capabilities } = connection;
  const displays = capabilities.has('SORT=DISPLAY');
  return capabilities.has('SORT') && sort.every(({ property, collation }) => collation !== 'i;octet' && (displays || (property !== 'from' && property !== 'to')));
}

async function sortThere(connection: ImapConnection, key: Parameters<ImapConnection['uidSort']>[1], sort: readonly Comparator[]): Promise<number[]> {
  const at = sort.findIndex(({ property }) => property === 'hasKeyword');
  const own = at < 0 ? sort : sort.slice(0, at);
  const order = [...own, ...(own.length === 0 ? NEWEST_FIRST : [])].map(({ property, isAscending }): SortKey => ({ by: BY.get(property) as SortKey['by'], reverse: isAscending === false }));
  if (at < 0) return connection.uidSort(order, key);
  // By a keyword: those with it and those without it, each in the order of what comes after. Only where it comes first.
  if (at > 0) throw new CausewayError('refused', 'a keyword that is not sorted by first');
  const [first, ...rest] = sort;
  const [sorted, having] = await Promise.all([
    sortThere(connection, key, rest),
    connection.uidSearch({ key: 'flag', flag: flagOf(first?.keyword ?? '$seen') }),
  ]);
  const has = new Set(having);
  const withIt = sorted.filter((uid) => has.has(uid));
  const without = sorted.filter((uid) => !has.has(uid));
  return first?.isAscending === false ? [...withIt, ...without] : [...without, ...withIt];
}

async function sortHere(connection: ImapConnection, newestFirst: readonly number[], sort: readonly Comparator[]): Promise<number[]> {
  const keyed = newestFirst.slice(0, SORTED_HERE);
  const keys = await readKeys(connection, keyed, sort);
  const compare = compareBy(sort);
  const sorted = keyed.filter((uid) => keys.has(uid)).sort((a, b) => compare(keys.get(a) as Keys, keys.get(b) as Keys) || b - a);
  return [...sorted, ...newestFirst.slice(SORTED_HERE)];
}

export async function readKeys(connection: ImapConnection, uids: readonly number[], sort: readonly Comparator[]): Promise<Map<number, Keys>> {
  const keys = new Map<number, Keys>();
  if (uids.length === 0) return keys;
  await connection.fetchItems(setOf(uids), itemsFor(sort), ({ uid, items }) => void keys.set(uid, keysOf(items)));
  return keys;
}
