/**
 * The hold: the moment in which an account's sign-ins and deliveries wait while the last difference is carried over
 * and proven. It ends in a flip or a back-out.
 *
 * Invariants: nothing is read for the last difference before every listed instance has cut; both sides are selected
 * anew then, so that the source shows all that the ended sessions did. The receipt, the end of the move and the flip
 * are one transaction, and the flip is a compare-and-set; anything else that happens is a back-out, which is the same
 * compare-and-set, so both cannot happen. When the commit's outcome is unknown, nothing more is written to the target.
 */
import { sql } from 'kysely';
import { CausewayError, messageOf } from '#errors/index.ts';
import type { Tx } from '#store/index.ts';
import { holdState, readRoute } from '#directory/route/acknowledgements.ts';
import { askCut, backOut, beginHold, flip } from '#directory/route/phases.ts';
import { SILENT_MS } from '#directory/route/route.ts';
import { holdEnded } from './events.ts';
import { judge } from './failure.ts';
import { carryFilters } from './filters.ts';
import type { FilterProof } from './filters.ts';
import { followBack } from './follow-back.ts';
import { survey } from './pairs.ts';
import { passMailbox } from './pass.ts';
import type { ReceiptBody, ReceiptKey } from './receipt.ts';
import { listUidls, matchUidls, saveKept } from './uidls.ts';
import type { KeptUidls } from './uidls.ts';
import { subjectOf } from './visit.ts';
import type { Visit } from './visit.ts';
import { verifyMailboxes } from './verify.ts';
import type { Proof } from './verify.ts';

export type HoldEnd =
  | { readonly outcome: 'flipped' }
  /** Customers are at work, or an instance does not answer: try later. */
  | { readonly outcome: 'put-off' }
  /** Something failed; the move is judged by it. */
  | { readonly outcome: 'failed'; readonly error: unknown };

/** The mover gives up by itself before the store's deadline of 8 s, so that a slow platform does not use all of it. */
const GIVE_UP_MS = 7_000;
/** Often at first, since answers mostly come within some 20 ms; then rarer, since somebody is at work for up to 2 s. */
const POLL_MS = 15;
const LATE_POLL_MS = 50;
const LATE_AFTER_MS = 300;

/** Why a hold was given up without anything having failed. */
const putOff = new WeakMap<Error, 'busy' | 'silent' | 'late' | 'expired'>();

function giveUp(why: 'busy' | 'silent' | 'late' | 'expired', message: string): CausewayError {
  const error = new CausewayError('conflict', message, { retryable: true });
  putOff.set(error, why);
  return error;
}

/** @returns once the hold has ended; it always does, by the store's deadline if by nothing else */
export async function tryHold(following: Visit, key: ReceiptKey): Promise<HoldEnd> {
  const { clock } = following;
  const began = clock.monotonic();
  const elapsed = (): number => Math.round(clock.monotonic() - began);
  const visit: Visit = { ...following, spent: () => elapsed() > GIVE_UP_MS };
  const epoch = await begin(visit);
  if (epoch === undefined) return { outcome: 'put-off' };
  const deadline = deadlineOf(visit);
  const work = carryOver(visit, key, epoch, deadline.disarm);
  try {
    await Promise.race([work, deadline.passed]);
  } catch (error) {
    const why = error instanceof Error ? putOff.get(error) : undefined;
    // At once: customers wait. What still runs has no connection, and no hold that it could end by a flip.
    await visit.claim.transaction((tx) => endHold(tx, visit.move.id, visit.move.account_id, epoch));
    const outcome = why ?? (judge(error).failure === 'mismatch' ? 'mismatch' : 'lost');
    visit.emit(holdEnded, { ...subjectOf(visit), outcome, ms: elapsed(), message: messageOf(error) });
    return why === undefined ? { outcome: 'failed', error } : { outcome: 'put-off' };
  } finally {
    deadline.disarm();
    await work.catch(() => {});
  }
  const ms = elapsed();
  visit.emit(holdEnded, { ...subjectOf(visit), outcome: 'flipped', ms });
  // The row has the time up to the commit; the commit itself is added when the store allows.
  await sql`update move set hold_ms = ${ms} where id = ${visit.move.id}`.execute(visit.store.db()).catch(() => {});
  return { outcome: 'flipped' };
}

/** `passed` rejects when the mover's own deadline passes, after whatever waits for a platform was ended. */
function deadlineOf(visit: Visit): { readonly passed: Promise<never>; disarm(): void } {
  const timer = new AbortController();
  const { promise, reject } = Promise.withResolvers<never>();
  promise.catch(() => {});
  visit.clock.sleep(GIVE_UP_MS, timer.signal).then(
    () => {
      visit.source.destroy();
      visit.target.destroy();
      reject(giveUp('late', `the hold was not done within ${GIVE_UP_MS} ms`));
    },
    () => {}, // it was done in time
  );
  return { passed: promise, disarm: () => timer.abort() };
}

/**
 * Ends a hold without a flip, in the move's row and in the route. Also for a hold that a former owner left, and for one
 * that another process has backed out already.
 */
export async function endHold(tx: Tx, moveId: number, accountId: number, epoch: number): Promise<void> {
  await backOut(tx, accountId, epoch);
  await sql`update move set state = 'following', epoch = null, held_at = null, backed_out = backed_out + 1
    where id = ${moveId} and state = 'held'`.execute(tx.db());
}

/** What the rounds of a hold need. */
export type Holding = Pick<Visit, 'claim' | 'move' | 'store' | 'clock'>;

/** @returns the hold's epoch; undefined when the route does not allow it now */
export function begin(visit: Holding): Promise<number | undefined> {
  const { account_id: accountId, id } = visit.move;
  return visit.claim.transaction(async (tx) => {
    const route = await readRoute(tx, accountId);
    if (route === undefined || route.home !== visit.move.source) return undefined;
    const epoch = await beginHold(tx, accountId, route.epoch);
    if (epoch === undefined) return undefined;
    await sql`update move set state = 'held', epoch = ${epoch}, held_at = clock_timestamp() where id = ${id}`.execute(tx.db());
    return epoch;
  });
}

/** Both rounds: no session or delivery of the account reaches its home any more. @throws CausewayError `conflict` when somebody is busy or silent */
export async function cutAll(visit: Holding, epoch: number): Promise<void> {
  await answers(visit, epoch, 'freeze');
  if (!(await visit.claim.transaction((tx) => askCut(tx, visit.move.account_id, epoch)))) throw giveUp('expired', 'the hold ended before the cut');
  await answers(visit, epoch, 'cut');
}

async function carryOver(visit: Visit, key: ReceiptKey, epoch: number, disarm: () => void): Promise<void> {
  await cutAll(visit, epoch);

  const pairs = await survey(visit);
  for (const pair of pairs) {
    const { complete } = await passMailbox(visit, pair);
    // Copies of this pass are read back by the verification.
    if (!complete && visit.spent()) throw giveUp('late', 'the last difference was too large for a hold');
  }
  // The platforms' POP3 and ManageSieve beside the verification by IMAP.
  const [lists, filters, proofs] = await Promise.all([listUidls(visit), carryFilters(visit), verifyMailboxes(visit, pairs)]);
  const uidls = lists && (await matchUidls(visit, pairs, lists));
  // The store has deadlines of its own from here on: a commit is not abandoned half-way.
  disarm();
  await commit(visit, key, epoch, { proofs, uidls, filters });
}

/** Waits until every listed instance has given the answer that the round is for. */
async function answers(visit: Holding, epoch: number, stage: 'freeze' | 'cut'): Promise<void> {
  const began = visit.clock.monotonic();
  for (;;) {
    const state = await holdState(visit.store, visit.move.account_id, epoch);
    const waited = visit.clock.monotonic() - began;
    if (state === undefined || state.stage !== stage || state.deadlinePassed) throw giveUp('expired', 'the hold was ended by its deadline');
    if (state.busy > 0) throw giveUp('busy', 'a session or a delivery of the account is busy');
    if (state.quiet === state.listed) return;
    if (state.silent || waited > SILENT_MS) throw giveUp('silent', `no answer from ${state.missing.join(', ')}`);
    await visit.clock.sleep(waited < LATE_AFTER_MS ? POLL_MS : LATE_POLL_MS, visit.claim.signal);
  }
}

/** What was proven in the hold. */
type Proven = { readonly proofs: readonly Proof[]; readonly uidls: KeptUidls | undefined; readonly filters: readonly FilterProof[] | undefined };

async function commit(visit: Visit, key: ReceiptKey, epoch: number, { proofs, uidls, filters }: Proven): Promise<void> {
  const { move } = visit;
  const count = proofs.reduce((sum, { source }) => sum + source.count, 0);
  const bytes = proofs.reduce((sum, { source }) => sum + source.bytes, 0);
  await visit.claim.transaction(async (tx) => {
    const { rows } = await sql<{ time: Date }>`select clock_timestamp() as time`.execute(tx.db());
    const body: ReceiptBody = {
      version: 1,
      account: { id: move.account_id, address: visit.address },
      source: move.source,
      target: move.target,
      epoch,
      time: rows[0]!.time.toISOString(),
      mailboxes: proofs,
      readBack: move.read_back,
      ...(uidls === undefined ? {} : { uidls: uidls.proof }),
      ...(filters === undefined ? {} : { filters }),
      unfenced: true,
      refused: [],
    };
    const signed = key.sign(body);
    await sql`insert into receipt (account_id, move_id, body, signature, key_id)
      values (${move.account_id}, ${move.id}, ${signed.body}, ${signed.signature}, ${signed.keyId})`.execute(tx.db());
    await sql`update move set state = 'moved', owner = null, owner_until = null, error = null, failure = null,
        messages = ${count}, bytes = ${bytes}, copied_messages = ${count}, copied_bytes = ${bytes},
        ended_at = clock_timestamp(), hold_ms = extract(epoch from clock_timestamp() - held_at) * 1000
      where id = ${move.id}`.execute(tx.db());
    if (move.back === null) await followBack(tx, move);
    if (uidls !== undefined) await saveKept(tx, visit, epoch, uidls);
    visit.claim.fence();
    if (!(await flip(tx, move.account_id, epoch, move.target))) throw giveUp('expired', 'the hold ended before the flip');
  });
}
