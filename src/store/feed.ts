import { sql } from 'kysely';
import { messageOf } from '#errors/index.ts';
import { CHANGE_CHANNEL } from './change.ts';
import { feedFailed } from './events.ts';
import type { Store } from './open.ts';

/**
 * The feed of changes: every committed `recordChange` reaches `onChanges` at least once, in this process.
 *
 * Ids and times are no order to read by: a transaction that took its number early may commit late. So a change is
 * read only when its transaction number lies below the snapshot's xmin: every transaction below that has ended, and
 * none of them can appear any more. What lies above waits for its elders, a few milliseconds as a rule; a transaction
 * held open for seconds holds up every feed for as long.
 *
 * A server that crashed gives the numbers of transactions which it had rolled back, and never written down, a second
 * time: below a place that was read up to, changes may then still come. So a place holds for one life of the server.
 */
export type Change = { readonly topic: string; readonly key: number };

export type FeedOptions = {
  /** Only these topics; all when absent. */
  readonly topics?: readonly string[];
  /**
   * Called before the first changes, and again when the place in the feed was lost (the server was restarted, a day
   * without the store, another database behind the same address): read everything. Changes after this moment follow.
   */
  readonly onReset?: () => Promise<void>;
  /** Each key once, in the order of their commits' numbers. When it throws, the same changes come again. */
  readonly onChanges: (changes: readonly Change[]) => Promise<void>;
  /** After each read that left nothing behind: see `freshAt`. */
  readonly onFresh?: () => void;
  /** After each read: what transactions below `xid` committed has been handed to `onChanges`, or read after a reset. */
  readonly onRead?: (place: { readonly life: string; readonly xid: string }) => void;
};

export type Feed = {
  /**
   * Everything committed before this moment (monotonic ms) has been handed to `onChanges`; `undefined` before the
   * first successful read.
   */
  freshAt(): number | undefined;
  /** Ends the feed; waits for an `onChanges` under way. */
  stop(): Promise<void>;
};

/** Read this often without a wake: a NOTIFY may be lost with its connection. */
const IDLE_MS = 2_000;
/** While committed changes wait for older transactions: those last a few ms. It doubles, up to the second number. */
const PENDING_MS = 10;
const PENDING_LAST_MS = 160;
/** After a failure: the store is restarting, or `onChanges` met something that is. */
const FAILED_MS = 100;
/** One read: at 100 bytes each far below what a statement's time allows. */
const BATCH = 1_000;
/** Changes are kept for a day (see prune.ts); who was away for half of it starts anew. */
const LOST_MS = 12 * 3_600_000;

type Position = { readonly life: string; readonly xid: string; readonly id: number };

export function createFeed(store: Store, options: FeedOptions): Feed {
  const { clock, emit } = store;
  let position: Position | undefined;
  let succeeded = { monotonic: clock.monotonic(), now: clock.now() };
  let freshAt: number | undefined;
  const stopping = new AbortController();
  let woken = false;
  let sleeping: AbortController | undefined;

  const wake = (): void => {
    woken = true;
    sleeping?.abort();
  };
  const pause = async (ms: number): Promise<void> => {
    sleeping = new AbortController();
    await clock.sleep(ms, sleeping.signal).catch(() => {});
    sleeping = undefined;
  };

  /** Reads and hands on what can be read. @returns whether committed changes wait for older transactions */
  const read = async (): Promise<boolean> => {
    if (Math.max(clock.monotonic() - succeeded.monotonic, clock.now() - succeeded.now) > LOST_MS) position = undefined;
    for (;;) {
      const begun = clock.monotonic();
      if (position === undefined) {
        const start: Position = { ...(await currentPlace(store)), id: 0 };
        await options.onReset?.();
        position = start;
      }
      const { life, xmin, pending, rows } = await readChanges(store, position, options.topics);
      if (life !== position.life || BigInt(xmin) < BigInt(position.xid)) {
        position = undefined;
        continue;
      }
      if (rows.length > 0) await options.onChanges(distinct(rows));
      const last = rows.at(-1);
      const full = rows.length === BATCH && last !== undefined;
      position = full ? { life, xid: last.xid, id: last.id } : { life, xid: xmin, id: 0 };
      succeeded = { monotonic: clock.monotonic(), now: clock.now() };
      if (full) continue;
      options.onRead?.({ life, xid: xmin });
      if (!pending) {
        freshAt = begun;
        options.onFresh?.();
      }
      return pending;
    }
  };

  const run = async (): Promise<void> => {
    let pendingMs = PENDING_MS;
    let failures = 0;
    while (!stopping.signal.aborted) {
      woken = false;
      try {
        const pending = await read();
        failures = 0;
        pendingMs = pending ? Math.min(pendingMs * 2, PENDING_LAST_MS) : PENDING_MS / 2;
        if (!stopping.signal.aborted && !woken) await pause(pending ? pendingMs : IDLE_MS);
      } catch (error) {
        failures++;
        emit(feedFailed, { message: messageOf(error), failures });
        if (!stopping.signal.aborted) await pause(Math.min(FAILED_MS * 2 ** Math.min(failures - 1, 10), IDLE_MS));
      }
    }
  };

  const endListening = store.listen(CHANGE_CHANNEL, wake);
  const running = run();
  return {
    freshAt: () => freshAt,
    async stop() {
      stopping.abort();
      endListening();
      wake();
      await running;
    },
  };
}

/**
 * Names the server's life: its start, and the reset of its statistics, which crash recovery under a living postmaster
 * (one of its processes was killed) leaves as its only mark.
 */
export const LIFE = sql`concat(pg_postmaster_start_time(), ' ', (select stats_reset from pg_stat_bgwriter))`;

async function currentPlace(store: Store): Promise<{ life: string; xid: string }> {
  const { rows } = await sql<{ life: string; xid: string }>`
    select ${LIFE} as life, pg_snapshot_xmin(pg_current_snapshot())::text as xid`.execute(store.db());
  const [place] = rows;
  if (place === undefined) throw new Error('the feed read no row');
  return place;
}

type Row = Change & { readonly xid: string; readonly id: number };

async function readChanges(
  store: Store,
  from: Position,
  topics: readonly string[] | undefined,
): Promise<{ life: string; xmin: string; pending: boolean; rows: Row[] }> {
  // One statement has one snapshot, so xmin and the rows belong together.
  const { rows } = await sql<{ life: string; xmin: string; pending: boolean; rows: Row[] }>`
    with now as materialized (select pg_snapshot_xmin(pg_current_snapshot()) as xmin)
    select ${LIFE} as life, now.xmin::text as xmin,
      exists (select from change where change.xid >= now.xmin) as pending,
      array(
        select jsonb_build_object('xid', c.xid::text, 'id', c.id, 'topic', c.topic, 'key', c.key)
        from change c
        where (c.xid, c.id) > (${from.xid}::xid8, ${from.id}::bigint) and c.xid < now.xmin
          and (${topics ?? null}::text[] is null or c.topic = any(${topics ?? null}::text[]))
        order by c.xid, c.id
        limit ${BATCH}
      ) as rows
    from now`.execute(store.db());
  const [result] = rows;
  if (result === undefined) throw new Error('the feed read no row');
  return result;
}

function distinct(rows: readonly Row[]): Change[] {
  const changes = new Map(rows.map(({ topic, key }) => [`${key} ${topic}`, { topic, key }]));
  return [...changes.values()];
}
