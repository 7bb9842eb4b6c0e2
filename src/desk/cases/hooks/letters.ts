/**
 * Answers as mail to the customer's own address: there is no other that we know.
 *
 * Invariants: an answer is in its case exactly once. Its letter has one Message-ID however often it is sent, and it is sent
 * a second time only where the relay's word was lost. While the customer's mailbox is out of reach it waits where mail
 * waits.
 */
import { LETTERS } from '../tell.ts';
import type { Receiver } from './deliver.ts';

export type Letter = { readonly messageId: string; readonly to: string; readonly subject: string; readonly text: string; readonly at: number };

/** @param send throws CausewayError `refused` for what is never taken @param domain of the sender: what Message-IDs end with */
export function letterReceiver({ send, domain }: { readonly send: (letter: Letter) => Promise<void>; readonly domain: string }): Receiver {
  return {
    name: LETTERS,
    async tell({ id, at, about }) {
      // A case of nobody's account, or an account that was deleted since: nobody to write to.
      if (about.account === undefined || about.text === undefined) return;
      await send({ messageId: `case-${about.case}-${id}@${domain}`, to: about.account, subject: `[${about.case}] ${about.subject}`, text: `${about.text}\n`, at: at.getTime() });
    },
  };
}
