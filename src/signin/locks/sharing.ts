/**
 * Counters shared by the instances of an installation: each tells what it counted, and hears what the others did.
 *
 * Invariants: nobody waits for it: telling is a push onto a bounded list, and with the store gone or hung each instance
 * counts by itself. What is told late or never errs to serving the customer, and strangers are still stopped by each
 * instance's own counts. Hearing something twice changes nothing. Instances with other keys make other digests: their
 * batches are not opened, and that is said once.
 */
import { messageOf } from '#errors/index.ts';
import type { Clock } from '#events/clock.ts';
import type { Emit } from '#events/index.ts';
import { locksAlone, locksLate } from './events.ts';
import type { Exchange } from './exchange.ts';
import { type Note, openBatch, sealBatch } from './note.ts';

export type Sharing = {
  tell(note: Note): void;
  close(): Promise<void>;
};

/** A network that is new at one instance is known at the others within two of these, at two small statements each. */
const ROUND_MS = 1_000;
/** Twice what 100 checks a second can find wrong or right in a round, with room for a burst. */
const BATCH = 500;
/** Ten seconds of that: an outage of the store that is longer costs the others the news of it. 2 MB. */
const WAITING = 5_000;

export function startSharing({ exchange, key, hear, clock, emit }: { exchange: Exchange; key: Buffer; hear: (note: Note) => void; clock: Clock; emit: Emit }): Sharing {
  const waiting: Note[] = [];
  const closing = new AbortController();
  let late = false;
  let stranger = false;

  async function publish(): Promise<void> {
    while (waiting.length > 0) {
      const batch = waiting.slice(0, BATCH);
      await exchange.publish(sealBatch(batch, key));
      waiting.splice(0, batch.length);
    }
  }

  async function listen(): Promise<void> {
    for (;;) {
      const { batches, more } = await exchange.read();
      for (const batch of batches) {
        const notes = openBatch(batch, key);
        for (const note of notes ?? []) hear(note);
        if (notes === undefined && !stranger) {
          stranger = true;
          emit(locksAlone, { why: 'other-key' });
        }
      }
      if (!more || closing.signal.aborted) return;
    }
  }

  const running = (async () => {
    while (!closing.signal.aborted) {
      try {
        await publish();
        await listen();
        late = false;
      } catch (error) {
        if (!late && !closing.signal.aborted) emit(locksLate, { message: messageOf(error) });
        late = true;
      }
      await clock.sleep(ROUND_MS, closing.signal).catch(() => {});
    }
  })();

  return {
    tell(note) {
      if (waiting.length < WAITING) waiting.push(note);
    },
    async close() {
      closing.abort(new Error('closed'));
      await running;
    },
  };
}
