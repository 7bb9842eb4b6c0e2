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
import { messageOf } from '#errors/index.ts';
import { flip } from '#directory/route/phases.ts';
import { collectLists } from '../copy/collect.ts';
import { holdEnded } from '../events.ts';
import type { HoldNotes } from '../events.ts';
import { judge } from '../failure.ts';
import { carryFilters } from './filters.ts';
import type { FilterProof } from './filters.ts';
import { followBack } from '../back/follow-back.ts';
import { begin, cutAll, endHold, giveUp, whyGivenUp } from './hold-rounds.ts';
import { readLedgersAhead } from '../ledger/ledgers-ahead.ts';
import type { LedgersAhead } from '../ledger/ledgers-ahead.ts';
import { isInbox } from '../mailboxes/names.ts';
import { survey } from '../mailboxes/pairs.ts';
import type { Pair } from '../mailboxes/pairs.ts';
import { passMailbox } from '../copy/pass.ts';
import { proveAhead } from './prove-ahead.ts';
import { mailboxesOf } from './receipt-parts.ts';
import type { ReceiptBody, ReceiptKey } from './receipt.ts';
import { listUidls, matchUidls, saveKept } from './uidls.ts';
import type { KeptUidls } from './uidls.ts';
import { subjectOf } from '../visit.ts';
import type { Visit } from '../visit.ts';
import { prove, verifyMailboxes } from './verify.ts';
import type { Proof } from './verify.ts';

export type HoldEnd =
  | { readonly outcome: 'flipped' }
  /** Customers are at work, or an instance does not answer: try later. */
  | { readonly outcome: 'put-off' }
  /** Something failed; the move is judged by it. */
  | { readonly outcome: 'failed'; readonly error: unknown };

/** The mover gives up by itself before the store's deadline of 8 s, so that a slow platform does not use all of it. */
const GIVE_UP_MS = 7_000;
/** @param known the mailboxes, as the last pass saw them @returns once the hold has ended; it always does, by the store's deadline if by nothing else */
export async function tryHold(following: Visit, key: ReceiptKey, known: readonly Pair[]): Promise<HoldEnd> {
  const { clock } = following;
  collectLists(following.move.messages);
  const began = clock.monotonic();
  const elapsed = (): number => Math.round(clock.monotonic() - began);
  const visit: Visit = { ...following, spent: () => elapsed() > GIVE_UP_MS };
  const epoch = await begin(visit);
  if (epoch === undefined) return { outcome: 'put-off' };
  const ledgers = readLedgersAhead(visit, known);
  const deadline = deadlineOf(visit);
  const notes: HoldNotes = {};
  const work = carryOver(visit, key, epoch, ledgers, deadline.disarm, (name, value = elapsed()) => void (notes[name] = value));
  try {
    await Promise.race([work, deadline.passed]);
  } catch (error) {
    const why = whyGivenUp(error);
    // At once: customers wait. What still runs has no connection, and no hold that it could end by a flip.
    await visit.claim.transaction((tx) => endHold(tx, visit.move.id, visit.move.account_id, epoch));
    const outcome = why ?? (judge(error).failure === 'mismatch' ? 'mismatch' : 'lost');
    visit.emit(holdEnded, { ...subjectOf(visit), outcome, ms: elapsed(), ...notes, message: messageOf(error) });
    return why === undefined ? { outcome: 'failed', error } : { outcome: 'put-off' };
  } finally {
    deadline.disarm();
    ledgers.stop();
    await work.catch(() => {});
  }
  const ms = elapsed();
  visit.emit(holdEnded, { ...subjectOf(visit), outcome: 'flipped', ms, ...notes });
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

async function carryOver(visit: Visit, key: ReceiptKey, epoch: number, ledgers: LedgersAhead, disarm: () => void, note: (name: keyof HoldNotes, value?: number) => void): Promise<void> {
  await cutAll(visit, epoch, () => note('quietMs'));
  note('cutMs');

  // The platforms' POP3 and ManageSieve beside what is done by IMAP: nobody but us writes at either side any more.
  const [filtersRead, listed] = [carryFilters(visit), listUidls(visit)];
  for (const each of [filtersRead, listed]) each.catch(() => {});
  const pairs = await survey(visit);
  note('surveyMs');
  const { proven, read } = await proveAhead(visit, pairs, ledgers);
  note('readMs');
  const behind = pairs.filter((pair) => !proven.has(pair));
  note('behind', behind.length);
  for (const pair of behind) {
    const { complete, settled } = await passMailbox(visit, pair, { read: read.get(pair) });
    // Read after the cut, and nothing was changed since: it need not be read again.
    if (settled !== undefined) proven.set(pair, prove(pair, settled.opened, settled.lists));
    // Copies of this pass are read back by the verification.
    if (!complete && visit.spent()) throw giveUp('late', 'the last difference was too large for a hold');
  }
  note('carriedMs');
  await visit.refusals.settle();
  // What was carried over into INBOX has ids, too; and a maildrop may have been in use for a moment longer.
  const isInboxBehind = behind.some(({ sourceMailbox }) => isInbox(sourceMailbox));
  const [lists, filters, proofs] = await Promise.all([
    isInboxBehind ? listed.catch(() => {}).then(() => listUidls(visit)) : listed.catch(() => listUidls(visit)),
    filtersRead,
    verifyMailboxes(visit, pairs, { proven, read }, (again) => note('again', again)),
  ]);
  // What verification saw for the first time.
  await visit.refusals.settle();
  const uidls = lists && (await matchUidls(visit, pairs, lists, proofs));
  note('provenMs');
  // The store has deadlines of its own from here on: a commit is not abandoned half-way.
  disarm();
  await commit(visit, key, epoch, { pairs, proofs, uidls, filters });
}

/** What was proven in the hold. */
type Proven = { readonly pairs: readonly Pair[]; readonly proofs: readonly Proof[]; readonly uidls: KeptUidls | undefined; readonly filters: readonly FilterProof[] | undefined };

async function commit(visit: Visit, key: ReceiptKey, epoch: number, { pairs, proofs, uidls, filters }: Proven): Promise<void> {
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
      ...mailboxesOf(visit, pairs, proofs),
      readBack: move.read_back,
      ...(uidls === undefined ? {} : { uidls: uidls.proof }),
      ...(filters === undefined ? {} : { filters }),
      unfenced: true,
    };
    const signed = key.sign(body);
    await sql`insert into receipt (account_id, move_id, body, signature, key_id)
      values (${move.account_id}, ${move.id}, ${signed.body}, ${signed.signature}, ${signed.keyId})`.execute(tx.db());
    await sql`update move set state = 'moved', owner = null, owner_until = null, error = null, failure = null,
        messages = ${count}, bytes = ${bytes}, copied_messages = ${count}, copied_bytes = ${bytes},
        ended_at = clock_timestamp(), hold_ms = extract(epoch from clock_timestamp() - held_at) * 1000
      where id = ${move.id}`.execute(tx.db());
    if (move.back === null) await followBack(tx, move, visit.windowDays);
    if (uidls !== undefined) await saveKept(tx, visit, epoch, uidls);
    visit.claim.fence();
    if (!(await flip(tx, move.account_id, epoch, move.target))) throw giveUp('expired', 'the hold ended before the flip');
  });
}
