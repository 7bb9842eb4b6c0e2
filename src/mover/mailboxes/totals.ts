/**
 * How much there is to copy, before the first of it is: so that progress can be told, and when it will be done.
 *
 * It is a forecast, and nothing is decided by it: the pass counts what it lists.
 */
import { sql } from 'kysely';
import { CausewayError } from '#errors/index.ts';
import type { Mailbox } from '#imap/commands/mailbox-name.ts';
import type { Pair } from './pairs.ts';
import type { Visit } from '../visit.ts';

/** What is still to be copied. */
export type Left = { readonly messages: number; readonly bytes: number };

export type Totals = {
  readonly left: Left;
  /** By pair, where the source was asked. */
  readonly messages: ReadonlyMap<Pair, number>;
};

/** What the source says of its mailboxes; undefined where it refuses to. Asked while the target makes its own. */
export type Asked = Promise<ReadonlyMap<string, { readonly MESSAGES?: number; readonly SIZE?: number } | undefined>>;

/** Once a move: one round trip, whatever the number of mailboxes. Sizes only where the source tells them (RFC 8438). */
export function askTotals({ source, move }: Visit, mailboxes: Iterable<readonly [name: string, ref: Mailbox]>): Asked | undefined {
  if (move.messages > 0) return undefined;
  const { capabilities } = source;
  const sized = capabilities.has('STATUS=SIZE') || capabilities.has('IMAP4REV2');
  const asked = Promise.all(
    Array.from(mailboxes, async ([name, ref]) => {
      const status = await source.status(ref, sized ? ['MESSAGES', 'SIZE'] : ['MESSAGES']).catch((error: unknown) => {
        // The pass tells of a mailbox that cannot be read.
        if (error instanceof CausewayError && error.code === 'refused') return undefined;
        throw error;
      });
      return [name, status] as const;
    }),
  ).then((found) => new Map(found));
  // It is heard where it is awaited, or what failed before it is told.
  asked.catch(() => {});
  return asked;
}

export async function noteTotals({ move, book }: Visit, pairs: readonly Pair[], asked: Asked | undefined): Promise<Totals> {
  if (asked === undefined) {
    return { left: { messages: move.messages - move.copied_messages, bytes: move.bytes - move.copied_bytes }, messages: new Map() };
  }
  const found = await asked;
  const byPair = new Map(pairs.map((pair) => [pair, found.get(pair.sourceMailbox)?.MESSAGES ?? 0]));
  const messages = [...found.values()].reduce((sum, status) => sum + (status?.MESSAGES ?? 0), 0);
  const bytes = [...found.values()].reduce((sum, status) => sum + (status?.SIZE ?? 0), 0);
  book.soon((tx) => sql`update move set messages = ${messages}, bytes = ${bytes} where id = ${move.id} and messages = 0`.execute(tx.db()));
  return { left: { messages, bytes }, messages: byPair };
}
