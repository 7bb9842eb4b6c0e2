/**
 * Judging the code of a second step: one that a phone makes (signin/one-time-code.ts), or a recovery code.
 *
 * Invariants: "wrong" only of a code that was judged. Each serves once: in this process by memory, over all instances by
 * the store; with the store gone a phone's code is still judged, by memory alone, and a recovery code cannot be.
 */
import { looksLikeRecoveryCode, type SecondStep, useRecoveryCode, useStep } from '#directory/index.ts';
import type { Seal } from '#directory/outbox/seal.ts';
import { CausewayError } from '#errors/index.ts';
import type { Clock } from '#events/clock.ts';
import { createBoundedMap } from '#signin/load/bounded-map.ts';
import { stepOf } from '#signin/one-time-code.ts';
import { timeLimit } from '#signin/load/within.ts';
import type { Store } from '#store/index.ts';

/** A code serves for a minute and a half; so many accounts do not sign in with codes meanwhile. */
const REMEMBERED = 20_000;
/** The customer waits; without the store the answer is the same. */
const STORE_MS = 2_000;

export type CodeVerdict = 'right' | 'wrong' | 'used';

export type Codes = {
  /** @throws CausewayError('unavailable') when it cannot be judged */
  judge(accountId: number, secondStep: SecondStep, code: string): Promise<CodeVerdict>;
};

/** @param seal undefined without a key from outside: then no account of ours has a second step that could be judged */
export function createCodes({ seal, store, clock }: { seal: Seal | undefined; store: Store; clock: Clock }): Codes {
  const used = createBoundedMap<number, number>(REMEMBERED);
  return {
    async judge(accountId, { sealed }, code) {
      if (looksLikeRecoveryCode(code)) {
        const serves = await store.transaction((tx) => useRecoveryCode(tx, accountId, code, { actor: 'customer' }));
        return serves ? 'right' : 'wrong';
      }
      const step = await stepOf(open(seal, accountId, sealed), code, clock.now());
      if (step === undefined) return 'wrong';
      if (step <= (used.peek(accountId) ?? 0)) return 'used';
      used.set(accountId, step);
      const isFirst = await timeLimit(useStep(store, accountId, step), STORE_MS, clock, 'a code').catch(() => true);
      return isFirst ? 'right' : 'used';
    },
  };
}

function open(seal: Seal | undefined, accountId: number, sealed: string): string {
  try {
    if (seal !== undefined) return seal.open(accountId, Buffer.from(sealed, 'base64'));
  } catch {
    // Sealed under a key that is not this one.
  }
  throw new CausewayError('unavailable', 'the key under which codes are kept is not at hand', {
    place: `account:${accountId}`,
    remedy: 'give the process the key of the known good with which the second step was turned on',
    customerText: 'The code cannot be checked at this moment. Your password and your phone are fine. A recovery code works, and so does a passkey.',
  });
}
