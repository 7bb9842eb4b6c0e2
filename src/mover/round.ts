/**
 * One round: a bounded piece of a move, as far as its state allows: queued → copying → following → hold → moved.
 *
 * Invariants: the row and the route are changed together, in the claim's transactions; a round that ends at any
 * instruction is taken up by the next one from what both platforms hold. A move that fails is settled on its source,
 * with its error kept, and waits for a person.
 */
import { sql } from 'kysely';
import { readRoute } from '#directory/route/acknowledgements.ts';
import { setFollowing } from '#directory/route/phases.ts';
import type { ImapConnection } from '#imap/connection.ts';
import { abandonHome } from './abandon.ts';
import { afterFailure } from './after-failure.ts';
import type { Progress } from './after-failure.ts';
import { connectBoth, prepare, seenAt, sideOf } from './begin-round.ts';
import type { Claim } from './claim.ts';
import { moveState } from './events.ts';
import { finalFailure } from './failure.ts';
import { carryFilters } from './filters.ts';
import { endIfOver, noteFollowed } from './follow-back.ts';
import { tryHold } from './hold.ts';
import { endMerge, noteMerged } from './merge.ts';
import { survey } from './pairs.ts';
import { passMailbox } from './pass.ts';
import { putOffMs } from './put-off.ts';
import { isBeside } from './round-options.ts';
import type { Next, RoundOptions } from './round-options.ts';
import { findUnchanged } from './standing.ts';
import type { Standing } from './tables.ts';
import { noteTotals } from './totals.ts';
import { subjectOf } from './visit.ts';
import type { Visit } from './visit.ts';

/** Then the move is given back, so that others get their turn; far below the queue's expiry of a job. */
const ROUND_MS = 20_000;
/** A paused wave is looked at again this often. */
const PAUSED_MS = 5_000;
/**
 * Small enough for a hold: what the last pass carried over is still to be read back in it, and as much again may come.
 * At 1 MB/s and 100 messages/s, slow for a platform, both take about a second.
 */
const SMALL = { changes: 50, bytes: 512 * 1024 };
/** Passes of a round that end before all is carried over, and not for want of time: a few are customers at work. */
const RESTLESS = 20;
/** Works on a claimed move, and gives it back. Never rejects: what goes wrong is kept with the move. */
export async function runRound(claim: Claim, options: RoundOptions): Promise<Next> {
  const progress = { made: false, unclean: false };
  const { throttle } = options;
  const platforms = [claim.row.source, claim.row.target];
  const waitMs = throttle?.enter(platforms) ?? 0;
  if (waitMs > 0) {
    await claim.release({ nextInMs: waitMs });
    return isBeside(claim.row) ? 'done' : { afterMs: waitMs };
  }
  let next: Next;
  try {
    next = await advance(claim, options, progress);
    await claim.release({ nextInMs: next === 'done' ? 0 : next.afterMs, unclean: progress.unclean });
    // What follows back waits in the table, where a rollback finds it, and not in the queue.
    return isBeside(claim.row) ? 'done' : next;
  } catch (error) {
    try {
      return await afterFailure(claim, options, error, progress);
    } catch {
      // The store is away. Nobody renews for us from here on; whoever comes first after our time goes on.
      await claim.release({ unclean: true }).catch(() => {});
      return { afterMs: STORE_AWAY_MS };
    }
  } finally {
    throttle?.leave(platforms);
  }
}

/** Restarts of PostgreSQL take less; the claim has to run out in any case. */
const STORE_AWAY_MS = 1_000;

async function advance(claim: Claim, options: RoundOptions, progress: Progress): Promise<Next> {
  const began = options.clock.monotonic();
  if (claim.row.back === 'following' && (await endIfOver(claim))) return 'done';
  const names = await prepare(claim, options);
  if (names === undefined) return { afterMs: PAUSED_MS };
  const { row } = claim;
  if (row.back === 'without') return abandonHome(claim, options);
  const [source, target] = await connectBoth(claim, options, names);
  const visit: Visit = {
    claim,
    move: row,
    address: names.address,
    source,
    target,
    sides: { source: sideOf(row.source, options, names), target: sideOf(row.target, options, names) },
    store: options.store,
    clock: options.clock,
    emit: options.emit,
    seen: await seenAt(options.store, row),
    additive: isBeside(row),
    toHome: row.back === 'merging',
    absent: new Set(),
    spent: () => options.stopping?.aborted === true || options.clock.monotonic() - began > ROUND_MS,
    progressed: () => void (progress.made = true),
  };
  let clean = false;
  try {
    const next = await work(visit, options);
    clean = true;
    return next;
  } finally {
    // A command may still be on its way at the target when its connection is left like this.
    if (!clean) progress.unclean = true;
    await Promise.all([leave(source, clean), leave(target, clean)]);
  }
}

async function work(visit: Visit, options: RoundOptions): Promise<Next> {
  let following = visit.move.state === 'following' || visit.move.state === 'held';
  let restless = 0;
  for (;;) {
    const pass = await passAll(visit);
    if (!pass.complete) {
      if (visit.spent()) return { afterMs: 0 };
      restless += 1;
      if (restless > RESTLESS) throw finalFailure('mailbox', 'the target does not keep what is put into it, pass after pass');
      continue;
    }
    if (visit.toHome) return endMerge(visit);
    if (visit.additive) return { afterMs: await noteFollowed(visit, pass) };
    if (!following) {
      await beginFollowing(visit);
      following = true;
    }
    if (pass.changes > SMALL.changes || pass.changedBytes > SMALL.bytes) {
      if (visit.spent()) return { afterMs: 0 };
      continue;
    }
    if (visit.spent()) return { afterMs: 0 };
    const waitMs = await holdWait(visit, options);
    if (waitMs > 0) return { afterMs: waitMs };
    // Before anybody waits: what the target refuses is found here.
    await carryFilters(visit);
    const end = await tryHold(visit, options.receiptKey);
    if (end.outcome === 'flipped') {
      visit.emit(moveState, { ...subjectOf(visit), state: 'moved' });
      return 'done';
    }
    if (end.outcome === 'failed') throw end.error;
    return { afterMs: putOffMs(visit.move.backed_out) };
  }
}

type PassOfAll = { readonly complete: boolean; readonly changes: number; readonly changedBytes: number; readonly ms: number };

async function passAll(visit: Visit): Promise<PassOfAll> {
  const began = visit.clock.monotonic();
  const total = { messages: 0, bytes: 0, copiedMessages: 0, copiedBytes: 0, changes: 0, changedBytes: 0, carried: 0, carriedBytes: 0 };
  const pairs = await survey(visit);
  await noteTotals(visit, pairs);
  const unchanged = await findUnchanged(visit, pairs);
  const standings: { mailbox: string; standing: Standing }[] = [];
  let complete = true;
  for (const pair of pairs) {
    const known = unchanged.get(pair);
    if (known !== undefined) {
      for (const key of ['messages', 'copiedMessages'] as const) total[key] += known.messages;
      for (const key of ['bytes', 'copiedBytes'] as const) total[key] += known.bytes;
      continue;
    }
    const { standing, ...pass } = await passMailbox(visit, pair);
    for (const key of Object.keys(total) as (keyof typeof total)[]) total[key] += pass[key];
    complete &&= pass.complete;
    if (standing !== undefined) standings.push({ mailbox: pair.sourceMailbox, standing });
  }
  await visit.claim.transaction(async (tx) => {
    await sql`update move set messages = ${total.messages}, bytes = ${total.bytes},
        copied_messages = ${total.copiedMessages}, copied_bytes = ${total.copiedBytes}, attempt = 0, error = null
      where id = ${visit.move.id}`.execute(tx.db());
    if (visit.toHome) await noteMerged(tx, visit, total);
    if (standings.length === 0) return;
    await sql`update mailbox_pair set standing = new.standing
      from jsonb_to_recordset(${JSON.stringify(standings)}::jsonb) as new(mailbox text, standing jsonb)
      where move_id = ${visit.move.id} and source_mailbox = new.mailbox`.execute(tx.db());
  });
  return { complete, changes: total.changes, changedBytes: total.changedBytes, ms: visit.clock.monotonic() - began };
}

async function beginFollowing(visit: Visit): Promise<void> {
  const { move } = visit;
  await visit.claim.transaction(async (tx) => {
    const route = await readRoute(tx, move.account_id);
    if (route === undefined || !(await setFollowing(tx, move.account_id, route.epoch))) {
      throw finalFailure('state', `the account is ${route?.phase ?? 'gone'} in the middle of its move`);
    }
    await sql`update move set state = 'following' where id = ${move.id}`.execute(tx.db());
  });
  visit.progressed();
  visit.emit(moveState, { ...subjectOf(visit), state: 'following' });
}

/** @returns ms until a hold may be tried; 0: now */
async function holdWait(visit: Visit, options: RoundOptions): Promise<number> {
  if (!(await options.mayGoOn(visit.move))) return PAUSED_MS;
  const { rows } = await sql<{ ms: number }>`
    select greatest(0, ceil(extract(epoch from hold_after - clock_timestamp()) * 1000))::int as ms
    from move where id = ${visit.move.id}`.execute(visit.store.db());
  return rows[0]?.ms ?? 0;
}

async function leave(connection: ImapConnection, clean: boolean): Promise<void> {
  if (clean) await connection.logout();
  else connection.destroy();
}
