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
import type { Tx } from '#store/index.ts';
import { abandonHome } from './back/abandon.ts';
import { afterFailure } from './after-failure.ts';
import type { Progress } from './after-failure.ts';
import { connectBoth, knownOf, prepare, sideOf, widen } from './begin-round.ts';
import { createBook } from './ledger/book.ts';
import type { Claim } from './claim.ts';
import { moveState } from './events.ts';
import { finalFailure } from './failure.ts';
import { carryFilters } from './hold/filters.ts';
import { endIfOver, isWholeDue, noteFollowed, WINDOW_DAYS } from './back/follow-back.ts';
import { tryHold } from './hold/hold.ts';
import { endMerge } from './back/merge.ts';
import { isSmall, passAll } from './copy/pass-all.ts';
import type { PassOfAll } from './copy/pass-all.ts';
import { part } from './part.ts';
import { putOffMs } from './hold/put-off.ts';
import { openRefusals } from './copy/refusals.ts';
import { isBeside } from './round-options.ts';
import type { Next, RoundOptions } from './round-options.ts';
import { createUnderWay } from './copy/under-way.ts';
import { subjectOf } from './visit.ts';
import type { Visit } from './visit.ts';
import { createWindow } from './copy/window.ts';

/** Then the move is given back, so that others get their turn; far below the queue's expiry of a job. */
const ROUND_MS = 20_000;
/** A paused wave is looked at again this often. */
const PAUSED_MS = 5_000;
/** Passes of a round that end before all is carried over, and not for want of time: a few are customers at work. */
const RESTLESS = 20;

/** Works on a claimed move, and gives it back. Never rejects: what goes wrong is kept with the move. */
export async function runRound(claim: Claim, options: RoundOptions): Promise<Next> {
  const progress = { made: false, unclean: false };
  const { throttle } = options;
  // What a dead home once asked for keeps nobody there.
  const platforms = claim.row.back === 'without' ? [claim.row.target] : [claim.row.source, claim.row.target];
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
  for (const name of [row.source, row.target]) options.throttle?.answered(name);
  const underWay = createUnderWay(claim, options.clock);
  const progressed = (): void => void (progress.made = true);
  const visit: Visit = {
    ...(await knownOf(options.store, row)),
    claim,
    move: row,
    address: names.address,
    epoch: names.epoch,
    source,
    target,
    sides: { source: sideOf(row.source, options, names), target: sideOf(row.target, options, names) },
    store: options.store,
    clock: options.clock,
    emit: options.emit,
    additive: isBeside(row),
    toHome: row.back === 'merging',
    absent: new Set(),
    refusals: await openRefusals(options.store, claim),
    windowDays: options.windowDays ?? WINDOW_DAYS,
    window: createWindow(),
    underWay,
    book: createBook(claim, options.clock, underWay, progressed),
    crowded: claim.crowded,
    widen: isBeside(row) ? undefined : () => widen(claim, options, names),
    spent: () => options.stopping?.aborted === true || options.clock.monotonic() - began > ROUND_MS,
    progressed,
  };
  let clean = false;
  try {
    const next = await work(visit, options);
    clean = true;
    return next;
  } finally {
    // A command may still be on its way at the target when its connection is left like this.
    if (!clean) progress.unclean = true;
    if (clean) await part([source, target]);
    else for (const connection of [source, target]) connection.destroy();
  }
}

async function work(visit: Visit, options: RoundOptions): Promise<Next> {
  let following = visit.move.state === 'following' || visit.move.state === 'held';
  let restless = 0;
  let former: PassOfAll | undefined;
  let whole = visit.move.back === 'following' && isWholeDue(visit.move, visit.clock.now());
  for (;;) {
    let begun = false;
    const begin = following || visit.additive ? undefined : async (tx: Tx) => {
      await beginFollowing(visit, tx);
      begun = true;
      return 'following' as const;
    };
    const pass = await passAll(visit, following, whole, begin);
    whole &&= !pass.complete;
    if (!pass.complete) {
      if (visit.spent()) return { afterMs: 0 };
      restless += 1;
      if (restless > RESTLESS) await visit.refusals.settle();
      if (restless > RESTLESS) throw finalFailure('mailbox', 'the target does not keep what is put into it, pass after pass');
      continue;
    }
    await visit.refusals.settle();
    if (visit.toHome) return endMerge(visit);
    if (visit.additive) {
      // A message that a customer moved to where the pass had been is not seen by it; the next one finds it there.
      if (pass.still) return { afterMs: await noteFollowed(visit, { ...pass, changes: former?.changes ?? 0 }) };
      if (former !== undefined) return { afterMs: await noteFollowed(visit, former) };
      former = pass;
      following = true;
      continue;
    }
    if (begun) {
      following = true;
      visit.progressed();
      visit.emit(moveState, { ...subjectOf(visit), state: 'following' });
    }
    if (!isSmall(pass)) {
      if (visit.spent()) return { afterMs: 0 };
      // Nobody waits for a further pass while a wave is paused: its round comes.
      if (!(await options.mayGoOn(visit.move))) return { afterMs: PAUSED_MS };
      continue;
    }
    if (visit.spent()) return { afterMs: 0 };
    const waitMs = await holdWait(visit, options);
    if (waitMs > 0) return { afterMs: waitMs };
    // Before anybody waits: what the target refuses is found here.
    await carryFilters(visit);
    const end = await tryHold(visit, options.receiptKey, pass.pairs);
    if (end.outcome === 'flipped') {
      visit.emit(moveState, { ...subjectOf(visit), state: 'moved' });
      return 'done';
    }
    if (end.outcome === 'failed') throw end.error;
    return { afterMs: putOffMs(visit.move.backed_out) };
  }
}

async function beginFollowing({ move, epoch }: Visit, tx: Tx): Promise<void> {
  if (await setFollowing(tx, move.account_id, epoch)) return;
  const route = await readRoute(tx, move.account_id);
  throw finalFailure('state', `the account is ${route?.phase ?? 'gone'} in the middle of its move`);
}

/** @returns ms until a hold may be tried; 0: now */
async function holdWait(visit: Visit, options: RoundOptions): Promise<number> {
  if (!(await options.mayGoOn(visit.move))) return PAUSED_MS;
  const { rows } = await sql<{ ms: number }>`
    select greatest(0, ceil(extract(epoch from hold_after - clock_timestamp()) * 1000))::int as ms
    from move where id = ${visit.move.id}`.execute(visit.store.db());
  return rows[0]?.ms ?? 0;
}
