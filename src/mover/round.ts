/**
 * One round: a bounded piece of a move, as far as its state allows: queued → copying → following → hold → moved.
 *
 * Invariants: the row and the route are changed together, in the claim's transactions; a round that ends at any
 * instruction is taken up by the next one from what both platforms hold. A move that fails is settled on its source,
 * with its error kept, and waits for a person.
 */
import { sql } from 'kysely';
import { CausewayError } from '#errors/index.ts';
import type { Clock } from '#events/clock.ts';
import type { Emit } from '#events/index.ts';
import { readRoute } from '#directory/route/acknowledgements.ts';
import { setFollowing, settle, startCopying } from '#directory/route/phases.ts';
import type { ImapConnection } from '#imap/connection.ts';
import { isStoreUnavailable } from '#store/index.ts';
import type { Store } from '#store/index.ts';
import { abandonHome } from './abandon.ts';
import { openPlatform } from './access.ts';
import type { MoverPlatform } from './access.ts';
import type { Claim, MoveRow } from './claim.ts';
import { attemptFailed, moveFailed, moveState } from './events.ts';
import { backOffMs, finalFailure, judge } from './failure.ts';
import type { FailureClass, Standing } from './tables.ts';
import { carryFilters } from './filters.ts';
import { endIfOver, noteFollowed, noteNotFollowed } from './follow-back.ts';
import { endHold, tryHold } from './hold.ts';
import { seenKey } from './lives.ts';
import { endMerge, noteMerged } from './merge.ts';
import { survey } from './pairs.ts';
import { passMailbox } from './pass.ts';
import { putOffMs } from './put-off.ts';
import type { ReceiptKey } from './receipt.ts';
import { findUnchanged } from './standing.ts';
import { noteTotals } from './totals.ts';
import { turnBack } from './turn-back.ts';
import { subjectOf } from './visit.ts';
import type { Side, Visit } from './visit.ts';

export type RoundOptions = {
  readonly store: Store;
  readonly clock: Clock;
  readonly emit: Emit;
  readonly platforms: Readonly<Record<string, MoverPlatform>>;
  readonly receiptKey: ReceiptKey;
  /** False while the move's wave is paused: then nothing new is begun, neither a copying nor a hold. */
  readonly mayGoOn: (move: MoveRow) => Promise<boolean>;
  readonly commandMs: number;
  /** Once aborted a round ends soon; a hold that has begun is finished. */
  readonly stopping?: AbortSignal;
};

export type Next = 'done' | { readonly afterMs: number };

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
  let next: Next;
  try {
    next = await advance(claim, options, progress);
    await claim.release({ nextInMs: next === 'done' ? 0 : next.afterMs, unclean: progress.unclean });
    // What follows back waits in the table, where a rollback finds it, and not in the queue.
    return claim.row.back === 'following' || claim.row.back === 'merging' ? 'done' : next;
  } catch (error) {
    try {
      return await afterFailure(claim, options, error, progress);
    } catch {
      // The store is away. Nobody renews for us from here on; whoever comes first after our time goes on.
      await claim.release({ unclean: true }).catch(() => {});
      return { afterMs: STORE_AWAY_MS };
    }
  }
}

/** Restarts of PostgreSQL take less; the claim has to run out in any case. */
const STORE_AWAY_MS = 1_000;

type Progress = { made: boolean; unclean: boolean };

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
    additive: row.back === 'following' || row.back === 'merging',
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

/**
 * Brings row and route into a state in which work can begin.
 * @returns the account's address, and what each platform knows it by; undefined when the move may not begin now
 */
async function prepare(claim: Claim, options: RoundOptions): Promise<Names | undefined> {
  const { row } = claim;
  const mayBegin = row.state !== 'queued' || (await options.mayGoOn(row));
  if (!mayBegin) return undefined;
  return claim.transaction(async (tx, present) => {
    if (present.state === 'held' && present.epoch !== null) await endHold(tx, row.id, row.account_id, present.epoch);
    const route = await readRoute(tx, row.account_id);
    const expected = row.back === 'merging' ? row.target : row.source;
    if (route?.home !== expected) throw finalFailure('state', `the account lives at ${route?.home ?? 'no platform'}, not at ${expected}`);
    // The route knows nothing of what follows back, until a rollback is asked for.
    const back = row.back === 'asked' || row.back === 'without';
    const engage = back ? route.phase === 'settled' : row.back === null && present.state === 'queued';
    if (engage) {
      const started = await startCopying(tx, row.account_id);
      if (started === undefined) throw finalFailure('state', `the account is ${route.phase}: something else is being done with it`);
      if (present.state === 'following') await setFollowing(tx, row.account_id, started.epoch);
    }
    if (present.state === 'queued') {
      await turnBack(tx, row);
      await sql`update move set state = 'copying', started_at = clock_timestamp() where id = ${row.id}`.execute(tx.db());
      if (row.back === null || back) options.emit(moveState, { move: row.id, account: row.account_id, state: 'copying' });
    }
    const { rows } = await sql<Names>`
      select address, (select jsonb_object_agg(n.platform, n.login) from platform_login n where n.account_id = account.id) as "platformLogins"
      from account where id = ${row.account_id}
    `.execute(tx.db());
    return rows[0];
  });
}

type Names = { readonly address: string; readonly platformLogins: Record<string, string> | null };

function sideOf(name: string, { platforms }: RoundOptions, { address, platformLogins }: Names): Side {
  const platform = platforms[name];
  if (platform === undefined) throw finalFailure('sign-in', `the configuration has no platform "${name}"`);
  return { platform, login: platformLogins?.[name] ?? address };
}

async function connectBoth(claim: Claim, options: RoundOptions, names: Names): Promise<[ImapConnection, ImapConnection]> {
  const { source, target } = claim.row;
  const access = { clock: options.clock, commandMs: options.commandMs, signal: claim.signal, beforeWrite: claim.fence };
  const [atSource, atTarget] = await Promise.allSettled([source, target].map(async (name) => {
    const { platform, login } = sideOf(name, options, names);
    return openPlatform(platform, login, access);
  }));
  if (atSource?.status === 'fulfilled' && atTarget?.status === 'fulfilled') return [atSource.value, atTarget.value];
  for (const side of [atSource, atTarget]) if (side?.status === 'fulfilled') side.value.destroy();
  throw atSource?.status === 'rejected' ? atSource.reason : (atTarget as PromiseRejectedResult).reason;
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

async function seenAt(store: Store, { account_id: accountId, source }: MoveRow): Promise<Set<string>> {
  const { rows } = await sql<{ mailbox: string; uidvalidity: number }>`
    select mailbox, uidvalidity from uidvalidity_seen where account_id = ${accountId} and platform = ${source}`.execute(store.db());
  return new Set(rows.map(({ mailbox, uidvalidity }) => seenKey(mailbox, uidvalidity)));
}

async function leave(connection: ImapConnection, clean: boolean): Promise<void> {
  if (clean) await connection.logout();
  else connection.destroy();
}

async function afterFailure(claim: Claim, options: RoundOptions, error: unknown, progress: Progress): Promise<Next> {
  const { row } = claim;
  if (isLost(claim)) {
    await claim.release({ unclean: true });
    return 'done';
  }
  const judgement = judge(error);
  if (row.back === 'following' || row.back === 'merging') {
    options.emit(attemptFailed, { move: row.id, account: row.account_id, attempt: row.attempt + 1, message: judgement.message });
    await noteNotFollowed(claim, judgement, progress.unclean);
    return 'done';
  }
  const subject = { move: row.id, account: row.account_id };
  const attempt = progress.made ? 1 : row.attempt + (isStoreUnavailable(error) ? 0 : 1);
  if (judgement.kind === 'fail' || attempt >= judgement.attempts) {
    await fail(claim, judgement.failure, judgement.message);
    options.emit(moveFailed, { ...subject, failure: judgement.failure, message: judgement.message });
    await claim.release();
    return 'done';
  }
  options.emit(attemptFailed, { ...subject, attempt, message: judgement.message });
  await claim.transaction(async (tx) => {
    await sql`update move set attempt = ${attempt}, error = ${judgement.message} where id = ${row.id}`.execute(tx.db());
  });
  const afterMs = backOffMs(attempt);
  await claim.release({ nextInMs: afterMs, unclean: progress.unclean });
  return { afterMs };
}

/** Whether the move is another's now, or may be: then it is not ours to judge. */
function isLost(claim: Claim): boolean {
  try {
    claim.fence();
    return false;
  } catch (error) {
    return error instanceof CausewayError;
  }
}

/** The account stays on the source, and the error with the move. */
async function fail(claim: Claim, failure: FailureClass, message: string): Promise<void> {
  await claim.transaction(async (tx, { id, account_id: accountId, state, epoch }) => {
    if (state === 'held' && epoch !== null) await endHold(tx, id, accountId, epoch);
    const route = await readRoute(tx, accountId);
    if (route !== undefined && state !== 'queued') await settle(tx, accountId, route.epoch);
    await sql`update move set state = 'failed', owner = null, owner_until = null, failure = ${failure}, error = ${message},
      ended_at = clock_timestamp() where id = ${id}`.execute(tx.db());
  });
}
