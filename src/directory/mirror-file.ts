/**
 * The mirror's copy on the disk, kept by a `LocalFile`. Lines: `{boots, instance}` first, then `{put: [entries],
 * gone: [ids]}`, the later the truer, and `{left: true}` when the instance left the list.
 *
 * Invariants: `sync` resolves only when all that was marked before the call is on the disk. While it cannot be
 * written nothing is lost: what is marked stays marked and is tried again each second.
 */
import { CausewayError, messageOf } from '#errors/index.ts';
import type { Clock } from '#events/clock.ts';
import type { Emit } from '#events/index.ts';
import { fileBehind, fileCurrent } from './events.ts';
import type { LocalFile } from './local-file.ts';
import type { MirrorTable } from './mirror-table.ts';
import type { Entry } from './read-entries.ts';

/** Accounts a line: a line is made at once, and 500 take a few ms of the process's time. */
const LINE_ENTRIES = 500;
/** Appended bytes after which the file is written anew: twice what 28,000 accounts take, so that it stays bounded. */
const COMPACT_BYTES = 32 * 1024 * 1024;
/** A disk that was full is tried again this often. */
const RETRY_MS = 1_000;

export type SavedMirror = {
  readonly instance: string;
  /** The lives of the instance that may be the one on the store's list. */
  readonly boots: readonly string[];
  /** The instance left the list after it wrote this: routes may have changed without it. */
  readonly left: boolean;
  readonly entries: readonly Entry[];
};

export type MirrorFile = {
  /** The file's line of this account is behind. */
  mark(id: number): void;
  /** The first one writes the whole file anew. @throws CausewayError('unavailable') while the disk takes nothing */
  sync(): Promise<void>;
  /** Notes that the instance is, or may have been, off the list: nobody starts from what the file holds now. */
  invalidate(): Promise<void>;
  /** As `invalidate`, for good: after it nothing is written. */
  leave(): Promise<void>;
  close(): Promise<void>;
};

type Head = { readonly instance: string; readonly boots: readonly string[] };
type Lines = { readonly put: readonly Entry[]; readonly gone: readonly number[] };

/** What the file holds; undefined when there is none. @throws CausewayError('check-failed') for a damaged one */
export async function readMirrorFile(file: LocalFile): Promise<SavedMirror | undefined> {
  const lines = await file.read();
  if (lines === undefined || lines.length === 0) return undefined;
  const [head, ...rest] = lines as [Head, ...(Partial<Lines> & { left?: true })[]];
  const entries = new Map<number, Entry>();
  let left = false;
  for (const { put = [], gone = [], left: leaves } of rest) {
    for (const entry of put) entries.set(entry.account.id, entry);
    for (const id of gone) entries.delete(id);
    left ||= leaves === true;
  }
  return { instance: head.instance, boots: head.boots, left, entries: [...entries.values()] };
}

export function createMirrorFile(
  file: LocalFile,
  head: Head,
  table: MirrorTable,
  { clock, emit }: { clock: Clock; emit: Emit },
): MirrorFile {
  const closing = new AbortController();
  let marked = new Set<number>();
  let behind = false;
  let invalid = false;
  let turn: Promise<void> = Promise.resolve();
  let next: Promise<void> | undefined;

  const linesOf = (ids: readonly number[]): Lines => {
    const entries = ids.map((id) => table.get(id));
    return {
      put: entries.filter((entry) => entry !== undefined),
      gone: ids.filter((_, index) => entries[index] === undefined),
    };
  };

  function* whole(): Iterable<unknown> {
    yield head;
    const ids = [...table.ids()];
    for (let start = 0; start < ids.length; start += LINE_ENTRIES) yield linesOf(ids.slice(start, start + LINE_ENTRIES));
  }

  const replace = async (): Promise<void> => {
    const before = marked;
    marked = new Set();
    try {
      await file.replace(whole());
      invalid = false;
    } catch (error) {
      for (const id of before) marked.add(id);
      throw error;
    }
  };

  const append = async (): Promise<void> => {
    while (marked.size > 0) {
      const batch = [...marked].slice(0, LINE_ENTRIES);
      for (const id of batch) marked.delete(id);
      try {
        await file.append(linesOf(batch));
      } catch (error) {
        for (const id of batch) marked.add(id);
        throw error;
      }
    }
  };

  const retry = async (): Promise<void> => {
    do await clock.sleep(RETRY_MS, closing.signal);
    while (
      await sync().then(
        () => false,
        () => true,
      )
    );
  };

  const flush = async (): Promise<void> => {
    if (closing.signal.aborted) throw new CausewayError('aborted', 'the directory is closed');
    try {
      if (invalid || file.mustReplace() || file.appended() > COMPACT_BYTES) await replace();
      await append();
    } catch (error) {
      if (!behind) {
        behind = true;
        emit(fileBehind, { path: file.path, message: messageOf(error) });
        void retry().catch(() => {});
      }
      throw error;
    }
    if (behind) {
      behind = false;
      emit(fileCurrent, { path: file.path });
    }
  };

  const invalidate = async (): Promise<void> => {
    if (file.mustReplace()) await file.replace([head, { left: true }]);
    else await file.append({ left: true });
    invalid = true;
  };

  /** Runs `work` after what is under way. */
  const inTurn = (work: () => Promise<void>): Promise<void> => {
    const mine = turn.then(work);
    turn = mine.catch(() => {});
    return mine;
  };

  const sync = (): Promise<void> => {
    // All who come while a flush is under way share the one after it, which begins later than they came.
    next ??= inTurn(() => {
      next = undefined;
      return flush();
    });
    return next;
  };

  return {
    mark: (id) => void marked.add(id),
    sync,
    invalidate: () => inTurn(invalidate),
    leave: () =>
      inTurn(async () => {
        await invalidate();
        closing.abort(new Error('left'));
      }),
    async close() {
      closing.abort(new Error('closed'));
      await inTurn(() => file.close());
    },
  };
}
