/** What this page is sending: one outbox for all its composers. */
import { jmap } from '../api/jmap.ts';
import { accountIdOf, getSession } from '../api/session.ts';
import { closed, copies } from './copies.ts';
import type { Message } from './message.ts';
import { createOutbox } from './outbox.ts';
import { outcomeLater, submit, takeBack, type ToSend } from './submit.ts';

export type Outgoing = ToSend & { readonly copyId: string; readonly message: Message; readonly messageId: string; /** To think again, as the customer likes it. */ readonly undoSeconds: number };

const sleep = (ms: number): Promise<void> => new Promise((resolve) => void setTimeout(resolve, ms));
const parts = { jmap, sleep };

/** Whether the server can keep a message for so long (RFC 8621 section 1.3.2); else the moment to think passes here. */
function canHold(seconds: number): boolean {
  const session = getSession();
  const most = Number(session.accounts[accountIdOf(session)]?.accountCapabilities['urn:ietf:params:jmap:submission']?.['maxDelayedSend'] ?? 0);
  return most >= seconds;
}

export const outbox = createOutbox<Outgoing>({
  async submit(what) {
    const { copyId, message, emailId, messageId } = what;
    copies().keep({ id: copyId, at: Date.now(), message, emailId, messageId, subject: message.subject, wasSending: true });
    const outcome = await submit(what, canHold(what.undoSeconds) ? what.undoSeconds : 0, parts);
    // The server has it, or nobody knows: a copy to be sent again would be wrong.
    if (outcome.kind === 'sent' || outcome.kind === 'held' || outcome.kind === 'unknown') {
      copies().forget(copyId);
      closed(copyId);
    }
    return outcome;
  },
  outcome: ({ emailId }, submissionId) => outcomeLater(submissionId, emailId, parts),
  takeBack: ({ origin }, submissionId) => takeBack(submissionId, origin, parts),
  after(ms, run) {
    const timer = setTimeout(run, ms);
    return () => clearTimeout(timer);
  },
  now: Date.now,
});

export function sendLater(what: Outgoing): void {
  outbox.add(what, canHold(what.undoSeconds) ? 0 : what.undoSeconds * 1_000);
}
