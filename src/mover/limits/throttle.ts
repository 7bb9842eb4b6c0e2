/**
 * How many moves of this process may be at work at a platform, by what the platform says.
 *
 * Invariants: a platform that asks to slow down has half as many moves at once from then on, never fewer than one, and
 * none before the time that it named, or that doubles each time where it named none. Each minute without such a word one
 * more is let in. A platform that does not answer is tried by one at a time, so that it does not keep the others'. One
 * that answers slower and slower has half as many, too, but never fewer than a quarter, and no pause: it did not ask for
 * it. An account that has as many connections as it may have gets no more of ours, and no other is concerned. Being asked
 * to slow down is no failure: no move fails by it, however often.
 */
import type { PlatformConfig } from '#config/index.ts';
import { CausewayError } from '#errors/index.ts';
import type { Clock } from '#events/clock.ts';
import { refusalsIn } from '#imap/refusal.ts';
import type { Refusal } from '#imap/refusal.ts';
import { createLatency } from './latency.ts';
import type { Latency } from './latency.ts';

export type Throttle = {
  /** @returns 0 when the move may begin, and then `leave` is owed; else ms after which it is worth asking again */
  enter(platforms: readonly string[]): number;
  leave(platforms: readonly string[]): void;
  /** @param namedMs how long the platform said to wait */
  slow(platform: string, namedMs: number | undefined): void;
  /** It did not answer, or it did. One that twice in a row did not is asked by one move at a time, and not at once. */
  unanswered(platform: string): void;
  answered(platform: string): void;
  /** How long signing in took: each time the same question. @returns whether the platform has grown slow by it */
  took(platform: string, ms: number): boolean;
  /** Whether a move may have more connections than it needs: nowhere within the last minute were there too many. */
  mayWiden(platforms: readonly string[], account: number): boolean;
  /** One of these did not let in a connection more. */
  keepNarrow(platforms: readonly string[]): void;
  /** The account has no room for a connection more: it and no other. */
  crowded(account: number): void;
};

/** Somebody else's round ends within 20 s, mostly within one. */
const FULL_MS = 500;
const RAISE_MS = 60_000;
const FIRST_PAUSE_MS = 1_000;
const LONGEST_PAUSE_MS = 60_000;
/** Office 365 names five minutes; a platform that names days is in trouble, and is asked again after this. */
export const LONGEST_NAMED_MS = 60 * 60_000;

/** Once is a connection that was lost. */
const SILENT_TIMES = 2;
/** A platform that swallows packets costs whoever tries it 5 s: all the others' moves keep the rest of the time. */
const SILENT_MS = 10_000;

/** For what a customer's clients hold open; they come and go within minutes. */
export const CROWDED_MS = 10 * 60_000;
/** Beyond it the oldest is forgotten: it asks again, and is told again. */
const CROWDED_MOST = 10_000;

type State = { latency: Latency; silent: number; silentUntil: number; narrowUntil: number; limit: number; running: number; pausedUntil: number; pauseMs: number; raisedAt: number };

/** @param most moves at once that a process takes anyway */
export function createThrottle(clock: Clock, most: number): Throttle {
  const states = new Map<string, State>();
  /** Until when, by account. */
  const crowded = new Map<number, number>();
  const stateOf = (platform: string): State => {
    const known = states.get(platform);
    if (known !== undefined) return known;
    const state = { latency: createLatency(clock), silent: 0, silentUntil: 0, narrowUntil: 0, limit: most, running: 0, pausedUntil: 0, pauseMs: FIRST_PAUSE_MS, raisedAt: clock.monotonic() };
    states.set(platform, state);
    return state;
  };
  return {
    enter(platforms) {
      const now = clock.monotonic();
      const all = platforms.map(stateOf);
      for (const state of all) {
        if (now < state.pausedUntil) return Math.ceil(state.pausedUntil - now);
        if (state.silent >= SILENT_TIMES && (state.running > 0 || now < state.silentUntil)) return SILENT_MS;
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
    unanswered(platform) {
      const state = stateOf(platform);
      state.silent += 1;
      state.silentUntil = clock.monotonic() + SILENT_MS;
    },
    answered(platform) {
      stateOf(platform).silent = 0;
    },
    took(platform, ms) {
      const state = stateOf(platform);
      if (!state.latency.note(ms)) return false;
      state.limit = Math.max(Math.min(state.limit, Math.ceil(most / 4)), Math.floor(state.limit / 2), 1);
      state.raisedAt = clock.monotonic();
      return true;
    },
    mayWiden(platforms, account) {
      const now = clock.monotonic();
      if ((crowded.get(account) ?? 0) > now) return false;
      return platforms.map(stateOf).every(({ limit, pausedUntil, narrowUntil }) => limit === most && now >= pausedUntil && now >= narrowUntil);
    },
    keepNarrow(platforms) {
      for (const platform of platforms) stateOf(platform).narrowUntil = clock.monotonic() + RAISE_MS;
    },
    crowded(account) {
      crowded.delete(account);
      const [oldest] = crowded.keys();
      if (oldest !== undefined && crowded.size >= CROWDED_MOST) crowded.delete(oldest);
      crowded.set(account, clock.monotonic() + CROWDED_MS);
    },
  };
}

/** Response codes with which a platform asks for fewer or slower commands: Gmail's and Yahoo's. */
const CODES = new Set(['THROTTLED', 'LIMIT']);
/** Office 365, with BAD and no code: "Request is throttled. Suggested Backoff Time: 299961 milliseconds". */
const WORDS = /throttled|suggested backoff time|rate limit|too many requests/i;
const NAMED = /suggested backoff time: *(\d{1,12}) *milliseconds/i;

export function asksToSlowDown({ code, text }: Refusal): boolean {
  return CODES.has(code?.name ?? '') || WORDS.test(text);
}

export type Slowing = { readonly namedMs: number | undefined; /** `host:port`, where it is known. */ readonly place: string | undefined };

/** @returns undefined when the error is something else */
export function slowingOf(error: unknown): Slowing | undefined {
  for (const { error: cause, answer } of refusalsIn(error)) {
    if (!asksToSlowDown(answer)) continue;
    const named = NAMED.exec(answer.text)?.[1];
    return { namedMs: named === undefined ? undefined : Number(named), place: cause instanceof CausewayError ? cause.place : undefined };
  }
  return undefined;
}

/** The place, `host:port`, that did not answer at all, when that is what an error tells of. */
export function unansweredAt(error: unknown): string | undefined {
  if ([...refusalsIn(error)].length > 0) return undefined;
  for (let cause = error; cause instanceof CausewayError; cause = cause.cause) {
    if (cause.code === 'unavailable' && cause.place !== undefined) return cause.place;
  }
  return undefined;
}

/** Whether an error's place is one of the platform's ways in. Without a place it may be any. */
export function isAt(place: string | undefined, { imap, entrances }: Pick<PlatformConfig, 'imap' | 'entrances'>): boolean {
  if (place === undefined) return true;
  const ports = [imap.port, ...entrances.flatMap((entrance) => ('port' in entrance && entrance.port !== undefined ? [entrance.port] : []))];
  return ports.some((port) => place === `${imap.host}:${port}`);
}
