/**
 * News of accounts whose owners look at a page: one connection an account idles at its INBOX (RFC 2177), however many tabs
 * there are.
 *
 * Invariants: nobody is watched without a listener; a listener that goes is forgotten. In a hold the idling ends at once,
 * and goes on at the new home, of which every listener is told. News may be told that are none, never none that are: after
 * each gap all are told. Where a platform has no IDLE it is asked from time to time.
 */
import { type Clock, NEEDLESS } from '#events/clock.ts';
import type { Pass } from '#signin/pass.ts';
import { hasOpen } from './mail/at-box.ts';
import type { Pool } from './pool.ts';

export type Watch = {
  /** Calls `onNews` until `signal` is aborted. Returns false where the account has too many listeners. */
  listen(pass: Pass, signal: AbortSignal, onNews: () => void): boolean;
  close(): void;
};

/** Tabs and devices of one customer. */
const LISTENERS = 20;
/** RFC 2177: end it and begin anew within 29 minutes. */
const IDLE_MS = 25 * 60_000;
/** Without IDLE: what other webmails do. */
const LOOK_MS = 30_000;
/** After an outage: the page asks by itself, too. */
const AGAIN_MS = 5_000;
/** As platforms list it: whoever is given the connection next finds it open. */
const INBOX = { raw: 'INBOX' };
/** A delivery makes several lines, a client that tidies up hundreds. */
const GATHER_MS = 250;

type Watched = { readonly listeners: Map<() => void, Pass>; readonly over: AbortController };

export function createWatch({ pool, clock }: { pool: Pool; clock: Clock }): Watch {
  const accounts = new Map<number, Watched>();

  function tell(watched: Watched): void {
    for (const onNews of watched.listeners.keys()) onNews();
  }

  async function watch(id: number, watched: Watched): Promise<void> {
    const { over, listeners } = watched;
    let gathering = false;
    const onData = (): void => {
      if (gathering) return;
      gathering = true;
      clock.sleep(GATHER_MS, over.signal).then(
        () => {
          gathering = false;
          tell(watched);
        },
        () => {},
      );
    };
    for (let [pass] = listeners.values(); pass !== undefined && !over.signal.aborted; [pass] = listeners.values()) {
      try {
        await pool.useForLong(pass, over.signal, async (connection, quiet) => {
          if (!hasOpen(connection, INBOX)) await connection.examine(INBOX);
          tell(watched);
          const time = new AbortController();
          const end = AbortSignal.any([quiet, over.signal, time.signal]);
          if (connection.capabilities.has('IDLE')) {
            const inTime = clock.after(IDLE_MS, () => time.abort(NEEDLESS));
            await connection.idle(onData, end).finally(inTime);
          } else {
            await clock.sleep(LOOK_MS, end).catch(() => {});
          }
        });
      } catch {
        // The pass is over, or the home away: the page learns which when it next asks for something.
        await clock.sleep(AGAIN_MS, over.signal).catch(() => {});
      }
    }
    if (accounts.get(id) === watched) accounts.delete(id);
  }

  return {
    listen(pass, signal, onNews) {
      if (signal.aborted) return true;
      const known = accounts.get(pass.accountId);
      if (known !== undefined && known.listeners.size >= LISTENERS) return false;
      const watched = known ?? { listeners: new Map<() => void, Pass>(), over: new AbortController() };
      watched.listeners.set(onNews, pass);
      signal.addEventListener(
        'abort',
        () => {
          watched.listeners.delete(onNews);
          if (watched.listeners.size > 0) return;
          if (accounts.get(pass.accountId) === watched) accounts.delete(pass.accountId);
          watched.over.abort(NEEDLESS);
        },
        { once: true },
      );
      if (known === undefined) {
        accounts.set(pass.accountId, watched);
        void watch(pass.accountId, watched);
      }
      return true;
    },
    close() {
      for (const { over } of accounts.values()) over.abort(NEEDLESS);
      accounts.clear();
    },
  };
}
