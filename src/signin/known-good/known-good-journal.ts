/**
 * What the known good learnt since its snapshot: an append-only file beside it, so that a crash costs moments instead of
 * the time between two snapshots.
 *
 * Invariants: every record is the whole state of its digest, and all changes of the table are noted in their order, so
 * that replaying the file over any snapshot made while it was written gives the latest state. Where that cannot be kept
 * up (a write failed, too much is noted) the file is taken away: half a journal could call good what has ended. Nobody
 * signing in waits for it, and a disk that refuses costs the file, never a sign-in.
 *
 * What is still lost: when the process is killed, what was accepted in the last 5 ms and the write after it, since an
 * answer does not wait for the disk; when the machine loses its power, that of the last 100 ms and one fdatasync,
 * since PostgreSQL writes to the same disk and more than ten syncs a second would be taken from its commits. Whoever
 * is lost is checked once more, as a new device is.
 */
import { type FileHandle, open, readFile, rename, rm, stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { Clock } from '#events/clock.ts';
import type { Emit } from '#events/index.ts';
import { messageOf } from '#errors/index.ts';
import type { Digest } from './digest.ts';
import { journalRead, journalUnwritten, snapshotLost } from '../events.ts';
import { createFrames, type Frames, type JournalRecord, readFrames } from './journal-frames.ts';

/** Sign-ins of this time are one write: at most 200 writes a second of some 20 µs, whatever comes. */
const BATCH_MS = 5;
const SYNC_MS = 100;
/** As many as the known good holds; 18 MB. Between two snapshots thousands are noted in a second before it is full. */
const MOST_RECORDS = 500_000;
/** Those in frames of one record each. */
const MOST_BYTES = 32 * 1024 * 1024;

export type Journal = {
  /** @param seconds of the last full check, since the epoch, or ENDED. Never fails. */
  note(digest: Digest, seconds: number): void;
  /** A snapshot is made of what the table holds in this turn. Resolves when all that was noted before is on the disk. */
  mark(): Promise<void>;
  /** That snapshot is on the disk: from now on the file holds what was noted since. Never rejects. */
  cut(): Promise<void>;
  /** Writes what is left. Never rejects. */
  close(): Promise<void>;
};

/**
 * Reads the file, and begins it anew with what was read.
 * @param key 32 bytes
 * @param restore gets the records in their order
 * @param onLost the file was taken away: only a snapshot keeps what is known now
 */
export async function startJournal(options: {
  file: string;
  key: Buffer;
  restore: (records: readonly JournalRecord[]) => void;
  onLost: () => void;
  clock: Clock;
  emit: Emit;
}): Promise<Journal> {
  const { file, key, clock, emit } = options;
  let present: { handle: FileHandle; frames: Frames; records: number; bytes: number } | undefined;
  let pending = new Map<Digest, number>();
  /** What was noted since the mark. */
  let since: Map<Digest, number> | undefined;
  let cancelWrite: (() => void) | undefined;
  let cancelSync: (() => void) | undefined;
  /** Writes and renewals, one after another. */
  let chain = Promise.resolve();
  const inTurn = (work: () => Promise<void>): Promise<void> => (chain = chain.then(work));

  await renew(await load()).catch((error: unknown) => emit(journalUnwritten, { message: messageOf(error) }));

  async function load(): Promise<readonly JournalRecord[]> {
    try {
      if ((await stat(file)).size > MOST_BYTES) throw new Error('a journal larger than any of ours');
      const { records, torn } = readFrames(key, await readFile(file));
      options.restore(records);
      emit(journalRead, { entries: records.length, torn });
      return records;
    } catch (error) {
      if (!(error instanceof Error && 'code' in error && error.code === 'ENOENT')) emit(snapshotLost, { message: messageOf(error) });
      return [];
    }
  }

  /** A new file with `records` takes the place of the present one, or that stays. */
  async function renew(records: readonly JournalRecord[]): Promise<void> {
    const frames = createFrames(key);
    const bytes = Buffer.concat([frames.head, frames.next(records)]);
    const beside = `${file}.new`;
    const handle = await open(beside, 'w', 0o600);
    try {
      await handle.writeFile(bytes);
      await handle.sync();
      await rename(beside, file);
    } catch (error) {
      await handle.close().catch(() => {});
      await rm(beside, { force: true }).catch(() => {});
      throw error;
    }
    const former = present?.handle;
    present = { handle, frames, records: records.length, bytes: bytes.length };
    await former?.close().catch(() => {});
    await syncFolder();
  }

  /** A file without its name is no file after a crash. */
  async function syncFolder(): Promise<void> {
    const folder = await open(dirname(file), 'r');
    try {
      await folder.sync();
    } finally {
      await folder.close();
    }
  }

  async function lose(why: unknown): Promise<void> {
    if (present === undefined) return;
    const { handle } = present;
    present = undefined;
    pending = new Map();
    emit(journalUnwritten, { message: messageOf(why) });
    await rm(file, { force: true }).catch(() => {});
    await handle.close().catch(() => {});
    options.onLost();
  }

  async function write(): Promise<void> {
    if (present === undefined || pending.size === 0) return;
    const taken = [...pending];
    pending = new Map();
    const bytes = present.frames.next(taken);
    present.records += taken.length;
    present.bytes += bytes.length;
    try {
      if (present.records > MOST_RECORDS || present.bytes > MOST_BYTES) throw new Error('more was noted than a journal may hold');
      await present.handle.appendFile(bytes);
      cancelSync ??= clock.after(SYNC_MS, () => {
        cancelSync = undefined;
        void sync();
      });
    } catch (error) {
      await lose(error);
    }
  }

  /** Beside the writes: what comes while the disk works is written meanwhile. */
  async function sync(): Promise<void> {
    const synced = present;
    try {
      await synced?.handle.datasync();
    } catch (error) {
      // A file that was renewed meanwhile was synced by that.
      if (synced === present) await inTurn(() => lose(error));
    }
  }

  async function flush(): Promise<void> {
    cancelWrite?.();
    cancelWrite = undefined;
    await inTurn(write);
    cancelSync?.();
    cancelSync = undefined;
    await sync();
  }

  return {
    note(digest, seconds) {
      if (since !== undefined && since.size >= MOST_RECORDS) since = undefined;
      since?.set(digest, seconds);
      if (present === undefined) return;
      pending.set(digest, seconds);
      cancelWrite ??= clock.after(BATCH_MS, () => {
        cancelWrite = undefined;
        void inTurn(write);
      });
    },
    mark() {
      since = new Map();
      return flush();
    },
    cut() {
      return inTurn(async () => {
        if (since === undefined) return;
        const kept = [...since];
        since = undefined;
        // They are in `kept`, and what comes from here on is written to the new file.
        pending = new Map();
        try {
          await renew(kept);
        } catch (error) {
          emit(journalUnwritten, { message: messageOf(error) });
          // What it says the snapshot says better.
          if (present === undefined) await rm(file, { force: true }).catch(() => {});
          else for (const [digest, seconds] of kept) if (!pending.has(digest)) pending.set(digest, seconds);
          await write();
        }
      });
    },
    async close() {
      await flush();
      await inTurn(async () => void (await present?.handle.close().catch(() => {})));
      present = undefined;
    },
  };
}
