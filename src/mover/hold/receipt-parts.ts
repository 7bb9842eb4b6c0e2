/** What a receipt says of mailboxes and messages, from what the hold has proven. */
import type { Pair } from '../mailboxes/pairs.ts';
import type { ReceiptBody } from './receipt.ts';
import type { Visit } from '../visit.ts';
import type { Proof } from './verify.ts';

export function mailboxesOf(visit: Visit, pairs: readonly Pair[], proofs: readonly Proof[]): Pick<ReceiptBody, 'mailboxes' | 'mapped' | 'refused' | 'kept'> {
  const mapped = pairs.filter((pair) => pair.mapped).map(({ sourceMailbox, targetMailbox }) => ({ mailbox: sourceMailbox, as: targetMailbox }));
  const kept = proofs.flatMap(({ target: { mailbox, uidValidity }, aside }) => aside.target.map(({ uid, size }) => ({ mailbox, uidValidity, uid, size })));
  return {
    mailboxes: proofs.map(({ source, target }) => ({ source, target })),
    ...(mapped.length === 0 ? {} : { mapped }),
    refused: proofs.flatMap(({ source, aside }) => visit.refusals.receiptOf(source, aside.source)),
    ...(kept.length === 0 ? {} : { kept }),
  };
}
