/**
 * Carries messages from the source's selected mailbox into the target's: FETCH streamed into APPEND, pipelined.
 *
 * Invariants: in the order given (UID order), so that the target's UIDs rise like the source's; no large message in
 * memory, and of small ones no more than the window; a ledger row is given to the book only after the tagged OK with its UID.
 * An answer that was lost leaves an orphan at the target, which the next pass finds (recover.ts).
 */
import { CausewayError } from '#errors/index.ts';
import { formatSequenceSet } from '#wire/imap/sequence-set.ts';
import type { Ahead, Early } from './ahead.ts';
import { createBackReader } from './back-reader.ts';
import { isLater, passingFailure } from '../failure.ts';
import type { Place } from '../ledger/ledger.ts';
import type { Listed } from '../ledger/ledger-row.ts';
import type { Messages } from '../lists/message-list.ts';
import { pieces } from '../lists/listing.ts';
import { DROP, fetchTo } from './held-bodies.ts';
import type { HeldBodies, Taker } from './held-bodies.ts';
import type { Opened } from '../mailboxes/open-pair.ts';
import { isChosen, removeAltered } from './read-back.ts';
import { createSender } from './sender.ts';
import type { Sender } from './sender.ts';
import { noteUnreadable } from './unreadable.ts';
import type { Visit } from '../visit.ts';

export type Copied = {
  readonly messages: number;
  readonly bytes: number;
  /** False when messages are left for a further pass. */
  readonly complete: boolean;
  /** The highest UID that the target gave; 0: none. */
  readonly lastUid: number;
  /** Copies that are still to be read back. */
  readonly unread: number;
  /** UIDs that the source listed and did not give. */
  readonly absent: readonly number[];
};

/** FETCHes under way: while one is answered the next is on its way, so the source never waits for us. */
const AHEAD = 2;

/** What is on its way for this mailbox and the next ones. */
export type Beside = {
  readonly early: Early | undefined;
  readonly ahead: Ahead;
  /** Asks for the source's mailbox once more, where others may have been asked for since. */
  reopen(): Promise<Opened>;
};

export async function copyMessages(visit: Visit, place: Place, fresh: Messages, beside?: Beside): Promise<Copied> {
  let lastUid = 0;
  let unread = 0;
  let messages = 0;
  let bytes = 0;
  const reader = createBackReader(visit, place, (rows) => {
    for (const row of rows) {
      messages += 1;
      bytes += row.size;
      lastUid = Math.max(lastUid, row.targetUid);
      if (!row.readBack && isChosen(visit.move.read_back, row)) unread += 1;
    }
    visit.book.rows(place, rows);
  });
  const sender = createSender(visit, place, reader.take);
  const absent: number[] = [];
  const fetching: Promise<void>[] = [];
  let complete = true;
  let failure: { readonly error: unknown } | undefined;
  let ungiven: readonly Listed[] = [];
  try {
    const held = beside?.early?.bodies;
    for (const piece of held === undefined ? pieces(fresh) : [[...fresh]]) {
      if (visit.spent() || sender.stopped) {
        complete = false;
        break;
      }
      if (fetching.length >= AHEAD) await fetching.shift();
      const fetched = fetchPiece(visit, piece, sender, (rest) => void (ungiven = rest), held).then((uids) => void absent.push(...uids));
      // Awaited in its turn; a rejection meanwhile is not unheard.
      fetched.catch(() => {});
      fetching.push(fetched);
    }
    if (complete) beside?.ahead.onAsked();
    else beside?.ahead.drop(beside.early);
    for (const fetched of fetching) await fetched;
    sender.flush();
    // With read-back more is to be asked of the target when the answers are there.
    if (complete && visit.move.read_back === 'none') beside?.ahead.onSent();
  } catch (error) {
    failure = { error: sourceFailure(error, place) };
    await Promise.allSettled(fetching);
  }
  // What was answered OK is written down before a failure is told: whoever hears of it flushes the book.
  await sender.done().catch((error: unknown) => (failure ??= { error }));
  await reader.done().catch((error: unknown) => (failure ??= { error }));
  if (reader.altered.length > 0) {
    await visit.book.flush();
    await removeAltered(visit, place, reader.altered);
  }
  if (failure !== undefined) {
    const again = ungiven.length === 0 ? undefined : await beside?.reopen();
    if (again !== undefined && again.source.uidValidity !== place.sourceUidValidity) throw failure.error;
    if (ungiven.length === 0 || (await noteUnreadable(visit, place, ungiven)) === 0) throw failure.error;
    complete = false;
  }
  // Fewer rows than messages: some vanished meanwhile, or the target names no UIDs (no UIDPLUS). The next pass tells.
  return { messages, bytes, complete: complete && messages + sender.refused() === fresh.length, lastUid, unread, absent };
}

/**
 * Streams one piece. Resolves when all its bodies are handed over; the answers are still to come.
 * @param onRefused gets those that did not come, when the source refuses one
 * @param held on their way already, with others perhaps @returns the UIDs that did not come
 */
async function fetchPiece(visit: Visit, piece: readonly Listed[], sender: Sender, onRefused: (rest: readonly Listed[]) => void, held?: HeldBodies): Promise<number[]> {
  const listed = new Map<number, Listed>();
  for (const message of piece) listed.set(message.uid, message);
  /** A server may send what was not asked for, or send it twice (RFC 3501 7). */
  const first = (uid: number): Listed | undefined => {
    const message = listed.get(uid);
    listed.delete(uid);
    return message;
  };
  const taker: Taker = {
    async stream(fetched) {
      const message = first(fetched.uid);
      if (message !== undefined) return sender.stream(message, fetched);
      return DROP.stream(fetched);
    },
    whole(uid, bytes) {
      const message = first(uid);
      return message === undefined ? DROP.whole(uid, bytes) : sender.take(message, bytes);
    },
  };
  const fetched = held === undefined ? fetchTo(visit.source, formatSequenceSet(piece.map(({ uid }) => uid)), taker) : held.giveTo(taker);
  await fetched.catch((error: unknown) => {
    if (error instanceof CausewayError && error.code === 'refused' && !isLater(error)) onRefused([...listed.values()]);
    throw error;
  });
  return [...listed.keys()];
}

/** NO to a FETCH, or NIL for a body: the source cannot give one of its messages. */
function sourceFailure(error: unknown, place: Place): unknown {
  if (!(error instanceof CausewayError) || error.code !== 'refused') return error;
  return passingFailure('source-read', `the source does not give a message of "${place.mailbox}": ${error.message}`, error);
}
