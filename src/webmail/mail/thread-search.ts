/**
 * The emails of threads in one mailbox, found by a search of its heads.
 *
 * Invariants: all are found, however many messages there are: they are looked through in pieces that are short, so whoever
 * waits for something else is served between two. What a search found is remembered: who asks again has only what came since
 * looked through, as UIDs rise; and what is remembered is read each time, so nothing is told that has gone or changed.
 */
import { parseFlags } from '#wire/imap/flags.ts';
import { internalDateOf, readIn, setOf } from './at-box.ts';
import type { MailContext } from './context.ts';
import { isDeleted } from './keywords.ts';
import type { Box } from './mailboxes.ts';
import type { Location } from './memory.ts';
import { ROOT_ITEM, rootIn } from './thread-root.ts';

export type Placed = { readonly root: string; readonly location: Location; readonly receivedAt: number };

/** The newest of a thread in one mailbox. */
const MOST_EMAILS = 500;
/** A piece: long beside its round trips, and too short for a reader to notice. */
const PIECE_MS = 30;
/** Messages of the first piece: a platform looks through 2,000 in 10 ms, or in a second where it has never read their heads. */
const PIECE = { first: 2_000, least: 200 };
/** RFC 9051: numbers of 32 bits. */
const HIGHEST = 0xffff_ffff;

export async function findThreadsIn(box: Box, roots: ReadonlySet<string>, context: MailContext): Promise<Placed[]> {
  const { uidValidity = 0, uidNext = 1 } = box.counts ?? {};
  const { threads } = context.access.memory;
  const keyOf = (root: string): string => `${box.id}/${uidValidity}/${root}`;
  const known = [...roots].map((root) => threads.get(keyOf(root)));
  const uids = new Set(known.flatMap((found) => found?.uids ?? []));
  const from = Math.min(...known.map((found) => found?.uidNext ?? 1));
  if (!(await searchFrom(from, box, roots, context, uids))) return [];
  const places: (Placed & { readonly isDeleted: boolean })[] = [];
  const newest = [...uids].sort((a, b) => a - b).slice(-MOST_EMAILS);
  if (newest.length > 0) {
    await context.access.imapPatiently((connection) =>
      readIn(connection, box, () =>
        connection.fetchItems(setOf(newest), ['FLAGS', 'INTERNALDATE', ROOT_ITEM], ({ uid, items }) => {
          const root = rootIn(items);
          if (root === undefined || !roots.has(root)) return;
          places.push({ root, location: { box: box.id, uidValidity, uid }, receivedAt: internalDateOf(items.get('INTERNALDATE')), isDeleted: isDeleted(parseFlags(items.get('FLAGS'))) });
        }),
      ),
    );
  }
  for (const root of roots) threads.set(keyOf(root), { uidNext, uids: places.filter((place) => place.root === root).map(({ location }) => location.uid) });
  return places.filter((place) => !place.isDeleted);
}

/** @param found gets the UIDs @returns false: the mailbox is gone, or made anew */
async function searchFrom(from: number, box: Box, roots: ReadonlySet<string>, { access }: MailContext, found: Set<number>): Promise<boolean> {
  const { uidNext = 1, total = 0 } = box.counts ?? {};
  const names = ['Message-ID', 'References', 'In-Reply-To'];
  const anyOf = { key: 'or' as const, of: [...roots].flatMap((text) => names.map((name) => ({ key: 'header' as const, name, text }))) };
  const uidsPerMessage = Math.max(1, (uidNext - 1) / Math.max(1, total));
  let messages = PIECE.first;
  for (let first = from; first < uidNext; ) {
    const next = first + Math.ceil(messages * uidsPerMessage);
    const uids = `${first}:${next < uidNext ? next - 1 : HIGHEST}`;
    let tookMs = 0;
    const hits = await access.imapPatiently((connection) =>
      readIn(connection, box, async () => {
        const began = access.clock.monotonic();
        const all = await connection.uidSearch({ key: 'and', of: [{ key: 'uid', uids }, anyOf] });
        tookMs = access.clock.monotonic() - began;
        return all;
      }),
    );
    if (hits === undefined) return false;
    for (const uid of hits) found.add(uid);
    // Of a mailbox that was opened for it the first piece takes long, so no more than halved.
    messages = Math.max(PIECE.least, messages * Math.min(2, Math.max(0.5, PIECE_MS / Math.max(1, tookMs))));
    first = next;
  }
  return true;
}
