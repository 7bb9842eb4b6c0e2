/**
 * Carries messages from the source's selected mailbox into the target's: FETCH streamed into APPEND, pipelined.
 *
 * Invariants: in the order given (UID order), so that the target's UIDs rise like the source's; no whole message in
 * memory; what is unanswered is bounded by the window; a ledger row is written only after the tagged OK with its UID.
 * An answer that was lost leaves an orphan at the target, which the next pass finds (recover.ts).
 */
import { createHash } from 'node:crypto';
import { sql } from 'kysely';
import { CausewayError } from '#errors/index.ts';
import { formatSequenceSet } from '#wire/imap/sequence-set.ts';
import { appendFailure, finalFailure, passingFailure } from './failure.ts';
import { addRows } from './ledger.ts';
import type { Place } from './ledger.ts';
import type { LedgerRow, Listed } from './ledger-row.ts';
import { pieces } from './listing.ts';
import type { Visit } from './visit.ts';
import { createWindow } from './window.ts';
import type { Window } from './window.ts';

export type Copied = {
  readonly messages: number;
  readonly bytes: number;
  /** False when messages are left for a further pass. */
  readonly complete: boolean;
  /** UIDs that the source listed and did not give. */
  readonly absent: readonly number[];
};

/** A row once its APPEND was answered OK; undefined when the target did not say where the message went. */
type Answer = Promise<LedgerRow | undefined>;

export async function copyMessages(visit: Visit, place: Place, fresh: readonly Listed[]): Promise<Copied> {
  const window = createWindow();
  const total = { messages: 0, bytes: 0 };
  const absent: number[] = [];
  let complete = true;
  // While one piece is streamed, the one before it is being answered and written down.
  let former: Promise<void> = Promise.resolve();
  for (const piece of pieces(fresh)) {
    if (visit.spent()) {
      complete = false;
      break;
    }
    const answers: Answer[] = [];
    const sent = await send(visit, place, piece, answers, window).then(
      (uids) => void absent.push(...uids),
      (error: unknown) => ({ error: sourceFailure(error, place) }),
    );
    const earlier = former;
    former = settle(visit, place, answers, total, earlier);
    // Awaited below or in the next turn; a rejection meanwhile is not unheard.
    former.catch(() => {});
    if (sent !== undefined) {
      // What was answered OK is written down before the failure is told.
      await former;
      throw sent.error;
    }
    await earlier;
  }
  await former;
  // Fewer rows than messages: some vanished meanwhile, or the target names no UIDs (no UIDPLUS). The next pass tells.
  return { ...total, complete: complete && total.messages === fresh.length, absent };
}

/**
 * Streams one piece. Resolves when all its bodies are handed over; the answers are still to come.
 * @returns the UIDs that did not come
 */
async function send(visit: Visit, place: Place, piece: readonly Listed[], answers: Answer[], window: Window): Promise<number[]> {
  const listed = new Map(piece.map((message) => [message.uid, message]));
  const limit = appendLimit(visit);
  await visit.source.fetchBodies(formatSequenceSet(piece.map(({ uid }) => uid)), async ({ uid, size, body }) => {
    const message = listed.get(uid);
    // A server may send what was not asked for, or send it twice (RFC 3501 7).
    if (message === undefined) return;
    listed.delete(uid);
    if (size > limit) {
      throw finalFailure('too-big', `the target takes messages of ${limit} bytes: message ${uid} of "${place.mailbox}" has ${size}`);
    }
    await window.enter(size);
    const hash = createHash('sha256');
    const taken = Promise.withResolvers<void>();
    const answer = visit.target
      .append(place.targetMailbox, { flags: [...message.flags], internalDate: message.internalDateText, size }, hashed(body, hash, taken))
      .then(
        (named) => named && rowFor(message, place, named, hash.digest(), size),
        (error: unknown) => {
          throw appendFailure(error, `message ${uid} of "${place.mailbox}" (${size} bytes)`);
        },
      )
      .finally(() => window.leave(size));
    answers.push(answer);
    // Whichever comes first: the body handed over, or an answer that makes it unwanted.
    await Promise.race([taken.promise, answer]);
  });
  return [...listed.keys()];
}

/** RFC 7889. Many servers that have a limit do not tell it; they refuse, or end the session. */
function appendLimit({ target }: Visit): number {
  for (const capability of target.capabilities) {
    const told = /^APPENDLIMIT=(\d{1,15})$/.exec(capability)?.[1];
    if (told !== undefined) return Number(told);
  }
  return Infinity;
}

/** NO to a FETCH, or NIL for a body: the source cannot give one of its messages. */
function sourceFailure(error: unknown, place: Place): unknown {
  if (!(error instanceof CausewayError) || error.code !== 'refused') return error;
  return passingFailure('source-read', `the source does not give a message of "${place.mailbox}": ${error.message}`, error);
}

/** Passes a body on and fingerprints it on the way. */
async function* hashed(
  body: AsyncIterable<Buffer>,
  hash: ReturnType<typeof createHash>,
  taken: PromiseWithResolvers<void>,
): AsyncGenerator<Buffer> {
  try {
    for await (const chunk of body) {
      hash.update(chunk);
      yield chunk;
    }
  } finally {
    taken.resolve();
  }
}

function rowFor(
  message: Listed,
  place: Place,
  named: { readonly uidValidity: number; readonly uid: number },
  fingerprint: Buffer,
  size: number,
): LedgerRow {
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

/** Writes down what was answered OK, after `earlier`. Throws the first refusal or failure, then. */
async function settle(
  visit: Visit,
  place: Place,
  answers: readonly Answer[],
  total: { messages: number; bytes: number },
  earlier: Promise<void>,
): Promise<void> {
  const results = await Promise.allSettled(answers);
  const rows = results.flatMap((result) => (result.status === 'fulfilled' && result.value !== undefined ? [result.value] : []));
  const bytes = rows.reduce((sum, { size }) => sum + size, 0);
  await earlier;
  if (rows.length > 0) {
    await visit.claim.transaction(async (tx) => {
      await addRows(tx, place, rows);
      await sql`update move set copied_messages = copied_messages + ${rows.length}, copied_bytes = copied_bytes + ${bytes}
        where id = ${visit.move.id}`.execute(tx.db());
    });
    visit.progressed();
  }
  total.messages += rows.length;
  total.bytes += bytes;
  const failed = results.find((result) => result.status === 'rejected');
  if (failed !== undefined) throw failed.reason;
}
