/**
 * Asking the platform whose word on a secret is final, until its answer is worth something.
 *
 * Invariants: `wrong` only for a refusal that is proven; every refusal that we bring about is in the budget.
 */
import { loginAt } from '#directory/account.ts';
import type { Account } from '../accounts.ts';
import type { Budget } from '../load/budget.ts';
import type { Claim } from '../load/claim.ts';
import type { Digest } from '../known-good/digest.ts';
import type { UnavailableReason } from '../verdict.ts';
import type { Verifier } from './verifier.ts';

/** A platform that can be asked. */
export type Authority = { readonly verifier: Verifier; readonly budget: Budget };

export type AuthorityAnswer =
  | { readonly answer: 'right' }
  /** `judgedFrom`: the moment in the process's order at which the question was put. */
  | { readonly answer: 'wrong'; readonly judgedFrom: number }
  | { readonly answer: 'nothing'; readonly reason: UnavailableReason };

/** Once more when the platform was not watched before it refused; by then it has been. */
const TRIES = 2;

/**
 * @param onRefused is waited for between a refusal and its proof
 * @throws only what `onRefused` throws
 */
export async function askAuthority(
  { verifier, budget }: Authority,
  { account, digest, secret, claim }: { account: Account; digest: Digest; secret: string; claim: Claim },
  onRefused?: () => Promise<void>,
): Promise<AuthorityAnswer> {
  for (let tries = 0; tries < TRIES; tries++) {
    const ticket = budget.take(account.id, digest, claim.known);
    if (ticket === undefined) return { answer: 'nothing', reason: 'budget' };
    const outcome = await verifier.check(loginAt(account, account.authority), secret, claim);
    ticket.end(outcome.outcome === 'refused');
    if (outcome.outcome === 'accepted') return { answer: 'right' };
    if (outcome.outcome === 'unavailable') return { answer: 'nothing', reason: outcome.reason };
    claim.onRefused?.();
    await onRefused?.();
    const proof = await verifier.proof(outcome.began);
    if (proof === 'proven') return { answer: 'wrong', judgedFrom: outcome.began };
    if (proof === 'unproven') break;
  }
  return { answer: 'nothing', reason: 'verifier-unproven' };
}
