/**
 * Carries messages from the source's selected mailbox into the target's: FETCH streamed into APPEND, pipelined.
 *
 * Invariants: in the order given (UID order), so that the target's UIDs rise like the source's; no large message in
 * memory, and of small ones no more than the window; a ledger row is written only after the tagged OK with its UID.
 * An answer that was lost leaves an orphan at the target, which the next pass finds (recover.ts).
 */
import { CausewayError } from '#errors/index.ts';
import { formatSequenceSet } from '#wire/imap/sequence-set.ts';
import { createBackReader } from './back-reader.ts';
import { passingFailure } from './failure.ts';
import type { Place } from './ledger.ts';
import type { Listed } from './ledger-row.ts';
import { pieces, WHOLE } from './listing.ts';
import { createRowWriter } from './row-writer.ts';
import { createSender } from './sender.ts';
import type { Sender } from './sender.ts';
import type { Visit } from './visit.ts';

export type Copied = {
  readonly messages: number;
  readonly bytes: number;
  /** False when messages are left for a further pass. */
  readonly complete: boolean;
  /** UIDs that the source listed and did not give. */
  readonly absent: readonly number[];
};

/** FETCHes under way: while one is answered the next is on its way, so the source never waits for us. */
const AHEAD = 2;

export async function copyMessages(visit: Visit, place: Place, fresh: readonly Listed[]): Promise<Copied> {
  const writer = createRowWriter(visit, place);
  const reader = createBackReader(visit, place, writer.add);
  const sender = createSender(visit, place, reader.take);
  const absent: number[] = [];
  const fetching: Promise<void>[] = [];
  let complete = true;
  let failure: { readonly error: unknown } | undefined;
  try {
    for (const piece of pieces(fresh)) {
      if (visit.spent()) {
        complete = false;
        break;
      }
      if (fetching.length >= AHEAD) await fetching.shift();
      const fetched = fetchPiece(visit, piece, sender).then((uids) => void absent.push(...uids));
      // Awaited in its turn; a rejection meanwhile is not unheard.
      fetched.catch(() => {});
      fetching.push(fetched);
    }
    for (const fetched of fetching) await fetched;
  } catch (error) {
    failure = { error: sourceFailure(error, place) };
    await Promise.allSettled(fetching);
  }
  // What was answered OK is written down before a failure is told.
  await sender.done().catch((error: unknown) => (failure ??= { error }));
  await reader.done().catch((error: unknown) => (failure ??= { error }));
  await writer.done();
  if (failure !== undefined) throw failure.error;
  // Fewer rows than messages: some vanished meanwhile, or the target names no UIDs (no UIDPLUS). The next pass tells.
  return { messages: writer.messages, bytes: writer.bytes, complete: complete && writer.messages === fresh.length, absent };
}

/**
 * Streams one piece. Resolves when all its bodies are handed over; the answers are still to come.
 * @returns the UIDs that did not come
 */
async function fetchPiece(visit: Visit, piece: readonly Listed[], sender: Sender): Promise<number[]> {
  const listed = new Map(piece.map((message) => [message.uid, message]));
  /** A server may send what was not asked for, or send it twice (RFC 3501 7). */
  const first = (uid: number): Listed | undefined => {
    const message = listed.get(uid);
    listed.delete(uid);
    return message;
  };
  await visit.source.fetchBodies(
    formatSequenceSet(piece.map(({ uid }) => uid)),
    async (fetched) => {
      const message = first(fetched.uid);
      if (message !== undefined) await sender.stream(message, fetched);
    },
    {
      whole: {
        below: WHOLE,
        take(uid, bytes) {
          const message = first(uid);
          return message === undefined ? undefined : sender.take(message, bytes);
        },
      },
    },
  );
  return [...listed.keys()];
}

/** NO to a FETCH, or NIL for a body: the source cannot give one of its messages. */
function sourceFailure(error: unknown, place: Place): unknown {
  if (!(error instanceof CausewayError) || error.code !== 'refused') return error;
  return passingFailure('source-read', `the source does not give a message of "${place.mailbox}": ${error.message}`, error);
}
