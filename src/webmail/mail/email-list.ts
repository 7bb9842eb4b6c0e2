/**
 * The list that a query finds: over one mailbox, or merged from several; with threads collapsed as far as was looked.
 *
 * Invariants: a list is of one moment: its key holds what the platform counted. In several mailboxes the first MERGED
 * messages of each are merged by what is sorted by, so the list is in order for at least as many; what lies behind follows
 * mailbox by mailbox.
 */
import type { ImapConnection } from '#imap/connection.ts';
import type { Comparator } from '../jmap/query.ts';
import type { Filter } from '../jmap/filter.ts';
import { readIn, setOf } from './at-box.ts';
import type { MailContext } from './context.ts';
import { type EmailCondition, type Expression, expressionFor, type ThreadConditions } from './email-filter.ts';
import { emailIdsAt, nativeId, threadIdOf } from './email-id.ts';
import { orderedUids, orderFound, readKeys } from './email-order.ts';
import type { Box } from './mailboxes.ts';
import type { KnownList, Location } from './memory.ts';
import { searchTexts } from './search-texts.ts';
import { asksAboutThreads, readThreadConditions } from './thread-keywords.ts';
import { compareBy, type Keys } from './sort-keys.ts';
import { digest } from './states.ts';
import { ROOT_ITEM, rootIn } from './thread-root.ts';

/** A client that pages through all its mail sees so many in perfect order: 100 screens of 50. */
const MERGED = 5_000;
/**
 * Threads are collapsed for the first so many messages of a list: each costs a look at its head, which a platform that
 * has not been asked before reads from disk. With 20,000 a jump to the middle of a list took 40 s on a busy machine.
 */
const COLLAPSED = 1_000;
/** Messages whose thread is asked for at once. */
const WINDOW = 500;

export type EmailList = KnownList;

export type Question = { readonly filter: Filter<EmailCondition>; readonly sort: readonly Comparator[]; readonly asked: unknown };

type Part = { readonly box: Box; readonly uids: number[] };

/** @returns the list, and a state that changes when the list could */
export async function findEmails(question: Question, context: MailContext): Promise<{ list: EmailList; state: string }> {
  const { all } = await context.mailboxes();
  const relevantTo = (threads?: ThreadConditions): { box: Box; expression: Expression }[] =>
    all.flatMap((box) => {
      const expression = expressionFor(question.filter, box.id, threads);
      return box.counts === undefined || ('fixed' in expression && !expression.fixed) ? [] : [{ box, expression }];
    });
  const relevant = relevantTo();
  const { writes, lists } = context.access.memory;
  const isAboutThreads = asksAboutThreads(question.filter);
  const facts = isAboutThreads ? flagFacts(all.filter(({ counts }) => counts !== undefined), writes) : dependsOnFlags(question) ? flagFacts(relevant.map(({ box }) => box), writes) : relevant.map(({ box }) => [box.id, box.counts?.uidValidity, box.counts?.uidNext, box.counts?.total]);
  const state = digest([question.asked, facts]);
  const known = lists.get(state);
  if (known !== undefined) return { list: known, state };
  const list = await read(isAboutThreads ? relevantTo(await readThreadConditions(context)) : relevant, question.sort, context);
  lists.set(state, list);
  return { list, state };
}

/** Else reading a message would change the list that it was opened from. */
function dependsOnFlags({ asked }: Question): boolean {
  return /"(?:hasKeyword|notKeyword|keyword)":/.test(JSON.stringify(asked));
}

function flagFacts(boxes: readonly Box[], writes: { count: number; token: string }): unknown {
  const counted = boxes.every(({ counts }) => counts?.modSeq !== undefined);
  return [boxes.map(({ id, counts }) => [id, counts]), counted ? 0 : [writes.count, writes.token]];
}

async function read(relevant: readonly { box: Box; expression: Expression }[], sort: readonly Comparator[], context: MailContext): Promise<EmailList> {
  const several = relevant.length > 1;
  const searched = new Map<Box, ReadonlySet<number>>();
  for (const { box, expression } of relevant) {
    const found = await searchTexts(box, expression, context);
    if (found !== undefined) searched.set(box, found);
  }
  return context.access.imap(async (connection) => {
    const parts: Part[] = [];
    const keys = new Map<Box, Map<number, Keys>>();
    for (const { box, expression } of relevant) {
      if (box.counts?.total === 0) continue;
      const found = searched.get(box);
      const uids = (await readIn(connection, box, () => (found === undefined ? orderedUids(connection, expression, sort) : orderFound(connection, found, sort)))) ?? [];
      if (uids.length === 0) continue;
      parts.push({ box, uids });
      if (several) keys.set(box, await readKeys(connection, uids.slice(0, MERGED), sort));
    }
    return merge(parts, keys, sort);
  });
}

function merge(parts: readonly Part[], keys: ReadonlyMap<Box, ReadonlyMap<number, Keys>>, sort: readonly Comparator[]): EmailList {
  const total = parts.reduce((sum, { uids }) => sum + uids.length, 0);
  const places = { box: new Uint16Array(total), uid: new Uint32Array(total) };
  const compare = compareBy(sort);
  let at = 0;
  const put = (box: number, uid: number): void => {
    places.box[at] = box;
    places.uid[at] = uid;
    at += 1;
  };
  if (parts.length > 1) {
    const first = parts.flatMap(({ box, uids }, index) =>
      uids.slice(0, MERGED).flatMap((uid) => {
        const key = keys.get(box)?.get(uid);
        return key === undefined ? [] : [{ index, uid, key }];
      }),
    );
    for (const { index, uid } of first.sort((a, b) => compare(a.key, b.key) || a.index - b.index || b.uid - a.uid)) put(index, uid);
  }
  parts.forEach(({ uids }, index) => {
    for (const uid of parts.length > 1 ? uids.slice(MERGED) : uids) put(index, uid);
  });
  return {
    boxes: parts.map(({ box }) => ({ id: box.id, uidValidity: box.counts?.uidValidity ?? 0 })),
    places: { box: places.box.subarray(0, at), uid: places.uid.subarray(0, at) },
  };
}

export function lengthOf({ places }: EmailList): number {
  return places.uid.length;
}

export function locationIn({ boxes, places }: EmailList, index: number): Location {
  const box = boxes[places.box[index] ?? 0];
  return { box: box?.id ?? '', uidValidity: box?.uidValidity ?? 0, uid: places.uid[index] ?? 0 };
}

export function idsIn(list: EmailList, from: number, to: number, context: MailContext): Promise<string[]> {
  const locations: Location[] = [];
  for (let index = Math.max(0, from); index < Math.min(to, lengthOf(list)); index += 1) locations.push(locationIn(list, index));
  return emailIdsAt(locations, context);
}

export function indexIn(list: EmailList, location: Location): number {
  for (let index = 0; index < lengthOf(list); index += 1) {
    if (list.places.uid[index] !== location.uid) continue;
    const box = list.boxes[list.places.box[index] ?? 0];
    if (box?.id === location.box && box.uidValidity === location.uidValidity) return index;
  }
  return -1;
}

export type Found = { readonly list: EmailList; readonly state: string; readonly isWhole: boolean };

/**
 * The list with only the first email of each thread, for the first COLLAPSED emails; the others stand for themselves.
 * @param most emails that are needed: threads are not asked for beyond these, and the list is then not whole
 */
export async function collapse(list: EmailList, state: string, most: number, context: MailContext): Promise<Found> {
  const { lists } = context.access.memory;
  const key = `c${state}`;
  const known = lists.get(key);
  if (known !== undefined) return { list: known, state: key, isWhole: true };
  const threads = new Set<string>();
  const kept: number[] = [];
  let looked = 0;
  const { byId } = await context.mailboxes();
  await context.access.imap(async (connection) => {
    for (let from = 0; from < Math.min(lengthOf(list), COLLAPSED) && kept.length < most; from += WINDOW) {
      looked = from + WINDOW;
      const window = Array.from({ length: Math.min(WINDOW, lengthOf(list) - from) }, (_, n) => from + n);
      const roots = await rootsOf(connection, list, window, byId);
      for (const index of window) {
        // A thread by itself is told from others by its place as well as by its id.
        const thread = threadIdOf(roots.get(index), nativeId(locationIn(list, index)));
        if (threads.has(thread)) continue;
        threads.add(thread);
        kept.push(index);
      }
    }
  });
  const isWhole = looked >= Math.min(lengthOf(list), COLLAPSED);
  if (isWhole) for (let index = COLLAPSED; index < lengthOf(list); index += 1) kept.push(index);
  const collapsed = {
    boxes: list.boxes,
    places: { box: Uint16Array.from(kept, (index) => list.places.box[index] ?? 0), uid: Uint32Array.from(kept, (index) => list.places.uid[index] ?? 0) },
  };
  if (isWhole) lists.set(key, collapsed);
  return { list: collapsed, state: key, isWhole };
}

async function rootsOf(connection: ImapConnection, list: EmailList, window: readonly number[], byId: ReadonlyMap<string, Box>): Promise<Map<number, string>> {
  const roots = new Map<number, string>();
  for (const [at, { id }] of list.boxes.entries()) {
    const box = byId.get(id);
    const indexes = new Map(window.filter((index) => list.places.box[index] === at).map((index) => [list.places.uid[index] ?? 0, index]));
    if (box === undefined || indexes.size === 0) continue;
    await readIn(connection, box, () =>
      connection.fetchItems(setOf(indexes.keys()), [ROOT_ITEM], ({ uid, items }) => {
        const root = rootIn(items);
        const index = indexes.get(uid);
        if (root !== undefined && index !== undefined) roots.set(index, root);
      }),
    );
  }
  return roots;
}
