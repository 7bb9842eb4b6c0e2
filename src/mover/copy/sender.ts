/**
 * Appends messages to the target's selected mailbox: small ones in batches of one command (MULTIAPPEND), large ones
 * streamed.
 *
 * Invariants: commands go in the order in which the messages came, so that the target's UIDs rise like the source's, also
 * where one is refused (giver.ts); a row is handed on only after the tagged OK that named its UID; what is unanswered is
 * bounded by the window. Without MULTIAPPEND a batch is one message.
 */
import { createHash } from 'node:crypto';
import type { Appended } from '#imap/commands/append.ts';
import type { FetchedBody } from '#imap/commands/fetch-bodies.ts';
import { noteRead } from './collect.ts';
import { finalFailure } from '../failure.ts';
import { createGiver } from './giver.ts';
import type { Whole } from './giver.ts';
import type { Place } from '../ledger/ledger.ts';
import { announcedLimit } from '../limits/limits.ts';
import type { LedgerRow, Listed } from '../ledger/ledger-row.ts';
import { messageSlabs } from './slabs.ts';
import { keyOf } from './under-way.ts';
import type { Visit } from '../visit.ts';

/**
 * Of a batch. A Dovecot looks through the whole maildir again and again, though no more often than for each command: a
 * mailbox of 100,000 small messages took 24 to 29 s in batches of 750, and 18 to 20 in these, with 18 MiB more (npm run
 * bench:large). An answer that is lost leaves more to be found again. With 1 MiB it needed a sixth more CPU for a message.
 */
const BATCH = { messages: 1_500, bytes: 2 * 1024 * 1024 };

/** Of a streamed message this much counts: it is never in memory, and one that counted whole would wait until all lanes stand still. */
const STREAMED = 512 * 1024;

export type Sender = {
  /** A whole message, best in memory of `messageSlabs`. A promise, when there is no room for it yet, to be awaited before the next is given. */
  take(message: Listed, bytes: Buffer): void | Promise<void>;
  /** A message as it comes. Resolves when its body is handed over; the answer is still to come. */
  stream(message: Listed, fetched: Pick<FetchedBody, 'size' | 'body'>): Promise<void>;
  /** Sends what is gathered. */
  flush(): void;
  /** Nothing more is sent: the rest is a further pass's. */
  readonly stopped: boolean;
  /** How many messages the target refused, each by itself. */
  refused(): number;
  /** Resolves when all is answered. Throws the first failure, then. */
  done(): Promise<void>;
};

/** @param onRows gets rows once their APPEND was answered OK */
export function createSender(visit: Visit, place: Place, onRows: (rows: readonly LedgerRow[]) => void): Sender {
  const { target, window } = visit;
  // Many servers that have a limit do not tell it; they refuse, or end the session.
  const limit = announcedLimit(target.capabilities) ?? Number.POSITIVE_INFINITY;
  // A path that breaks before a batch is through would never carry one: after attempts without progress they are smaller.
  const share = 2 ** Math.min(visit.move.attempt, 7);
  const most = target.capabilities.has('MULTIAPPEND') ? { messages: Math.ceil(BATCH.messages / share), bytes: BATCH.bytes / share } : { messages: 1, bytes: 0 };
  const answers = new Set<Promise<void>>();
  let batch: Whole[] = [];
  let batchBytes = 0;
  let failure: { readonly error: unknown } | undefined;
  const giver = createGiver(visit, place, onRows);

  /** Whether the message is to be sent. */
  function check(message: Listed, size: number): boolean {
    // Nothing is begun after a failure: what was sent before it is still answered and written down.
    if (failure !== undefined) throw failure.error;
    if (giver.stopped) return false;
    if (size <= limit) return true;
    giver.note(message, size, finalFailure('too-big', `the target takes messages of ${limit} bytes: message ${message.uid} of "${place.mailbox}" has ${size}`));
    return false;
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
      giver.send(sent).finally(() => {
        for (const { bytes, free } of sent) {
          window.leave(bytes.length);
          free();
        }
      }),
    );
  }

  function gather(message: Listed, bytes: Buffer): void {
    batch.push({ message, ...messageSlabs.keep(bytes) });
    batchBytes += bytes.length;
    if (batch.length >= most.messages || batchBytes >= most.bytes) flush();
  }

  return {
    take(message, bytes) {
      if (!check(message, bytes.length)) return messageSlabs.keep(bytes).free();
      if (window.enterNow(bytes.length)) return gather(message, bytes);
      // What is gathered holds room; unsent it would never give it back.
      flush();
      return window.enter(bytes.length).then(() => gather(message, bytes));
    },

    async stream(message, { size, body }) {
      if (!check(message, size)) return;
      flush();
      if (giver.hasRefused()) while (answers.size > 0) await Promise.all(answers);
      if (giver.stopped) return;
      const room = Math.min(size, STREAMED);
      await window.enter(room);
      const key = keyOf(place, message.uid);
      const digest = createHash('sha256');
      const taken = Promise.withResolvers<void>();
      const whole = hashed(body, digest, taken, (bytes) => {
        if (!visit.source.reusesMemory) noteRead(bytes);
        visit.underWay.carried(key, bytes);
      });
      const append = (): Promise<Appended | undefined> =>
        target.append(place.targetMailbox, { flags: [...message.flags], internalDate: message.internalDateText, size }, whole);
      const answer = giver.stream(message, size, append, () => digest.digest()).finally(() => window.leave(room));
      awaitAnswer(answer);
      // Whichever comes first: the body handed over, or an answer that makes it unwanted.
      await Promise.race([taken.promise, answer]);
    },

    flush,
    get stopped() {
      return giver.stopped;
    },
    refused: () => giver.refused,

    async done() {
      flush();
      while (answers.size > 0) await Promise.all(answers);
      if (failure !== undefined) throw failure.error;
    },
  };
}

/** Passes a body on and fingerprints it on the way. */
async function* hashed(
  body: AsyncIterable<Buffer>,
  digest: ReturnType<typeof createHash>,
  taken: PromiseWithResolvers<void>,
  onBytes: (bytes: number) => void,
): AsyncGenerator<Buffer> {
  try {
    for await (const chunk of body) {
      digest.update(chunk);
      onBytes(chunk.length);
      yield chunk;
    }
  } finally {
    taken.resolve();
  }
}
