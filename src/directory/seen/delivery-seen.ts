/**
 * How mail for an account fared on the last hop, for the desk to see.
 *
 * Invariants: nothing of a message is kept, only whether it was taken and, where not, the platform's words. No delivery
 * waits for it. A row that nothing was added to for KEPT is dropped.
 */
import { sql } from 'kysely';
import type { Clock } from '#events/clock.ts';
import type { Store } from '#store/index.ts';
import { dropOlder } from '#store/prune.ts';
import { saidLine } from './said.ts';
import { createTally, type Tallied } from './tally.ts';

/** `held`: it waited for the end of a hold, and went on. `deferred`: 4xx, so the sender's server comes again. `refused`: 5xx. */
export type DeliveryOutcome = 'delivered' | 'held' | 'deferred' | 'refused';

export type DeliverySeen = {
  readonly accountId: number;
  /** Empty where it came to none: the account was held. */
  readonly platform: string;
  readonly outcome: DeliveryOutcome;
  /** `452 4.2.2 Mailbox full`; empty where the platform took it. */
  readonly reason: string;
};

export type DeliveryNotes = { note(seen: DeliverySeen): void; close(): Promise<void> };

/** A sender that gave up five days ago is still asked about. */
const KEPT = '14 days';
const SHOWN = 50;
/** A busy account's deliveries are a write in ten minutes, */
const AGAIN_MS = 600_000;
/** and what is not taken, or is again, is known to the minute. */
const TROUBLED_AGAIN_MS = 60_000;
const LIMIT = 40_000;
const REASON_LENGTH = 160;

export function createDeliveryNotes(store: Store, clock: Clock): DeliveryNotes {
  const tally = createTally<DeliverySeen>({ write: (rows) => write(store, rows), sweep: () => dropOlder(store, 'delivery_seen', 'last_at', KEPT), againMs: AGAIN_MS, limit: LIMIT, clock });
  /** Accounts of which the last was not taken. */
  const troubled = new Set<number>();
  return {
    note({ accountId, platform, outcome, reason }) {
      const seen = { accountId, platform, outcome, reason: withoutIds(reason) };
      const key = `${accountId}\0${platform}\0${outcome}\0${seen.reason}`;
      tally.add(key, seen);
      if (outcome === 'delivered' || outcome === 'held') {
        if (troubled.delete(accountId)) tally.hurry(key);
        return;
      }
      tally.soon(key, { inMs: 0, everyMs: TROUBLED_AGAIN_MS });
      if (troubled.size < LIMIT) troubled.add(accountId);
    },
    close: tally.close,
  };
}

/** Servers put an id of their own into each answer, which would make each a row. */
function withoutIds(reason: string): string {
  return saidLine(reason, REASON_LENGTH * 2).replaceAll(/\b(?=\w*\d)(?=\w*[A-Za-z])[\w-]{8,}\b|\b\d{6,}\b/g, '*').slice(0, REASON_LENGTH);
}

async function write(store: Store, rows: readonly Tallied<DeliverySeen>[]): Promise<void> {
  const column = <K extends keyof DeliverySeen>(key: K): DeliverySeen[K][] => rows.map(({ what }) => what[key]);
  await sql`
    insert into delivery_seen as s (account_id, platform, outcome, reason, first_at, last_at, times)
    select n.* from unnest(${column('accountId')}::bigint[], ${column('platform')}::text[], ${column('outcome')}::text[], ${column('reason')}::text[],
      ${rows.map(({ firstAt }) => firstAt)}::timestamptz[], ${rows.map(({ lastAt }) => lastAt)}::timestamptz[], ${rows.map(({ times }) => times)}::bigint[])
      as n (account_id, platform, outcome, reason, first_at, last_at, times)
    join account a on a.id = n.account_id
    on conflict (account_id, platform, outcome, reason)
    do update set last_at = greatest(s.last_at, excluded.last_at), first_at = least(s.first_at, excluded.first_at), times = s.times + excluded.times
  `.execute(store.db());
}

/** The latest first. */
export async function listDeliveries(store: Store, accountId: number): Promise<(Omit<DeliverySeen, 'accountId'> & { firstAt: Date; lastAt: Date; times: number })[]> {
  const { rows } = await sql<Omit<DeliverySeen, 'accountId'> & { firstAt: Date; lastAt: Date; times: number }>`
    select platform, outcome, reason, first_at as "firstAt", last_at as "lastAt", times from delivery_seen
    where account_id = ${accountId} and last_at > now() - ${KEPT}::interval order by last_at desc limit ${SHOWN}
  `.execute(store.db());
  return rows;
}
