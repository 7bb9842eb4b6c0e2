/**
 * Gives a target's mailbox what a sender has put together, and puts the order right where it refuses something.
 *
 * Invariants: a batch is all or nothing: one that is refused is halved until the message that the target refuses is
 * found, and all others are there. What was on its way behind a refused batch is at the target before its halves: it is
 * expunged again and, after them, given once more. A streamed message is not in memory any more, so nothing behind it is
 * given, and the next pass goes on with it; from then on (`hasRefused`) streamed messages wait for what is before them, so
 * this happens once. What the target does not name (no UIDPLUS), and what is added to an account's own home, keeps its
 * place.
 */
import { CausewayError } from '#errors/index.ts';
import type { Appended, AppendedMany } from '#imap/commands/append.ts';
import { expungeCopies } from './apply.ts';
import { appendFailure, isLater, passingFailure } from '../failure.ts';
import { fingerprintOf } from './fingerprint.ts';
import type { LedgerRow, Listed } from '../ledger/ledger-row.ts';
import type { Place } from '../ledger/ledger.ts';
import { sourceLife } from './refusals.ts';
import type { Held } from './slabs.ts';
import { createTurns } from './turns.ts';
import type { Visit } from '../visit.ts';

export type Whole = { readonly message: Listed } & Held;

export type Giver = {
  /** Resolves when all of the batch is there, or noted as refused. */
  send(sent: readonly Whole[]): Promise<void>;
  /** @param append called in its turn @param fingerprint asked for once it was answered OK */
  stream(message: Listed, size: number, append: () => Promise<Appended | undefined>, fingerprint: () => Buffer): Promise<void>;
  /** What says something about one message does not stop the others. @throws anything else */
  note(message: Listed, size: number, error: unknown): void;
  /** How many messages were noted. */
  readonly refused: number;
  /** Whether the target refused any message of this mailbox in this move. */
  hasRefused(): boolean;
  /** Nothing more is given: the rest is a further pass's. */
  readonly stopped: boolean;
};

/** @param onRows gets rows once their APPEND was answered OK */
export function createGiver(visit: Visit, place: Place, onRows: (rows: readonly LedgerRow[]) => void): Giver {
  const { target } = visit;
  const turns = createTurns();
  let refusals = 0;
  let stopped = false;

  async function send(sent: readonly Whole[]): Promise<void> {
    let named: AppendedMany | undefined;
    try {
      named = await turns.begin(() => give(sent));
    } catch (error) {
      if (!isDivisible(error, sent)) return refuse(error, sent);
      return turns.settle(async () => void (stopped || (await halve(sent))));
    }
    if (named === undefined || !isTooEarly()) return handOn(sent, named);
    const { uids } = named;
    await turns.settle(async () => {
      await expungeCopies(visit, place, uids);
      if (!stopped) await giveOrHalve(sent);
    });
  }

  /** Of one that was answered now: it stands before another that is yet to be given. */
  const isTooEarly = (): boolean => turns.settling && !visit.additive;

  async function give(sent: readonly Whole[]): Promise<AppendedMany | undefined> {
    if (stopped) return undefined;
    const named = await target.appendMany(place.targetMailbox, sent.map(({ message, bytes }) => ({ flags: message.flags, internalDate: message.internalDateText, bytes })));
    visit.refusals.taken();
    return named;
  }

  function handOn(sent: readonly Whole[], named: AppendedMany | undefined): void {
    // Where the target does not say where they went, the next pass finds them.
    if (named === undefined) return;
    const { uidValidity, uids } = named;
    onRows(sent.map(({ message, bytes }, at) => rowFor(message, place, { uidValidity, uid: uids[at]! }, fingerprintOf(bytes), bytes.length)));
  }

  async function giveOrHalve(sent: readonly Whole[]): Promise<void> {
    try {
      handOn(sent, await give(sent));
    } catch (error) {
      if (isDivisible(error, sent)) await halve(sent);
      else refuse(error, sent);
    }
  }

  /** Gives a refused batch's halves one after the other: of both at once the second would be there before the rest of the first. */
  async function halve(sent: readonly Whole[]): Promise<void> {
    const middle = Math.ceil(sent.length / 2);
    for (const half of [sent.slice(0, middle), sent.slice(middle)]) await giveOrHalve(half);
  }

  /** Notes the one message that was refused. @throws what says nothing about a message */
  function refuse(error: unknown, sent: readonly Whole[]): void {
    const [only] = sent;
    if (only === undefined || !isRefusal(error)) throw error;
    const named = refused(error, only.message, only.bytes.length);
    if (isLater(error)) throw named;
    note(only.message, only.bytes.length, named);
  }

  /** What says something about one message does not stop the others. @throws anything else */
  function note(message: Listed, size: number, error: unknown): void {
    if (!visit.refusals.note(place, { uid: message.uid, size }, error)) throw error;
    refusals += 1;
  }

  function refused(error: unknown, message: Listed, size: number): unknown {
    return appendFailure(error, `message ${message.uid} of "${place.mailbox}" (${size} bytes)`);
  }

  return {
    send,
    async stream(message, size, append, fingerprint) {
      let named: Appended | undefined;
      try {
        named = await turns.begin(async () => (stopped ? undefined : append()));
      } catch (error) {
        return note(message, size, refused(error, message, size));
      }
      visit.refusals.taken();
      if (named === undefined) return;
      const { uid } = named;
      if (!isTooEarly()) return onRows([rowFor(message, place, named, fingerprint(), size)]);
      await turns.settle(async () => {
        stopped = true;
        await expungeCopies(visit, place, [uid]);
      });
    },
    note,
    get refused() {
      return refusals;
    },
    hasRefused: () => refusals > 0 || visit.refusals.known(sourceLife(place)).size > 0,
    get stopped() {
      return stopped;
    },
  };
}

const isRefusal = (error: unknown): error is CausewayError => error instanceof CausewayError && error.code === 'refused';

/** Whether parts of a batch may be taken where the whole was not. */
const isDivisible = (error: unknown, sent: readonly unknown[]): boolean => isRefusal(error) && !isLater(error) && sent.length > 1;

function rowFor(message: Listed, place: Place, named: Appended, fingerprint: Buffer, size: number): LedgerRow {
  if (named.uidValidity !== place.targetUidValidity) {
    // Somebody made the mailbox anew under our hands; the next pass begins it from nothing.
    throw passingFailure('mailbox', `"${place.targetMailbox}" was replaced at the target while it was being filled`);
  }
  return {
    sourceUid: message.uid,
    targetUid: named.uid,
    fingerprint,
    internalDate: message.internalDate,
    internalDateText: message.internalDateText,
    flags: message.flags,
    size,
    targetSize: null,
    readBack: false,
  };
}
