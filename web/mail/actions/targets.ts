/**
 * What an action is for: emails by id, the conversations that a list shows as one row each, or all that a list has.
 *
 * Invariant: "all" is what the server has at that moment, in one go; what comes in while the work goes on is left alone.
 */
import { jmap, jmapOne, refer } from '../api/jmap.ts';
import type { Email, GetAnswer, QueryAnswer } from '../api/types.ts';
import { getRow } from '../list/rows.ts';
import type { Question } from '../list/source.ts';

export type Targets =
  | { readonly ids: readonly string[]; /** The rows stand for conversations in this mailbox. */ readonly threadsIn?: string | undefined }
  | { readonly all: Question; readonly except: readonly string[]; readonly estimate: number };

/** Threads of one request: each is searched for in all mailboxes, and all of their emails are asked for, of which the server gives 500. */
const THREADS = 20;
/** As many as one answer has. */
const PAGE = 5_000;

export const isAll = (targets: Targets): targets is Extract<Targets, { all: unknown }> => 'all' in targets;

export async function idsOf(targets: Targets, signal: AbortSignal): Promise<string[]> {
  if (!isAll(targets)) return targets.threadsIn === undefined ? [...targets.ids] : withThreads(targets.ids, targets.threadsIn, signal);
  const { filter, sort, collapseThreads, mailboxId } = targets.all;
  const left = new Set(collapseThreads && mailboxId !== undefined ? await withThreads(targets.except, mailboxId, signal) : targets.except);
  const found = new Set<string>();
  for (let position = 0; ; position += PAGE) {
    const { ids } = await jmapOne<QueryAnswer>('Email/query', { filter, sort, collapseThreads: false, position, limit: PAGE }, signal);
    for (const id of ids) if (!left.has(id)) found.add(id);
    if (ids.length < PAGE) return [...found];
  }
}

async function withThreads(ids: readonly string[], mailboxId: string, signal: AbortSignal): Promise<string[]> {
  const threads = [...new Set(ids.flatMap((id) => getRow(id)?.threadId ?? []))];
  const found = new Set(ids);
  for (let at = 0; at < threads.length; at += THREADS) {
    const [, emails] = await jmap<readonly [unknown, GetAnswer<Pick<Email, 'id' | 'mailboxIds'>>]>(
      [
        ['Thread/get', { ids: threads.slice(at, at + THREADS) }, 't'],
        ['Email/get', { '#ids': refer('t', 'Thread/get', '/list/*/emailIds'), properties: ['id', 'mailboxIds'] }, 'e'],
      ],
      signal,
    );
    for (const { id, mailboxIds } of emails.list) if (mailboxIds[mailboxId] === true) found.add(id);
  }
  return [...found];
}
