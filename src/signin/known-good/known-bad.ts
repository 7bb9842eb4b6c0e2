/**
 * Secrets that were rejected lately.
 *
 * Invariants: an entry never answers by itself. `final` ones (the authority was ours) spare the hash once the store has
 * confirmed the credential version that is part of the digest; the others spare our own hash for a minute, and the
 * authority is asked again all the same.
 */
import type { Clock } from '#events/clock.ts';
import { createBoundedMap } from '../load/bounded-map.ts';
import type { Digest } from './digest.ts';

/** Every one of 28,000 customers with three stale devices; about 15 MB when full. A flood that turns it over only
 * brings the hashing back. */
const ENTRIES = 100_000;

/** How long a platform's refusal spares the hash. */
const SPARE_MS = 60_000;

/** A secret rejected and then accepted within this time, with nothing changed through us, is counted as suspect. */
const SUSPECT_MS = 10 * 60_000;

export type KnownBad = {
  /**
   * A verdict `rejected` was given. `hash`: the encoded hash that it did not match, if there was one. `former`: whether it
   * is one of the account's secrets of before, where that was looked at.
   */
  rejected(digest: Digest, by: { final: boolean; hash: string | undefined; former: boolean | undefined }): void;
  /** What was found of it before: one of the account's secrets of before. */
  former(digest: Digest): boolean | undefined;
  /** Rejected before, by our own authority. */
  isFinal(digest: Digest): boolean;
  /** It did not match `hash` within the last minute. */
  mismatched(digest: Digest, hash: string): boolean;
  /** It was rejected within ten minutes: it most likely would be again. */
  lately(digest: Digest): boolean;
  /** The secret was accepted: forgets it, and tells whether it had been rejected within ten minutes. */
  accepted(digest: Digest): boolean;
};

export function createKnownBad(clock: Clock, limit: number = ENTRIES): KnownBad {
  const map = createBoundedMap<Digest, { at: number; final: boolean; hash: string | undefined; former: boolean | undefined }>(limit);
  return {
    rejected: (digest, by) => map.set(digest, { at: clock.monotonic(), final: by.final, hash: by.hash, former: by.former }),
    former: (digest) => map.peek(digest)?.former,
    isFinal: (digest) => map.get(digest)?.final ?? false,
    mismatched(digest, hash) {
      const entry = map.get(digest);
      return entry !== undefined && entry.hash === hash && clock.monotonic() - entry.at < SPARE_MS;
    },
    lately(digest) {
      const entry = map.peek(digest);
      return entry !== undefined && clock.monotonic() - entry.at < SUSPECT_MS;
    },
    accepted(digest) {
      const entry = map.peek(digest);
      if (entry === undefined) return false;
      map.delete(digest);
      return clock.monotonic() - entry.at < SUSPECT_MS;
    },
  };
}
