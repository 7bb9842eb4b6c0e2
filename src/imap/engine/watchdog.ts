/** Notices a server that has gone silent. Invariant: one timer at most, set again only when it has run out. */
import { type Clock, NEEDLESS } from '#events/clock.ts';

export type Watchdog = {
  /** Something moved: the time begins anew. */
  touch(): void;
  /** Watches while `watched()`. */
  start(): void;
  stop(): void;
};

export type WatchdogOptions = {
  readonly clock: Clock;
  /** Silence allowed. */
  readonly ms: number;
  /** Whether silence matters now. */
  watched(): boolean;
  /** Whether it is on us to go on, so that the server owes nothing. */
  ours(): boolean;
  onSilence(): void;
};

export function createWatchdog({ clock, ms, watched, ours, onSilence }: WatchdogOptions): Watchdog {
  const stopped = new AbortController();
  let running = false;
  let since = clock.monotonic();

  async function watch(): Promise<void> {
    while (watched() && !stopped.signal.aborted) {
      if (ours()) since = clock.monotonic();
      const left = since + ms - clock.monotonic();
      if (left <= 0) return onSilence();
      await clock.sleep(left, stopped.signal);
    }
  }

  return {
    touch() {
      since = clock.monotonic();
    },
    start() {
      if (running) return;
      running = true;
      watch()
        .catch(() => {}) // stopped
        .finally(() => {
          running = false;
        });
    },
    stop: () => stopped.abort(NEEDLESS),
  };
}
