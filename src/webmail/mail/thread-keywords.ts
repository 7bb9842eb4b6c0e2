/**
 * Conditions about whole threads (RFC 8621 section 4.4.1): a platform cannot search for them, so the keywords and threads of
 * all messages are read.
 *
 * Invariant: what is told is so for every thread, or the filter is `unsupportedFilter`: in an account with more than
 * MOST messages.
 */
import { parseFlags } from '#wire/imap/flags.ts';
import { MethodError } from '../jmap/errors.ts';
import type { Filter } from '../jmap/filter.ts';
import { readIn } from './at-box.ts';
import type { MailContext } from './context.ts';
import { type EmailCondition, THREAD_CONDITIONS, type ThreadConditions } from './email-filter.ts';
import { nativeId, threadIdOf } from './email-id.ts';
import { isDeleted, keywordsOf } from './keywords.ts';
import { ROOT_ITEM, rootIn } from './thread-root.ts';

/** 300 bytes each at the platform: a second or two. */
const MOST = 10_000;

type Message = { readonly uid: number; readonly thread: string };

/** Throws MethodError. */
export async function readThreadConditions(context: MailContext): Promise<ThreadConditions> {
  const boxes = (await context.mailboxes()).all.filter(({ counts }) => counts !== undefined && counts.total > 0);
  if (boxes.reduce((sum, { counts }) => sum + (counts?.total ?? 0), 0) > MOST) throw new MethodError('unsupportedFilter', 'Conditions about whole threads are not supported for so much mail.');
  const messages = new Map<string, Message[]>(); // by mailbox
  const threads = new Map<string, ReadonlySet<string>[]>();
  await context.access.imap(async (connection) => {
    for (const box of boxes) {
      const here: Message[] = [];
      messages.set(box.id, here);
      await readIn(connection, box, () =>
        connection.fetchItems('1:*', ['FLAGS', ROOT_ITEM], ({ uid, items }) => {
          const flags = parseFlags(items.get('FLAGS'));
          if (isDeleted(flags)) return;
          const thread = threadIdOf(rootIn(items), nativeId({ box: box.id, uidValidity: box.counts?.uidValidity ?? 0, uid }));
          here.push({ uid, thread });
          const others = threads.get(thread);
          if (others === undefined) threads.set(thread, [new Set(keywordsOf(flags))]);
          else others.push(new Set(keywordsOf(flags)));
        }),
      );
    }
  });
  return {
    uidsIn(boxId, name, keyword) {
      const has = (one: ReadonlySet<string>): boolean => one.has(keyword.toLowerCase());
      const isFound = (all: readonly ReadonlySet<string>[]): boolean => (name === 'allInThreadHaveKeyword' ? all.every(has) : all.some(has) === (name === 'someInThreadHaveKeyword'));
      return new Set((messages.get(boxId) ?? []).filter(({ thread }) => isFound(threads.get(thread) ?? [])).map(({ uid }) => uid));
    },
  };
}

export function asksAboutThreads(filter: Filter<EmailCondition>): boolean {
  return 'condition' in filter ? THREAD_CONDITIONS.some((name) => filter.condition[name] !== undefined) : filter.conditions.some(asksAboutThreads);
}
