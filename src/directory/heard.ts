/**
 * How far this instance has heard the store: told to the store, so that a change can say who acts by it, and kept over a
 * restart as the modification time of the mirror's file, so that an old secret's time runs on.
 *
 * Invariants: what it tells the store is true already, never what is about to be. Nobody waits for it; a store or a disk
 * that does not take it costs only that others wait longer to hear of it.
 */
import { statSync } from 'node:fs';
import { utimes } from 'node:fs/promises';
import type { Clock } from '#events/clock.ts';
import type { Store } from '#store/index.ts';
import { noteProgress } from './progress.ts';

/** Without changes: an instance that is cut off is seen within twice this. */
const BEAT_MS = 5_000;
/** Of 72 hours, one more does not matter. */
const TOUCH_MS = 3_600_000;

type Place = { readonly life: string; readonly xid: string };

export type Heard = {
  /** A change was applied: it is told at the next `read`. */
  changed(): void;
  /** All that transactions below `xid` committed has been applied. */
  read(place: Place): void;
  /** Nothing is left behind. */
  fresh(): void;
  /** The file was written without the store: its time stays that of the last word from there. */
  keep(): void;
  /** Ms since `fresh`, this process's or an earlier one's; 0 when nobody knows. */
  ago(): number;
  close(): Promise<void>;
};

export function createHeard({ store, instance, path, clock }: { store: Store; instance: string; path: string; clock: Clock }): Heard {
  let freshAt: number | undefined;
  let touchedAt: number | undefined;
  let toldAt = Number.NEGATIVE_INFINITY;
  let due = false;
  let latest: Place | undefined;
  let telling: Promise<void> | undefined;
  // Read before this life writes there.
  const earlier = modifiedAt(path);
  const began = clock.now();

  /** Again when a change was applied meanwhile: the next read may be seconds away. */
  const tell = async (): Promise<void> => {
    while (due && latest !== undefined) {
      due = false;
      toldAt = clock.monotonic();
      try {
        await noteProgress(store, instance, latest);
      } catch {
        break; // The next beat tells more.
      }
    }
    telling = undefined;
  };
  const touch = (at: number): void => void utimes(path, new Date(at), new Date(at)).catch(() => {});

  return {
    changed: () => void (due = true),
    read(place) {
      latest = place;
      if (clock.monotonic() - toldAt >= BEAT_MS) due = true;
      if (due) telling ??= tell();
    },
    fresh() {
      freshAt = clock.monotonic();
      if (touchedAt !== undefined && freshAt - touchedAt < TOUCH_MS) return;
      touchedAt = freshAt;
      touch(clock.now());
    },
    keep() {
      if (freshAt === undefined && earlier !== undefined) touch(earlier);
    },
    ago() {
      if (freshAt !== undefined) return clock.monotonic() - freshAt;
      return earlier === undefined ? 0 : Math.max(0, clock.now() - Math.min(earlier, began));
    },
    async close() {
      await telling;
    },
  };
}

function modifiedAt(path: string): number | undefined {
  try {
    return statSync(path).mtimeMs;
  } catch {
    return undefined;
  }
}
