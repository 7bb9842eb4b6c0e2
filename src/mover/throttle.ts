/**
 * How many moves of this process may be at work at a platform, by what the platform says.
 *
 * Invariants: a platform that asks to slow down has half as many moves at once from then on, never fewer than one, and
 * none before the time that it named, or that doubles each time where it named none. Each minute without such a word one
 * more is let in. Being asked to slow down is no failure: no move fails by it, however often.
 */
import type { PlatformConfig } from '#config/index.ts';
import { CausewayError } from '#errors/index.ts';
import type { Clock } from '#events/clock.ts';
import { refusalOf } from '#imap/refusal.ts';

export type Throttle = {
  /** @returns 0 when the move may begin, and then `leave` is owed; else ms after which it is worth asking again */
  enter(platforms: readonly string[]): number;
  leave(platforms: readonly string[]): void;
  /** @param namedMs how long the platform said to wait */
  slow(platform: string, namedMs: number | undefined): void;
};

/** Somebody else's round ends within 20 s, mostly within one. */
const FULL_MS = 500;
const RAISE_MS = 60_000;
const FIRST_PAUSE_MS = 1_000;
const LONGEST_PAUSE_MS = 60_000;
/** Office 365 names five minutes; a platform that names days is in trouble, and is asked again after this. */
export const LONGEST_NAMED_MS = 60 * 60_000;

type State = { limit: number; running: number; pausedUntil: number; pauseMs: number; raisedAt: number };

/** @param most moves at once that a process takes anyway */
export function createThrottle(clock: Clock, most: number): Throttle {
  const states = new Map<string, State>();
  const stateOf = (platform: string): State => {
    const known = states.get(platform);
    if (known !== undefined) return known;
    const state = { limit: most, running: 0, pausedUntil: 0, pauseMs: FIRST_PAUSE_MS, raisedAt: clock.monotonic() };
    states.set(platform, state);
    return state;
  };
  return {
    enter(platforms) {
      const now = clock.monotonic();
      const all = platforms.map(stateOf);
      for (const state of all) {
        if (now < state.pausedUntil) return Math.ceil(state.pausedUntil - now);
        const minutes = Math.floor((now - Math.max(state.raisedAt, state.pausedUntil)) / RAISE_MS);
        if (minutes > 0) {
          state.limit = Math.min(most, state.limit + minutes);
          state.raisedAt = now;
          state.pauseMs = FIRST_PAUSE_MS;
        }
        if (state.running >= state.limit) return FULL_MS;
      }
      for (const state of all) state.running += 1;
      return 0;
    },
    leave(platforms) {
      for (const platform of platforms) stateOf(platform).running -= 1;
    },
    slow(platform, namedMs) {
      const now = clock.monotonic();
      const state = stateOf(platform);
      // Several moves are told at once; that is one word.
      if (now >= state.pausedUntil) {
        state.limit = Math.max(1, Math.floor(Math.min(state.limit, Math.max(state.running, 1)) / 2));
        if (namedMs === undefined) state.pausedUntil = now + state.pauseMs;
        state.pauseMs = Math.min(LONGEST_PAUSE_MS, 2 * state.pauseMs);
      }
      if (namedMs !== undefined) state.pausedUntil = Math.max(state.pausedUntil, now + Math.min(namedMs, LONGEST_NAMED_MS));
      state.raisedAt = now;
    },
  };
}

/** Response codes with which a platform asks for fewer or slower commands: Gmail's and Yahoo's. */
const CODES = new Set(['THROTTLED', 'LIMIT']);
/** Office 365, with BAD and no code: "Request is throttled. Suggested Backoff Time: 299961 milliseconds". */
const WORDS = /throttled|suggested backoff time|rate limit|too many requests/i;
const NAMED = /suggested backoff time: *(\d{1,12}) *milliseconds/i;
/** Errors within errors. */
const DEPTH = 8;

export type Slowing = { readonly namedMs: number | undefined; /** `host:port`, where it is known. */ readonly place: string | undefined };

/** @returns undefined when the error is something else */
export function slowingOf(error: unknown): Slowing | undefined {
  let cause = error;
  for (let depth = 0; depth < DEPTH && cause instanceof Error; depth += 1, cause = cause.cause) {
    const answer = refusalOf(cause);
    if (answer === undefined || !(CODES.has(answer.code?.name ?? '') || WORDS.test(answer.text))) continue;
    const named = NAMED.exec(answer.text)?.[1];
    return { namedMs: named === undefined ? undefined : Number(named), place: cause instanceof CausewayError ? cause.place : undefined };
  }
  return undefined;
}

/** Whether an error's place is one of the platform's ways in. Without a place it may be any. */
export function isAt(place: string | undefined, { imap, entrances }: Pick<PlatformConfig, 'imap' | 'entrances'>): boolean {
  if (place === undefined) return true;
  const ports = [imap.port, ...entrances.flatMap((entrance) => ('port' in entrance && entrance.port !== undefined ? [entrance.port] : []))];
  return ports.some((port) => place === `${imap.host}:${port}`);
}
