/**
 * Watches the disk of the data folder, and tells when it is full and when there is room again.
 *
 * Nothing is done about a full disk here: sign-in and delivery go on from memory, the embedded PostgreSQL is started
 * again until it can write, holds are not acknowledged. But each of them sees only its own failure; this names the cause.
 */
import { statfs } from 'node:fs/promises';
import type { Clock } from '#events/clock.ts';
import { defineEvent, type Emit } from '#events/index.ts';

const full = defineEvent<{ folder: string; freeBytes: number; remedy: string }>('serve.disk-full', 'error', ['log', 'count']);
const hasRoom = defineEvent<{ folder: string; freeBytes: number }>('serve.disk-has-room', 'info');

const LOOK_MS = 1_000;
/** PostgreSQL takes its log in pieces of 16 MB: with less than this the next one, and a checkpoint, may not fit. */
const FULL_BYTES = 24 * 1024 * 1024;
/** Above this it has room again: some more, so that a disk at the edge is not told of each second. */
const ROOM_BYTES = 2 * FULL_BYTES;
/** While it is full it is said again this often: a log is read from its end. */
const AGAIN_MS = 60_000;

export function watchRoom(folder: string, clock: Clock, emit: Emit): { stop(): void } {
  const stopping = new AbortController();
  let toldAt: number | undefined;

  const look = async (): Promise<void> => {
    const { bavail, bsize } = await statfs(folder);
    const freeBytes = bavail * bsize;
    if (freeBytes < FULL_BYTES && (toldAt === undefined || clock.monotonic() - toldAt >= AGAIN_MS)) {
      toldAt = clock.monotonic();
      emit(full, { folder, freeBytes, remedy: 'Make room: customers are served, and nothing else can be written.' });
    } else if (freeBytes >= ROOM_BYTES && toldAt !== undefined) {
      toldAt = undefined;
      emit(hasRoom, { folder, freeBytes });
    }
  };

  void (async () => {
    while (!stopping.signal.aborted) {
      // A folder that cannot be asked is told of by those who use it.
      await look().catch(() => {});
      await clock.sleep(LOOK_MS, stopping.signal).catch(() => {});
    }
  })();
  return { stop: () => stopping.abort() };
}
