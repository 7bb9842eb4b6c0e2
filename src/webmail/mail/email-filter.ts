/**
 * Conditions on emails (RFC 8621 section 4.4.1), for one mailbox: as a search of the platform where it can be one, as
 * sets of UIDs that are joined here where it cannot.
 *
 * Invariants: what is found satisfies the filter exactly, but for words, which match as the platform's search has it. Days
 * of IMAP have no time and no zone, so moments are compared with the messages' own dates.
 */
import * as z from 'zod';
import type { ImapConnection } from '#imap/connection.ts';
import type { SearchKey } from '#imap/commands/search.ts';
import { parseArguments } from '../jmap/arguments.ts';
import { invalidArguments } from '../jmap/errors.ts';
import type { Filter } from '../jmap/filter.ts';
import { unsignedInt, utcDateSchema } from '../jmap/id.ts';
import { bodyLists, hasAttachment } from '../mime/body-lists.ts';
import { partOf } from '../mime/body-structure.ts';
import { internalDateOf, setInLine, setOf } from './at-box.ts';
import { flagOf, isKeyword } from './keywords.ts';

const keyword = z.string().refine(isKeyword, 'expected a keyword');

const conditionSchema = z.strictObject({
  inMailbox: z.string().optional(),
  inMailboxOtherThan: z.array(z.string()).optional(),
  before: utcDateSchema.optional(),
  after: utcDateSchema.optional(),
  minSize: unsignedInt.optional(),
  maxSize: unsignedInt.optional(),
  hasKeyword: keyword.optional(),
  notKeyword: keyword.optional(),
  allInThreadHaveKeyword: keyword.optional(),
  someInThreadHaveKeyword: keyword.optional(),
  noneInThreadHaveKeyword: keyword.optional(),
  hasAttachment: z.boolean().optional(),
  text: z.string().optional(),
  from: z.string().optional(),
  to: z.string().optional(),
  cc: z.string().optional(),
  bcc: z.string().optional(),
  subject: z.string().optional(),
  body: z.string().optional(),
  header: z.array(z.string()).min(1).max(2).optional(),
});
export type EmailCondition = z.infer<typeof conditionSchema>;

/** Structures that one query reads to see what is attached: 1 kB each. Beyond these the Content-Type alone tells. */
const STRUCTURE_LIMIT = 5_000;
/** Dates of messages of up to four days that one condition reads. */
const DATE_LIMIT = 50_000;

export const THREAD_CONDITIONS = ['allInThreadHaveKeyword', 'someInThreadHaveKeyword', 'noneInThreadHaveKeyword'] as const;
/** Which messages of a mailbox fulfil a condition about their threads. */
export type ThreadConditions = { uidsIn(boxId: string, name: (typeof THREAD_CONDITIONS)[number], keyword: string): ReadonlySet<number> };

export function parseEmailCondition(object: Record<string, unknown>): EmailCondition {
  const condition = parseArguments(conditionSchema, object);
  const [name] = condition.header ?? ['X'];
  if (name === undefined || !/^[!-9;-~]{1,100}$/.test(name)) throw invalidArguments('header: expected the name of a field');
  return condition;
}

/** Of one condition: a key, true or false throughout the mailbox, what was found already, or something to be worked out. */
type Term = { readonly is: SearchKey } | { readonly found: ReadonlySet<number> } | { readonly fixed: boolean } | { readonly date: { readonly before: boolean; readonly ms: number } } | { readonly attached: boolean };

/** All of a filter's terms for a mailbox, under its operators. */
export type Expression = Term | { readonly operator: 'AND' | 'OR'; readonly of: readonly Expression[] } | { readonly not: Expression };

/** @param threads needed where the filter has conditions about them */
export function expressionFor(filter: Filter<EmailCondition>, boxId: string, threads?: ThreadConditions): Expression {
  if ('condition' in filter) return simplify({ operator: 'AND', of: termsOf(filter.condition, boxId, threads) });
  const of = filter.conditions.map((one) => expressionFor(one, boxId, threads));
  if (filter.operator === 'NOT') return simplify({ not: simplify({ operator: 'OR', of }) });
  return simplify({ operator: filter.operator, of });
}

function termsOf(condition: EmailCondition, boxId: string, threads: ThreadConditions | undefined): Term[] {
  const terms: Term[] = [];
  const add = (is: SearchKey): void => void terms.push({ is });
  if (condition.inMailbox !== undefined) terms.push({ fixed: condition.inMailbox === boxId });
  if (condition.inMailboxOtherThan !== undefined) terms.push({ fixed: !condition.inMailboxOtherThan.includes(boxId) });
  if (condition.before !== undefined) terms.push({ date: { before: true, ms: Date.parse(condition.before) } });
  if (condition.after !== undefined) terms.push({ date: { before: false, ms: Date.parse(condition.after) } });
  if (condition.minSize !== undefined && condition.minSize > 0) add({ key: 'larger', size: condition.minSize - 1 });
  if (condition.maxSize !== undefined) add({ key: 'smaller', size: condition.maxSize });
  if (condition.hasKeyword !== undefined) add({ key: 'flag', flag: flagOf(condition.hasKeyword) });
  if (condition.notKeyword !== undefined) add({ key: 'not', of: { key: 'flag', flag: flagOf(condition.notKeyword) } });
  for (const name of THREAD_CONDITIONS) if (condition[name] !== undefined && threads !== undefined) terms.push({ found: threads.uidsIn(boxId, name, condition[name]) });
  if (condition.hasAttachment !== undefined) terms.push({ attached: condition.hasAttachment });
  for (const key of ['text', 'from', 'to', 'cc', 'bcc', 'subject', 'body'] as const) {
    const typed = condition[key];
    if (typed !== undefined) for (const text of words(typed)) add({ key, text });
  }
  const [name, text = ''] = condition.header ?? [];
  if (name !== undefined) add({ key: 'header', name, text });
  return terms;
}

/** Phrases in quotes and words, all of which must be there. As many as fit in a search form. */
export function words(typed: string): string[] {
  const found: string[] = [];
  for (const [, double, single, word] of typed.slice(0, 2_000).matchAll(/"((?:[^"\\]|\\.)*)"|'((?:[^'\\]|\\.)*)'(?=\s|$)|(\S+)/g)) {
    const text = word ?? (double ?? single ?? '').replaceAll(/\\(.)/g, '$1');
    if (text !== '' && found.length < 50) found.push(text);
  }
  return found;
}

/** The same with as few terms as it takes. */
export function simplify(expression: Expression): Expression {
  if ('not' in expression) {
    if ('fixed' in expression.not) return { fixed: !expression.not.fixed };
    return 'is' in expression.not ? { is: { key: 'not', of: expression.not.is } } : expression;
  }
  if (!('operator' in expression)) return expression;
  const { operator } = expression;
  const neutral = operator === 'AND';
  if (expression.of.some((one) => 'fixed' in one && one.fixed !== neutral)) return { fixed: !neutral };
  const of = expression.of.filter((one) => !('fixed' in one));
  const [first] = of;
  if (first === undefined) return { fixed: neutral };
  if (of.length === 1) return first;
  const keys = of.flatMap((one) => ('is' in one ? [one.is] : []));
  const rest = of.filter((one) => !('is' in one));
  const joined: Expression[] = keys.length > 0 ? [{ is: { key: operator === 'AND' ? 'and' : 'or', of: keys } }] : [];
  return rest.length === 0 && joined[0] !== undefined ? joined[0] : { operator, of: [...joined, ...rest] };
}

export const NOT_DELETED: SearchKey = { key: 'not', of: { key: 'flag', flag: '\\Deleted' } };

/** The key of all messages that the expression finds: itself, or the set that was worked out. Undefined: there are none. */
export async function keyFor(expression: Expression, connection: ImapConnection): Promise<SearchKey | undefined> {
  if ('fixed' in expression) return expression.fixed ? NOT_DELETED : undefined;
  if ('is' in expression) return { key: 'and', of: [NOT_DELETED, expression.is] };
  const found = await evaluate(expression, connection);
  if (found.size === 0) return undefined;
  const set = setInLine(found);
  // With more the mailbox is searched, and what is not in the set is left out.
  return set === undefined ? NOT_DELETED : { key: 'uid', uids: set };
}

/** The UIDs that the expression finds in the mailbox that is open. */
export async function evaluate(expression: Expression, connection: ImapConnection): Promise<Set<number>> {
  const search = async (key: SearchKey): Promise<Set<number>> => new Set(await connection.uidSearch(key));
  if ('fixed' in expression) return expression.fixed ? search(NOT_DELETED) : new Set();
  if ('is' in expression) return search({ key: 'and', of: [NOT_DELETED, expression.is] });
  if ('found' in expression) return new Set(expression.found);
  if ('date' in expression) return byDate(expression.date, connection);
  if ('attached' in expression) return byAttachment(expression.attached, connection);
  if ('not' in expression) {
    const [all, out] = await Promise.all([search(NOT_DELETED), evaluate(expression.not, connection)]);
    return without(all, out);
  }
  const sets: Set<number>[] = [];
  for (const one of expression.of) sets.push(await evaluate(one, connection));
  const [first = new Set<number>(), ...rest] = sets;
  return rest.reduce((joined, set) => (expression.operator === 'AND' ? new Set([...joined].filter((uid) => set.has(uid))) : new Set([...joined, ...set])), first);
}

function without(all: ReadonlySet<number>, out: ReadonlySet<number>): Set<number> {
  return new Set([...all].filter((uid) => !out.has(uid)));
}

const DAY_MS = 86_400_000;

async function byDate({ before, ms }: { before: boolean; ms: number }, connection: ImapConnection): Promise<Set<number>> {
  // A server's day may begin up to 14 hours from ours, in its zone or in that of the message.
  const from = new Date(ms - 2 * DAY_MS);
  const to = new Date(ms + 2 * DAY_MS);
  const sure: SearchKey = before ? { key: 'before', day: from } : { key: 'since', day: to };
  const [certain, near] = await Promise.all([
    connection.uidSearch({ key: 'and', of: [NOT_DELETED, sure] }),
    connection.uidSearch({ key: 'and', of: [NOT_DELETED, { key: 'since', day: from }, { key: 'before', day: to }] }),
  ]);
  const found = new Set(certain);
  const look = near.slice(-DATE_LIMIT);
  if (look.length === 0) return found;
  await connection.fetchItems(setOf(look), ['INTERNALDATE'], ({ uid, items }) => {
    const date = internalDateOf(items.get('INTERNALDATE'));
    if (before ? date < ms : date >= ms) found.add(uid);
  });
  return found;
}

async function byAttachment(wanted: boolean, connection: ImapConnection): Promise<Set<number>> {
  // Attachments are in multipart/mixed, or the message is one itself; multipart/alternative and text have none.
  const likely: SearchKey = { key: 'or', of: ['multipart/mixed', 'multipart/related', 'multipart/report', 'multipart/signed', 'application/', 'image/', 'audio/', 'video/', 'message/'].map((text) => ({ key: 'header', name: 'Content-Type', text })) };
  const candidates = await connection.uidSearch({ key: 'and', of: [NOT_DELETED, likely] });
  const attached = new Set(candidates);
  const looked = candidates.slice(-STRUCTURE_LIMIT);
  if (looked.length > 0) {
    await connection.fetchItems(setOf(looked), ['BODYSTRUCTURE'], ({ uid, items }) => {
      if (!hasAttachment(bodyLists(partOf(items.get('BODYSTRUCTURE'))))) attached.delete(uid);
    });
  }
  if (wanted) return attached;
  const all = new Set(await connection.uidSearch(NOT_DELETED));
  return without(all, attached);
}
