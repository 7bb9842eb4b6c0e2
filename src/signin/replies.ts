/**
 * Which reply of the table (`reply-table.ts`) a verdict gets.
 *
 * Invariant: `rejected`'s replies are given for that verdict alone, after the secret.
 */
import { type Moment, type Reply, type Row, TABLE } from './reply-table.ts';
import type { Protocol, Verdict } from './verdict.ts';

export type { Moment, Reply } from './reply-table.ts';

export type Refusal = Exclude<Verdict, { verdict: 'accepted' }>;

/**
 * The reply to a verdict that is not `accepted`. `locked` is answered as `unavailable`: that an account is locked is
 * news to an attacker, and a customer is better told by the desk. At a moment that a row does not have, `unavailable`'s
 * reply is given.
 */
export function replyFor(verdict: Refusal, protocol: Protocol, moment: Moment): Reply {
  const { line, closes } = TABLE[rowOf(verdict)][protocol]?.[moment] ?? TABLE.unavailable[protocol][moment] ?? TABLE.unavailable[protocol].secret;
  return { line, closes };
}

function rowOf(verdict: Refusal): Row {
  if (verdict.verdict === 'rejected') return 'rejected';
  switch (verdict.reason) {
    case 'suspended':
    case 'closed':
    case 'send-blocked':
    case 'in-use':
    case 'scope':
    case 'second-step':
      return verdict.reason;
    default:
      return 'unavailable';
  }
}
