/**
 * A restoration: how many customers a trouble left behind, and when nearly all of them are served again.
 *
 * Invariants: a customer counts once, for whatever reason: on the way back from a platform, mail missing that is still to be
 * merged, or refused as unavailable and not let in since. Who does not try again is never let in, so the end is when nineteen of
 * twenty of those at its height are served. A rise is a new height, and the forecast begins anew from it.
 */
import { sql } from 'kysely';
import type { Store } from '#store/index.ts';

export type Sample = { /** Epoch ms. */ readonly at: number; readonly customers: number };
export type Restoration = { readonly fromMs: number; readonly likelyMs: number; readonly toMs: number; readonly height: Sample };

const STILL_OUT = 0.05;
/** Less has not yet a rate. */
const LEAST_MS = 10_000;
/** Of a range whose two ways of reckoning agree: customers come as they like. */
const MARGIN = 0.2;

/**
 * From the height on: as fast on as it went, over all and of late, once in a line (moves, which go at a rate), once as
 * what halves in equal times (customers who try again).
 * @param samples of one spell, the oldest first @returns ms from the last sample; undefined while nothing tells
 */
export function restorationOf(samples: readonly Sample[]): Restoration | undefined {
  const now = samples.at(-1);
  if (now === undefined) return undefined;
  let top = 0;
  samples.forEach(({ customers }, at) => {
    if (customers >= samples[top]!.customers) top = at;
  });
  const height = samples[top]!;
  const goal = height.customers * STILL_OUT;
  if (now.customers <= goal) return { fromMs: 0, likelyMs: 0, toMs: 0, height };
  const middle = samples[top + Math.floor((samples.length - 1 - top) / 2)]!;
  const times = [height, middle].flatMap((since) => {
    const ms = now.at - since.at;
    if (ms < LEAST_MS || since.customers <= now.customers) return [];
    const line = ((now.customers - goal) / (since.customers - now.customers)) * ms;
    const halving = (Math.log(now.customers / goal) / Math.log(since.customers / now.customers)) * ms;
    return [line, halving];
  });
  if (times.length === 0) return undefined;
  const [soonest, latest] = [Math.min(...times), Math.max(...times)];
  return { fromMs: soonest * (1 - MARGIN), likelyMs: times.reduce((sum, ms) => sum + ms, 0) / times.length, toMs: latest * (1 + MARGIN), height };
}

/** Customers who are behind now. Those who were refused are looked for only when an incident was open within an hour: it reads many rows. */
export async function customersBehind(store: Store): Promise<number> {
  const { rows } = await sql<{ n: number }>`
    select count(*)::int as n from (
      select account_id from move where back in ('asked', 'without') and state in ('queued', 'copying', 'following', 'held')
      union select account_id from loss where merged_at is null and given_up_at is null
      union select w.account_id from sign_in_seen w
        where (select exists (select from incident i where coalesce(i.ended_at, now()) > now() - interval '1 hour'))
          and w.outcome = 'waiting' and w.last_at > now() - interval '2 days'
          and not exists (select from sign_in_seen a where a.account_id = w.account_id and a.outcome in ('accepted', 'code-asked') and a.last_at >= w.last_at)
    ) behind`.execute(store.db());
  return rows[0]!.n;
}
