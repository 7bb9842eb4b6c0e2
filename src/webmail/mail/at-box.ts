/** Messages at the platform, asked for by their locations: grouped by mailbox, each opened once. */
import type { ImapConnection } from '#imap/connection.ts';
import { CausewayError } from '#errors/index.ts';
import { parseInternalDate } from '#wire/imap/date.ts';
import { formatSequenceSet } from '#wire/imap/sequence-set.ts';
import { isNil, textOf, type Token } from '#wire/imap/tokens.ts';
import type { MailContext } from './context.ts';
import { hasHeard } from './hearing.ts';
import type { Box } from './mailboxes.ts';
import type { Location } from './memory.ts';

export type Wanted = { readonly id: string; readonly location: Location };

/** Those whose mailbox is there and has that UIDVALIDITY, as far as is known without opening it. */
export async function byBox(wanted: readonly Wanted[], context: MailContext): Promise<Map<Box, Wanted[]>> {
  const { byId } = await context.mailboxes();
  const found = new Map<Box, Wanted[]>();
  for (const one of wanted) {
    const box = byId.get(one.location.box);
    if (box?.counts === undefined || box.counts.uidValidity !== one.location.uidValidity) continue;
    const list = found.get(box);
    if (list === undefined) found.set(box, [one]);
    else list.push(one);
  }
  return found;
}

/** Whether the mailbox of that name is open: to open a large one costs a platform 100 ms and more. */
export function hasOpen({ selected }: ImapConnection, { raw }: Pick<Box, 'raw'>): boolean {
  return selected !== undefined && typeof selected.mailbox !== 'string' && selected.mailbox.raw === raw;
}

/**
 * Whether the mailbox is the one that is open; then its news are heard first, since what is known of it may have come by
 * another connection. Not in the flight of the next command: Dovecot lets a session hear only when no command waits.
 */
async function isOpen(connection: ImapConnection, box: Box): Promise<boolean> {
  const is = hasOpen(connection, box) && connection.selected?.uidValidity === box.counts?.uidValidity;
  if (is && !hasHeard(connection)) await connection.noop();
  return is;
}

/**
 * Opens the mailbox for reading, unless it is open, and starts what is asked for in the same flight; its answers are believed only when the
 * mailbox is the one that was meant.
 * @returns undefined when the mailbox is gone or made anew
 */
export async function readIn<T>(connection: ImapConnection, box: Box, start: () => Promise<T>): Promise<T | undefined> {
  if (await isOpen(connection, box)) return start();
  const opening = connection.examine(box);
  const work = start();
  work.catch(() => {});
  try {
    const { uidValidity } = await opening;
    if (uidValidity !== box.counts?.uidValidity) {
      await work.catch(() => {});
      return undefined;
    }
  } catch (error) {
    await work.catch(() => {});
    if (error instanceof CausewayError && error.code === 'refused') return undefined;
    throw error;
  }
  return work;
}

/** Opens the mailbox for changes. Undefined as above; nothing was begun. */
export async function openForChanges(connection: ImapConnection, box: Box): Promise<{ permanentFlags: readonly string[] } | undefined> {
  const { selected: open } = connection;
  if (open?.readOnly === false && (await isOpen(connection, box))) return open;
  try {
    const selected = await connection.select(box);
    return selected.uidValidity === box.counts?.uidValidity ? selected : undefined;
  } catch (error) {
    if (error instanceof CausewayError && error.code === 'refused') return undefined;
    throw error;
  }
}

export function setOf(uids: Iterable<number>): string {
  return formatSequenceSet([...new Set(uids)].sort((a, b) => a - b));
}

/** Servers take lines of 8 to 64 kB. */
const LINE = 7_000;

/** The set of these messages, where every server takes it in one line. */
export function setInLine(uids: Iterable<number>): string | undefined {
  const set = setOf(uids);
  return set.length < LINE ? set : undefined;
}

/** Ms since the epoch; 0 for what cannot be read. */
export function internalDateOf(token: Token | undefined): number {
  if (token === undefined || isNil(token) || token.kind === 'list') return 0;
  try {
    return parseInternalDate(textOf(token)).epochMs;
  } catch {
    return 0;
  }
}

/** A section's bytes; undefined when the server has none. */
export function bytesOf(token: Token | undefined): Buffer | undefined {
  if (token === undefined || token.kind === 'list' || isNil(token)) return undefined;
  return token.kind === 'string' ? token.bytes : Buffer.from(token.text, 'latin1');
}

/** The item whose name begins so. */
export function itemLike(items: ReadonlyMap<string, Token>, start: string): Token | undefined {
  const exact = items.get(start);
  if (exact !== undefined) return exact;
  for (const [name, token] of items) if (name.startsWith(start)) return token;
  return undefined;
}
