/**
 * The worker's question to sign-in before a secret: whether one could be judged at all. Sign-in answers from memory.
 *
 * Invariant: without an answer in time, or with no room to wait for it, the client is let go on: the verdict on its
 * secret has time-outs of its own.
 */
import type { Clock } from '#events/clock.ts';
import type { Protocol } from '#signin/verdict.ts';
import type { FromWorker } from './messages.ts';

/** A busy sign-in process answers in milliseconds; a client that waits for a second notices nothing. */
const ANSWER_MS = 1_000;
/** As many as attempts that wait for their verdict. */
const WAITING_LIMIT = 5_000;

export type AskJudgeable = {
  /** Never rejects. */
  ask(login: string, protocol: Protocol): Promise<boolean>;
  receive(id: number, judgeable: boolean): void;
  /** Nobody answers any more: no secret can be judged. */
  orphan(): void;
};

export function createAskJudgeable({ send, clock }: { send: (message: FromWorker) => void; clock: Clock }): AskJudgeable {
  const waiting = new Map<number, (judgeable: boolean) => void>();
  let lastId = 0;
  let orphaned = false;
  return {
    ask(login, protocol) {
      if (orphaned) return Promise.resolve(false);
      if (waiting.size >= WAITING_LIMIT) return Promise.resolve(true);
      lastId += 1;
      const id = lastId;
      return new Promise((resolve) => {
        const settle = (judgeable: boolean): void => {
          waiting.delete(id);
          inTime();
          resolve(judgeable);
        };
        waiting.set(id, settle);
        const inTime = clock.after(ANSWER_MS, () => settle(true));
        send({ t: 'could-judge', id, login, protocol });
      });
    },
    receive: (id, judgeable) => waiting.get(id)?.(judgeable),
    orphan() {
      orphaned = true;
      for (const settle of waiting.values()) settle(false);
    },
  };
}
