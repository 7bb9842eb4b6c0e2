/**
 * Appends messages to the target's selected mailbox: small ones in batches of one command (MULTIAPPEND), large ones
 * streamed.
 *
 * Invariants: commands go in the order in which the messages came, so that the target's UIDs rise like the source's; a
 * row is handed on only after the tagged OK that named its UID; what is unanswered is bounded by the window. A batch is
 * all or nothing: one that is refused is halved until the message that the target refuses is found, and all others are
 * there. Without MULTIAPPEND a batch is one message.
 */
import { createHash, hash } from 'node:crypto';
import { CausewayError } from '#errors/index.ts';
import type { FetchedBody } from '#imap/commands/fetch-bodies.ts';
import { appendFailure, finalFailure, isLater, passingFailure } from './failure.ts';
import type { Place } from './ledger.ts';
import type { LedgerRow, Listed } from './ledger-row.ts';
import type { Visit } from './visit.ts';
import { createWindow } from './window.ts';

/** Of a batch: beyond these a larger one saves nothing, and an answer that is lost leaves more to be found again. */
const BATCH = { messages: 100, bytes: 512 * 1024 };

type Whole = { readonly message: Listed; readonly bytes: Buffer };
type Named = { readonly uidValidity: number; readonly uid: number };

export type Sender = {
  /** A whole message. A promise, when there is no room for it yet, to be awaited before the next is given. */
  take(message: Listed, bytes: Buffer): void | Promise<void>;
  /** A message as it comes. Resolves when its body is handed over; the answer is still to come. */
  stream(message: Listed, fetched: Pick<FetchedBody, 'size' | 'body'>): Promise<void>;
  /** Sends what is gathered. */
  flush(): void;
  /** Resolves when all is answered. Throws the first refusal or failure, then. */
  done(): Promise<void>;
};

/** @param onRows gets rows once their APPEND was answered OK */
export function createSender(visit: Visit, place: Place, onRows: (rows: readonly LedgerRow[]) => void): Sender {
  const { target } = visit;
  const window = createWindow();
  const limit = appendLimit(visit);
  // A path that breaks before a batch is through would never carry one: after attempts without progress they are smaller.
  const share = 2 ** Math.min(visit.move.attempt, 7);
  const most = target.capabilities.has('MULTIAPPEND') ? { messages: Math.ceil(BATCH.messages / share), bytes: BATCH.bytes / share } : { messages: 1, bytes: 0 };
  const answers = new Set<Promise<void>>();
  let batch: Whole[] = [];
  let batchBytes = 0;
  let failure: { readonly error: unknown } | undefined;

  function check(message: Listed, size: number): void {
    // Nothing is begun after a failure: what was sent before it is still answered and written down.
    if (failure !== undefined) throw failure.error;
    if (size > limit) {
      throw finalFailure('too-big', `the target takes messages of ${limit} bytes: message ${message.uid} of "${place.mailbox}" has ${size}`);
    }
  }

  /** Keeps count of an answer that is to come. */
  function awaitAnswer(answer: Promise<void>): void {
    const kept = answer.catch((error: unknown) => void (failure ??= { error })).finally(() => answers.delete(kept));
    answers.add(kept);
  }

  function flush(): void {
    if (batch.length === 0) return;
    const sent = batch;
    batch = [];
    batchBytes = 0;
    awaitAnswer(
      send(sent).finally(() => {
        for (const { bytes } of sent) window.leave(bytes.length);
      }),
    );
  }

  function gather(message: Listed, bytes: Buffer): void {
    batch.push({ message, bytes });
    batchBytes += bytes.length;
    if (batch.length >= most.messages || batchBytes >= most.bytes) flush();
  }

  async function send(sent: readonly Whole[]): Promise<void> {
    let named: Awaited<ReturnType<typeof target.appendMany>>;
    try {
      named = await target.appendMany(place.targetMailbox, sent.map(({ message, bytes }) => ({ flags: message.flags, internalDate: message.internalDateText, bytes })));
    } catch (error) {
      if (!(error instanceof CausewayError) || error.code !== 'refused') throw error;
      const [only] = sent;
      if ((sent.length === 1 || isLater(error)) && only !== undefined) throw refused(error, only.message, only.bytes.length);
      const middle = Math.ceil(sent.length / 2);
      // Both are written in this turn, so nothing comes between them. The first half's refusal is told.
      const halves = await Promise.allSettled([send(sent.slice(0, middle)), send(sent.slice(middle))]);
      for (const half of halves) if (half.status === 'rejected') throw half.reason;
      return;
    }
    // Where the target does not say where they went, the next pass finds them.
    if (named === undefined) return;
    const { uidValidity, uids } = named;
    onRows(sent.map(({ message, bytes }, at) => rowFor(message, place, { uidValidity, uid: uids[at]! }, hash('sha256', bytes, 'buffer'), bytes.length)));
  }

  function refused(error: unknown, message: Listed, size: number): unknown {
    return appendFailure(error, `message ${message.uid} of "${place.mailbox}" (${size} bytes)`);
  }

  return {
    take(message, bytes) {
      check(message, bytes.length);
      if (window.enterNow(bytes.length)) return gather(message, bytes);
      // What is gathered holds room; unsent it would never give it back.
      flush();
      return window.enter(bytes.length).then(() => gather(message, bytes));
    },

    async stream(message, { size, body }) {
      check(message, size);
      flush();
      await window.enter(size);
      const digest = createHash('sha256');
      const taken = Promise.withResolvers<void>();
      const answer = target
        .append(place.targetMailbox, { flags: [...message.flags], internalDate: message.internalDateText, size }, hashed(body, digest, taken))
        .then(
          (named) => void (named && onRows([rowFor(message, place, named, digest.digest(), size)])),
          (error: unknown) => {
            throw refused(error, message, size);
          },
        )
        .finally(() => window.leave(size));
      awaitAnswer(answer);
      // Whichever comes first: the body handed over, or an answer that makes it unwanted.
      await Promise.race([taken.promise, answer]);
    },

    flush,

    async done() {
      flush();
      while (answers.size > 0) await Promise.all(answers);
      if (failure !== undefined) throw failure.error;
    },
  };
}

/** RFC 7889. Many servers that have a limit do not tell it; they refuse, or end the session. */
function appendLimit({ target }: Visit): number {
  for (const capability of target.capabilities) {
    const told = /^APPENDLIMIT=(\d{1,15})$/.exec(capability)?.[1];
    if (told !== undefined) return Number(told);
  }
  return Infinity;
}

/** Passes a body on and fingerprints it on the way. */
async function* hashed(
  body: AsyncIterable<Buffer>,
  digest: ReturnType<typeof createHash>,
  taken: PromiseWithResolvers<void>,
): AsyncGenerator<Buffer> {
  try {
    for await (const chunk of body) {
      digest.update(chunk);
      yield chunk;
    }
  } finally {
    taken.resolve();
  }
}

function rowFor(message: Listed, place: Place, named: Named, fingerprint: Buffer, size: number): LedgerRow {
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
