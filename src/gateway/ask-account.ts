/**
 * The portal's questions to `serve` about an account: by what it signs in, and that its owner changes the secret.
 *
 * Invariants: no answer is `unavailable`: never "no such key", never "wrong". A change that was asked is not stopped by a
 * silence; that it may have been made is said.
 */
import { CausewayError } from '#errors/index.ts';
import type { Clock } from '#events/clock.ts';
import type { SignInKeys } from '#signin/keys.ts';
import type { OwnChangeAnswer, OwnChangeAsked } from '#signin/secrets/own-change.ts';
import type { FromWorker, ToWorker } from './messages.ts';

/** It is memory that is read. */
const KEYS_MS = 5_000;
/** A judgement of the present secret (ten seconds at most), a hash in its turn, a transaction. */
const CHANGE_MS = 30_000;
/** More than browsers that sign in at once on one instance. */
const WAITING_LIMIT = 1_000;

export type AskAccount = {
  /** Undefined: there is no such account. @throws CausewayError('unavailable') */
  keysOf(accountId: number): Promise<SignInKeys | undefined>;
  /** @throws CausewayError what the change threw; CausewayError('unavailable') */
  changeOwn(change: OwnChangeAsked): Promise<Exclude<OwnChangeAnswer, { outcome: 'failed' }>>;
  receive(message: Extract<ToWorker, { t: 'keys' | 'own-change' }>): void;
  /** Nobody answers any more. */
  orphan(): void;
};

export function createAskAccount({ send, clock }: { send: (message: FromWorker) => void; clock: Clock }): AskAccount {
  const waiting = new Map<number, { resolve(answer: unknown): void; reject(error: Error): void }>();
  let lastId = 0;
  let orphaned = false;

  function ask<T>(message: (id: number) => FromWorker, ms: number): Promise<T> {
    if (orphaned || waiting.size >= WAITING_LIMIT) return Promise.reject(silent());
    lastId += 1;
    const id = lastId;
    return new Promise<T>((resolve, reject) => {
      const late = clock.after(ms, () => {
        waiting.delete(id);
        reject(silent());
      });
      const over = (): void => {
        waiting.delete(id);
        late();
      };
      waiting.set(id, { resolve: (answer) => (over(), resolve(answer as T)), reject: (error) => (over(), reject(error)) });
      send(message(id));
    });
  }

  return {
    keysOf: (accountId) => ask((id) => ({ t: 'ask-keys', id, accountId }), KEYS_MS),
    async changeOwn(change) {
      const answer = await ask<OwnChangeAnswer>((id) => ({ t: 'change-own', id, change }), CHANGE_MS);
      if (answer.outcome !== 'failed') return answer;
      const { code, message, retryable, customerText } = answer;
      throw new CausewayError(code, message, { retryable, ...(customerText === undefined ? {} : { customerText }) });
    },
    receive(message) {
      waiting.get(message.id)?.resolve(message.t === 'keys' ? message.keys : message.answer);
    },
    orphan() {
      orphaned = true;
      for (const { reject } of waiting.values()) reject(silent());
    },
  };
}

function silent(): CausewayError {
  return new CausewayError('unavailable', 'the sign-in process does not answer', { retryable: true });
}
