/**
 * Sending as the account, at its home's submission service.
 *
 * Invariants: the account is at work while a message is handed over, so no hold is between its two ends, and a platform
 * that writes copies of what is sent writes them at the home. A message that may have been taken is not sent again: its
 * sender is told.
 */
import { CausewayError } from '#errors/index.ts';
import type { Target } from '#gateway/backend.ts';
import type { SubmissionConnection } from '#submission/connect.ts';
import type { SmtpEnvelope } from './mail-access.ts';
import type { UnderWay } from './pool.ts';

export type Submit = (request: UnderWay, envelope: SmtpEnvelope, message: Buffer) => Promise<void>;

type Reach = (at: Pick<Target, 'accountId' | 'address' | 'home'>, budgetMs: number, signal: AbortSignal) => Promise<SubmissionConnection>;

/** To reach the service; a page waits for it. */
const REACH_MS = 8_000;

export function createSubmit({ reach }: { reach: Reach }): Submit {
  return ({ entered, pass, signal, use }, envelope, message) =>
    use(async () => {
      const { home, login, customer } = entered;
      if (customer.sendBlocked) throw new CausewayError('refused', 'the account may not send', { customerText: 'Sending from this account is blocked. Please ask us about it.' });
      const connection = await reach({ accountId: pass.accountId, address: login, home }, REACH_MS, signal);
      try {
        await connection.send(envelope, message);
      } finally {
        connection.destroy();
      }
    });
}
