/** Why a message was not sent, in the customer's words. */
import type { Trouble } from './open.ts';

type Words = { readonly notSentNow: string; readonly sendFailed: string; readonly tooManyRecipients: string; readonly noRecipients: string; readonly overQuota: string; readonly conflictOther: string; readonly invalidRecipients: (list: string) => string; readonly refusedLater: (list: string) => string };

export function troubleText({ type, sentence, addresses }: Trouble, w: Words): string {
  switch (type) {
    case 'unreachable':
    case 'blobs-gone':
      return w.notSentNow;
    case 'conflict':
      return w.conflictOther;
    case 'noRecipients':
      return w.noRecipients;
    case 'tooManyRecipients':
      return w.tooManyRecipients;
    case 'invalidRecipients':
      return w.invalidRecipients(addresses.join(', '));
    case 'refusedLater':
      return w.refusedLater(addresses.join(', '));
    default:
      return sentence ?? w.sendFailed;
  }
}
