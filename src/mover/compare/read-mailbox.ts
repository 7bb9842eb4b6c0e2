/**
 * Reads a whole mailbox into fingerprints, dates and flags.
 *
 * Invariants: it is selected by EXAMINE and read by BODY.PEEK, so that nothing at the platform changes; no message is
 * in memory; a message that is listed and whose bytes do not come is in `unread`, never left out without a word.
 */
import { createHash } from 'node:crypto';
import { CausewayError } from '#errors/index.ts';
import type { MessageMeta } from '#imap/commands/fetch-meta.ts';
import type { Mailbox } from '#imap/commands/mailbox-name.ts';
import type { Selected } from '#imap/commands/select.ts';
import type { ImapConnection } from '#imap/connection.ts';
import { parseInternalDate } from '#wire/imap/date.ts';
import { formatSequenceSet } from '#wire/imap/sequence-set.ts';
import { pieces } from '../lists/listing.ts';
import { createEntries, type Entries, type Words } from './entries.ts';

export type ReadOptions = {
  readonly words: Words;
  readonly onMessage: (bytes: number) => void;
  /** Messages from this UID on are counted only. */
  readonly below?: (selected: Selected) => number | undefined;
  /** Messages that are passed over: it is known that the other side does not have them. */
  readonly apart?: (selected: Selected) => ReadonlySet<number>;
};

export type ReadMailbox = {
  readonly selected: Selected;
  readonly entries: Entries;
  /** UIDs that are listed and not given: the server refuses them, or they vanished meanwhile. */
  readonly unread: readonly number[];
  /** How many more SELECT told of than are listed. */
  readonly unlisted: number;
  /** How many are not below `below`. */
  readonly since: number;
};

/** Their UIDs take 40 MB, their entries 260 MB: a mailbox beyond it needs a tool of its own. */
const MESSAGES = 5_000_000;
/** One FETCH of flags and dates asks for at most this many: a list of their UIDs stays below 6 KB, whatever gaps it has. */
const LIST = 500;

export async function readMailbox(connection: ImapConnection, mailbox: Mailbox, options: ReadOptions): Promise<ReadMailbox> {
  const selected = await connection.examine(mailbox);
  const entries = createEntries(options.words);
  const unread: number[] = [];
  const listed = selected.exists === 0 ? [] : await listUids(connection);
  const below = options.below?.(selected) ?? Number.POSITIVE_INFINITY;
  const apart = options.apart?.(selected) ?? new Set<number>();
  const older = listed.filter((uid) => uid < below);
  const uids = older.filter((uid) => !apart.has(uid));

  // The next piece is asked for while one is read: a round trip costs no pause.
  let former: Promise<void> = Promise.resolve();
  for (let at = 0; at < uids.length; at += LIST) {
    const asked = uids.slice(at, at + LIST);
    const metas = new Map((await connection.fetchMeta(formatSequenceSet(asked))).map((meta) => [meta.uid, meta]));
    for (const uid of asked) if (!metas.has(uid)) unread.push(uid);
    for (const piece of pieces(asked.flatMap((uid) => metas.get(uid) ?? []))) {
      const present = readPiece(connection, piece, entries, unread, options.onMessage);
      present.catch(() => {});
      await former;
      former = present;
    }
  }
  await former;
  return { selected, entries, unread, unlisted: Math.max(0, selected.exists - listed.length), since: listed.length - older.length };
}

/** In ascending order, each once. A range of sequence numbers would shift under an expunge. */
async function listUids(connection: ImapConnection): Promise<number[]> {
  const uids = new Set<number>();
  await connection.run('UID FETCH 1:* (UID)', (response) => {
    if (response.kind !== 'data' || response.name !== 'FETCH') return;
    const [list] = response.tokens;
    const items = list?.kind === 'list' ? list.items : [];
    const at = items.findIndex((item) => item.kind === 'atom' && item.text.toUpperCase() === 'UID');
    const value = at === -1 ? undefined : items[at + 1];
    if (value?.kind === 'atom' && /^[1-9]\d{0,9}$/.test(value.text)) uids.add(Number(value.text));
    if (uids.size > MESSAGES) throw new CausewayError('limit', `more than ${MESSAGES} messages in one mailbox`);
  });
  return [...uids].sort((a, b) => a - b);
}

async function readPiece(
  connection: ImapConnection,
  piece: readonly MessageMeta[],
  entries: Entries,
  unread: number[],
  onMessage: (bytes: number) => void,
): Promise<void> {
  const left = new Map(piece.map((meta) => [meta.uid, meta]));
  const read = (uids: readonly number[]): Promise<void> =>
    connection.fetchBodies(
      formatSequenceSet(uids),
      async ({ uid, size, body }) => {
        const meta = left.get(uid);
        if (meta === undefined) return;
        const hash = createHash('sha256');
        let length = 0;
        for await (const chunk of body) {
          hash.update(chunk);
          length += chunk.length;
        }
        if (length !== size) throw new CausewayError('protocol', `message ${uid} was cut short`);
        left.delete(uid);
        entries.add({ uid, internalDate: secondsOf(meta.internalDate), flags: meta.flags.filter((flag) => flag.toLowerCase() !== '\\recent'), fingerprint: hash.digest(), size });
        onMessage(size);
      },
      { onMissing: () => {} },
    );
  try {
    await read([...left.keys()]);
  } catch (error) {
    if (!isRefused(error)) throw error;
    // A server that cannot give one message of many often gives none of those after it.
    for (const uid of left.keys()) {
      await read([uid]).catch((one: unknown) => {
        if (!isRefused(one)) throw one;
      });
    }
  }
  unread.push(...left.keys());
}

const isRefused = (error: unknown): boolean => error instanceof CausewayError && error.code === 'refused';

function secondsOf(text: string): number | undefined {
  try {
    return Math.floor(parseInternalDate(text).epochMs / 1_000);
  } catch {
    return undefined;
  }
}
