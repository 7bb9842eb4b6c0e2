/**
 * The worker's question to `serve`: under which POP3 ids an account's messages go on since it was moved.
 *
 * Invariant: without an answer there is no session. A client that is shown a platform's own ids once takes every message
 * for a new one, and fetches all again.
 */
import { CausewayError } from '#errors/index.ts';
import type { Clock } from '#events/clock.ts';
import { createTranslate, parseKept, type Translate } from '#wire/pop3/uidls.ts';
import type { FromWorker, KeptUidls } from './messages.ts';

/** A file is read in a millisecond, the store gives up after two seconds; with the dialling this stays below a client's patience. */
const ANSWER_MS = 5_000;
/** As many as attempts that wait for their verdict. */
const WAITING_LIMIT = 5_000;

export type AskUidls = {
  /** @returns undefined where clients get the platform's own ids @throws CausewayError 'unavailable' */
  ask(accountId: number, home: string): Promise<Translate | undefined>;
  receive(id: number, answer: KeptUidls): void;
  /** Nobody answers any more. */
  orphan(): void;
};

export function createAskUidls({ send, clock }: { send: (message: FromWorker) => void; clock: Clock }): AskUidls {
  const waiting = new Map<number, (answer: KeptUidls) => void>();
  let lastId = 0;
  let orphaned = false;
  return {
    async ask(accountId, home) {
      if (orphaned || waiting.size >= WAITING_LIMIT) throw unknown();
      lastId += 1;
      const id = lastId;
      const answer = await new Promise<KeptUidls>((resolve) => {
        const settle = (found: KeptUidls): void => {
          waiting.delete(id);
          inTime();
          resolve(found);
        };
        waiting.set(id, settle);
        const inTime = clock.after(ANSWER_MS, () => settle('unknown'));
        send({ t: 'ask-uidls', id, accountId, home });
      });
      if (answer === 'own') return undefined;
      const kept = answer === 'unknown' ? undefined : parseKept(answer.kept);
      if (answer === 'unknown' || kept === undefined) throw unknown();
      return createTranslate({ kept, epoch: answer.epoch, marked: answer.marked });
    },
    receive: (id, answer) => waiting.get(id)?.(answer),
    orphan() {
      orphaned = true;
      for (const settle of waiting.values()) settle('unknown');
    },
  };
}

const unknown = (): CausewayError => new CausewayError('unavailable', 'the ids that the account\'s POP3 clients know could not be had', { retryable: true });
