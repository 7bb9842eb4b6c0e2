/**
 * How far large messages have come that are not carried over yet: for progress and its forecast, nothing is decided by it.
 *
 * Invariant: a message counts its size at most, and no longer once its row is written, which counts it whole.
 */
import { sql } from 'kysely';
import type { Claim } from '../claim.ts';
import type { Clock } from '#events/clock.ts';

export type UnderWay = {
  /** @param key of a message @param bytes more that came, of those that it takes to carry it over: twice its size with read-back */
  carried(key: string, bytes: number): void;
  /** @returns what is left for the row of the move, without these */
  ended(keys: Iterable<string>): number;
};

/** Progress is looked at once a second. */
const WRITE_MS = 1_000;

export const keyOf = ({ mailbox }: { readonly mailbox: string }, sourceUid: number): string => `${sourceUid} ${mailbox}`;

/** Of all lanes of a round together. */
export function createUnderWay({ row, transaction }: Pick<Claim, 'row' | 'transaction'>, clock: Pick<Clock, 'monotonic'>): UnderWay {
  const come = new Map<string, number>();
  const ways = row.read_back === 'none' ? 1 : 2;
  let last = clock.monotonic();
  let writing = false;
  const sum = (): number => Math.round([...come.values()].reduce((bytes, each) => bytes + each, 0) / ways);

  function write(): void {
    writing = true;
    last = clock.monotonic();
    // Who has lost the move, or the store, hears it from what matters.
    transaction((tx) => sql`update move set under_way_bytes = ${sum()} where id = ${row.id}`.execute(tx.db()))
      .catch(() => {})
      .finally(() => void (writing = false));
  }

  return {
    carried(key, bytes) {
      come.set(key, (come.get(key) ?? 0) + bytes);
      if (!writing && clock.monotonic() - last >= WRITE_MS) write();
    },
    ended(keys) {
      for (const key of keys) come.delete(key);
      return sum();
    },
  };
}
