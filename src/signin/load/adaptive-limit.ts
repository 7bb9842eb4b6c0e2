/**
 * How much may run at once at a platform whose capacity nobody told us: found by latency, as TCP Vegas finds a link's.
 *
 * Below its capacity a platform's latency does not depend on how much runs; above, what is too much waits in its queue.
 * So the limit grows while the latency is near the best seen lately, and shrinks in proportion as it grows; the
 * allowance of the square root keeps some work in the queue, so that capacity that comes back is noticed.
 *
 * Invariants: between LEAST and MOST; it grows only while it is what holds work back; a limit is judged only by what
 * began under it, else it would swing by what an earlier one did; refusals say nothing about load (servers delay them on
 * purpose, Dovecot for 2 s), so a flood of wrong secrets does not shrink it; nor does a latency that comes from elsewhere:
 * where less at once only means less done, nothing waited there. What failures say is in `failing-share.ts`.
 */
import type { Clock } from '#events/clock.ts';
import { BACK_OFF, COLLAPSED, createFailingShare } from './failing-share.ts';

export type AdaptiveLimit = {
  readonly limit: number;
  /** A piece of work ended well. `running`: how many ran when it ended, itself included. */
  succeeded(milliseconds: number, running: number): void;
  /** A piece of work failed or timed out. */
  failed(milliseconds: number): void;
  /** The platform is back after an outage: what it can do now is to be found from below, step by step. */
  restart(): void;
};

/** What is known of a platform at first: at 100 ms a sign-in it makes 320 a second. */
const FIRST = 32;
/** A limit of one would let a single slow customer hold up all others. */
const LEAST = 4;
/** 2,560 sign-ins a second at 100 ms, far above any platform's login rate; also sockets, of which a process has 1,024 at least. */
const MOST = 256;

/** A window is judged by its median: with fewer samples chance would judge. */
const WINDOW_SAMPLES = 8;
/** And with a shorter one, a platform's hiccup of some milliseconds (a garbage collection, a disk's sync). */
const WINDOW_MS = 100;
/** Samples kept of a window; more change no median. */
const WINDOW_KEPT = 256;

/** The best of half a minute: longer, and a platform that became slower for good would be starved for as long. */
const BEST_MS = 30_000;
/** Medians of a well platform differ by less; with one and a half times its capacity under way it is always busy. */
const TOLERANCE = 1.5;
/** Nobody notices so much more at a platform that answers sooner, and a busy machine of ours adds as much. */
const SLACK_MS = 150;
/** A third less at once, judged by so many pieces of work, must not do a sixth less: the platform was idle for it. */
const TESTED_AT = 0.67;
const TESTED_BY = 48;
const COSTS = 0.85;
/** Then the latency is borne for so long, and so much more at once is tried: it is kept if it does a sixth more. */
const REACH = 1.5;
const GAINS = 1.15;
const BORNE_MS = 10_000;

export function createAdaptiveLimit(clock: Clock): AdaptiveLimit {
  const failures = createFailingShare(BEST_MS);
  let limit = FIRST;
  let best: { ms: number; at: number } | undefined;
  let samples: number[] = [];
  /** What began before it is not looked at. */
  let windowBegan = clock.monotonic();
  let mostRunning = 0;
  let failed = 0;
  /** The limit to go back to, while half of it shows the latency of a platform without a queue. */
  let probing: number | undefined;
  /** What was done in the last windows, latest first, TESTED_BY in all or somewhat more. */
  let done: { readonly times: number; readonly ms: number }[] = [];
  let times = 0;
  /** The limit from which it shrinks, and what was done a ms under it. */
  let shrinking: { readonly from: number; readonly rate: number; tested: boolean } | undefined;
  let borneUntil = -Infinity;
  /** The limit to go back to, and what was done a ms under it, while more is tried. `fresh`: nothing under it has ended yet. */
  let reaching: { readonly from: number; readonly rate: number; fresh: boolean } | undefined;

  function begin(now: number): void {
    done = [{ times, ms: now - windowBegan }, ...done];
    while (sum(done.slice(0, -1)).times >= TESTED_BY) done.pop();
    times = 0;
    samples = [];
    mostRunning = 0;
    failed = 0;
    windowBegan = now;
  }

  function setLimit(to: number): void {
    limit = Math.min(MOST, Math.max(LEAST, Math.floor(to)));
  }

  function endWindow(now: number): void {
    const ms = samples.toSorted((a, b) => a - b)[samples.length >> 1]!;
    const held = mostRunning >= limit / 2;
    const share = failed / (failed + samples.length);
    begin(now);
    if (probing !== undefined) {
      best = { ms, at: now };
      setLimit(probing);
      probing = undefined;
      return;
    }
    if (best === undefined || ms <= best.ms || (!held && now - best.at >= BEST_MS)) best = { ms, at: now };
    if (now - best.at >= BEST_MS) {
      // What is best now can be seen only without a queue of our making.
      probing = limit;
      setLimit(limit / 2);
      return;
    }
    const relieved = failures.limitFor(share, limit, now);
    if (relieved !== undefined) return setLimit(relieved);
    if (reaching !== undefined) return reach(now);
    const gradient = Math.max(BACK_OFF, Math.min(1, Math.max(TOLERANCE * best.ms, best.ms + SLACK_MS) / ms));
    const next = limit * gradient + Math.sqrt(limit);
    if (next >= limit) shrinking = undefined;
    if (next < limit ? mayShrink(now) : held) setLimit(shrinking === undefined ? next : Math.max(next, TESTED_AT * shrinking.from));
  }

  /** Whether the latency is of the platform's own queue, as far as is known. A shrinking limit stops where it is tested. */
  function mayShrink(now: number): boolean {
    if (now < borneUntil) return false;
    const lately = sum(done);
    const rate = lately.times < TESTED_BY ? undefined : lately.times / lately.ms;
    if (shrinking === undefined) {
      if (rate === undefined) return true;
      shrinking = { from: limit, rate, tested: false };
      return true;
    }
    if (!shrinking.tested) {
      if (limit > TESTED_AT * shrinking.from + 1) return true;
      shrinking.tested = true;
      done = [];
      return false;
    }
    if (rate === undefined) return false;
    const { from, rate: before } = shrinking;
    shrinking = undefined;
    if (rate >= COSTS * before) return true;
    // What was done before may be of a better time.
    tryMore(from, Math.min(before, (rate * from) / limit), now);
    return false;
  }

  function tryMore(from: number, rate: number, now: number): void {
    reaching = { from, rate, fresh: true };
    setLimit(from * REACH);
    borneUntil = now + BORNE_MS;
  }

  /** More at once is being tried, since less was less done. */
  function reach(now: number): void {
    const { from, rate, fresh } = reaching!;
    if (fresh) {
      reaching!.fresh = false;
      done = [];
      return;
    }
    const lately = sum(done);
    if (lately.times < TESTED_BY) return;
    reaching = undefined;
    if (lately.times / lately.ms >= GAINS * rate && limit < MOST) return tryMore(limit, lately.times / lately.ms, now);
    if (lately.times / lately.ms < GAINS * rate) setLimit(from);
  }

  return {
    get limit() {
      return limit;
    },
    succeeded(milliseconds, running) {
      const now = clock.monotonic();
      times += 1;
      if (now - milliseconds < windowBegan) return;
      if (samples.length < WINDOW_KEPT) samples.push(Math.max(milliseconds, 1));
      mostRunning = Math.max(mostRunning, running);
      if (samples.length >= WINDOW_SAMPLES && now - windowBegan >= WINDOW_MS) endWindow(now);
    },
    failed(milliseconds) {
      const now = clock.monotonic();
      if (now - milliseconds < windowBegan) return;
      failed += 1;
      // With failures alone no window would ever end.
      if (samples.length >= failed * (1 - COLLAPSED) || failed < WINDOW_SAMPLES || now - windowBegan < WINDOW_MS) return;
      begin(now);
      probing = undefined;
      setLimit(failures.limitFor(1, limit, now) ?? limit);
    },
    restart() {
      begin(clock.monotonic());
      limit = LEAST;
      best = undefined;
      probing = undefined;
      failures.restart();
      shrinking = undefined;
      reaching = undefined;
    },
  };
}

function sum(windows: readonly { readonly times: number; readonly ms: number }[]): { times: number; ms: number } {
  return windows.reduce((total, { times, ms }) => ({ times: total.times + times, ms: total.ms + ms }), { times: 0, ms: 0 });
}
