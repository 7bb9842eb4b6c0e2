/**
 * Who signed in by a browser and comes again: instead of the secret it shows a pass.
 *
 * Invariants: as with a secret, the session is registered in the turn in which the route is seen open, and nothing but
 * memory is asked. A pass ends with the secret that it was made for, with its time, with the account, and when it was
 * ended by its owner (directory/secrets/web-session.ts) or, with all others, by a technician (directory/desk-orders.ts), which
 * the mirror tells.
 */
import { loginAt, type Account } from '#directory/account.ts';
import type { Clock } from '#events/clock.ts';
import type { Routes } from './accounts.ts';
import { customerOf } from './customer.ts';
import { unavailable } from './ended.ts';
import { stateAnswer } from './rounds.ts';
import type { Register, Verdict } from './verdict.ts';

export type Pass = {
  /** 128 random bits, in base64url. */
  readonly id: string;
  readonly accountId: number;
  /** The credential version of the secret that was accepted. */
  readonly version: number;
  /** Epoch, ms. */
  readonly madeAt: number;
};

/** Never rejects. `register` is called at most once, only for `accepted`. */
export type PassJudge = (pass: Pass, register: Register, signal: AbortSignal) => Promise<Verdict>;

/** Of a device that is not used for so long nobody misses the session. */
export const PASS_DAYS = 30;
/** As a sign-in waits. */
const WAIT_MS = 10_000;

type Parts = {
  readonly byId: (id: number) => Pick<Account, 'id' | 'address' | 'state' | 'credentialVersion' | 'platformLogins' | 'loginNames' | 'secondStep' | 'endedPasses' | 'sessionsEndedAt'> | undefined;
  readonly routes: Routes;
  readonly clock: Clock;
};

export function createPassJudge({ byId, routes, clock }: Parts): PassJudge {
  return async (pass, register, signal) => {
    const until = clock.monotonic() + WAIT_MS;
    for (;;) {
      const account = byId(pass.accountId);
      if (account === undefined || account.credentialVersion !== pass.version || account.endedPasses?.includes(pass.id) === true) return unavailable('pass-ended');
      if (account.sessionsEndedAt !== undefined && pass.madeAt <= account.sessionsEndedAt) return unavailable('pass-ended');
      if (clock.now() - pass.madeAt > PASS_DAYS * 86_400_000) return unavailable('pass-ended');
      const answer = stateAnswer(account);
      if (answer !== undefined) return unavailable(answer);
      const route = routes.homeNow(account.id);
      if (route !== undefined) {
        register(account.id, route);
        return { verdict: 'accepted', accountId: account.id, address: loginAt(account, route.home), home: route.home, customer: customerOf(account) };
      }
      const waitMs = until - clock.monotonic();
      if (waitMs <= 0 || signal.aborted) return unavailable(signal.aborted ? 'aborted' : 'held');
      try {
        await routes.home(account.id, { waitMs, signal });
      } catch {
        return unavailable(signal.aborted ? 'aborted' : 'held');
      }
    }
  };
}
