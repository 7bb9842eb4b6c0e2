/**
 * This instance's place on the store's list, over its lives.
 *
 * Invariant: whoever is not listed any more, or leaves, is off the list for good: only a new start brings it back.
 */
import { randomUUID } from 'node:crypto';
import type { Emit } from '#events/index.ts';
import type { Store } from '#store/index.ts';
import { notListed } from '../events.ts';
import { joinInstance, leaveInstance, listedBoot } from './instances.ts';

/** Earlier lives remembered: each start without the store adds one, and one too few costs only a new start. */
const LIVES = 20;

export type Listing = {
  /** The life of the instance that is on the store's list. */
  boot(): string;
  /** For the next start: the lives that may be the one on the list, this one last. */
  lives(): string[];
  /**
   * Puts this life on the list.
   * @param onAbsent none of our lives was on it. Before the commit, so that a start which breaks off here does not find a
   * listed instance and an old file
   */
  join(onAbsent: () => Promise<void>): Promise<void>;
  /** Reads whether it is listed still. */
  check(): Promise<void>;
  /** @param before is done before the commit, whose outcome may stay unknown @throws CausewayError('unavailable') when it stays listed */
  leave(before: () => Promise<void>): Promise<void>;
  /** It is not on the list any more, or about to leave it. */
  isOff(): boolean;
  /** Told when it was taken off. */
  onExpelled(hear: () => void): () => void;
};

/** @param earlier lives of before */
export function createListing({ store, instance, earlier, emit }: { store: Store; instance: string; earlier: readonly string[]; emit: Emit }): Listing {
  let boot: string = randomUUID();
  // Whichever of our own lives the store has on its list: a start may have been cut short before or after it joined.
  const mine = new Set([...earlier, boot]);
  const hearers = new Set<() => void>();
  let expelled = false;
  let leaving = false;

  const expel = (reason: string): void => {
    if (expelled || leaving) return;
    expelled = true;
    emit(notListed, { instance, reason });
    for (const hear of hearers) hear();
  };

  return {
    boot: () => boot,
    lives: () => [...mine].slice(-LIVES),
    join: (onAbsent) =>
      store.transaction(async (tx) => {
        const before = await joinInstance(tx, instance, boot);
        if (before === undefined || !mine.has(before)) await onAbsent();
      }),
    async check() {
      const listed = await listedBoot(store, instance);
      if (listed !== undefined && mine.has(listed)) boot = listed;
      else expel(listed === undefined ? 'taken off the list' : 'another process joined under this name');
    },
    async leave(before) {
      leaving = true;
      await store.transaction(async (tx) => {
        await leaveInstance(tx, instance, boot);
        await before();
      });
    },
    isOff: () => expelled || leaving,
    onExpelled(hear) {
      hearers.add(hear);
      return () => void hearers.delete(hear);
    },
  };
}
