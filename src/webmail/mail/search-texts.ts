/**
 * Searches for words in texts: a server without an index of them reads every message.
 *
 * Invariants: a large mailbox is searched in pieces, so that no command is silent for as long as a dead server, and other
 * requests of the account come between; over several connections at once, since a server searches each with one core.
 */
import type { SearchKey } from '#imap/commands/search.ts';
import type { ImapConnection } from '#imap/connection.ts';
import { readIn, setInLine } from './at-box.ts';
import type { MailContext } from './context.ts';
import { evaluate, type Expression, simplify } from './email-filter.ts';
import type { Box } from './mailboxes.ts';

/** Dovecot reads some 10,000 short letters a second, and a thousand long ones. */
const PIECE = 2_500;
/** Of the account's connections (pool.ts) one may wait for news. */
const AT_ONCE = 3;

export function readsTexts(expression: Expression): boolean {
  if ('is' in expression) return keyReads(expression.is);
  if ('not' in expression) return readsTexts(expression.not);
  return 'of' in expression && expression.of.some(readsTexts);
}

function keyReads(key: SearchKey): boolean {
  if (key.key === 'and' || key.key === 'or') return key.of.some(keyReads);
  return key.key === 'not' ? keyReads(key.of) : key.key === 'text' || key.key === 'body';
}

/** @returns the UIDs that it finds; undefined: the mailbox is small, or gone, and is searched as any other */
export async function searchTexts(box: Box, expression: Expression, context: MailContext, piece = PIECE): Promise<Set<number> | undefined> {
  const { total = 0 } = box.counts ?? {};
  if (total <= piece || !readsTexts(expression)) return undefined;
  const inBox = <T>(work: (connection: ImapConnection) => Promise<T>): Promise<T | undefined> => context.access.imap((connection) => readIn(connection, box, () => work(connection)));
  if ('operator' in expression && expression.operator === 'OR') {
    const found = new Set<number>();
    for (const one of expression.of) {
      const uids = readsTexts(one) ? await searchTexts(box, one, context, piece) : await inBox((connection) => evaluate(one, connection));
      if (uids === undefined) return undefined;
      for (const uid of uids) found.add(uid);
    }
    return found;
  }
  const terms = 'operator' in expression && expression.operator === 'AND' ? expression.of : [expression];
  const [dear, cheap] = [terms.filter(readsTexts), terms.filter((term) => !readsTexts(term))];
  // What needs no texts (a date, most of all) is asked first, so that only the texts of what is left are read.
  const among = cheap.length === 0 ? undefined : await inBox((connection) => evaluate(simplify({ operator: 'AND', of: cheap }), connection));
  if (cheap.length > 0 && among === undefined) return undefined;
  const pieces = among === undefined ? rangesOf(box, piece) : setsOf(among, piece);
  const found = new Set<number>();
  let isGone = false;
  async function search(): Promise<void> {
    for (let next = pieces.next(); next.done !== true && !isGone; next = pieces.next()) {
      // One key as far as it can be one, so that only the piece is read.
      const within = simplify({ operator: 'AND', of: [{ is: { key: 'uid', uids: next.value } }, ...dear] });
      const uids = await inBox((connection) => evaluate(within, connection));
      if (uids === undefined) isGone = true;
      for (const uid of uids ?? []) if (among === undefined || among.has(uid)) found.add(uid);
    }
  }
  await Promise.all(Array.from({ length: AT_ONCE }, search));
  return isGone ? undefined : found;
}

/** All of a mailbox, the newest first. */
function* rangesOf(box: Box, piece: number): Generator<string, undefined> {
  const { total = 0, uidNext = 1 } = box.counts ?? {};
  const width = Math.ceil(uidNext / Math.ceil(total / piece));
  for (let before = uidNext; before > 1; before = Math.max(1, before - width)) yield `${Math.max(1, before - width)}:${before - 1}`;
  return undefined;
}

/** Some messages, the newest first. Where naming them takes more than a server may accept of a line, all between are searched. */
function* setsOf(uids: ReadonlySet<number>, piece: number): Generator<string, undefined> {
  const newestFirst = [...uids].sort((a, b) => b - a);
  for (let at = 0; at < newestFirst.length; at += piece) {
    const some = newestFirst.slice(at, at + piece);
    yield setInLine(some) ?? `${some.at(-1)}:${some[0]}`;
  }
  return undefined;
}
