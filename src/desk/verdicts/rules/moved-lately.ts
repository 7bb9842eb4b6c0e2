import { LATELY_MS } from '../look.ts';
import type { Rule } from '../rule.ts';
import { clockTime, count } from '../words.ts';

export const movedLately: Rule = {
  name: 'moved-lately',
  when: 'within three days the account was moved; nothing else is the matter',
  find: ({ receipt, who }, now) => {
    if (receipt === undefined || receipt.at <= now - 3 * LATELY_MS || receipt.target !== who.home) return undefined;
    const left = receipt.refused.reduce((sum, { messages }) => sum + messages, 0);
    return {
      line: `It was moved to ${receipt.target} at ${clockTime(receipt.at, now)}, with all ${count(receipt.messages, 'message')} of ${count(receipt.mailboxes, 'mailbox', 'mailboxes')}${left === 0 ? '' : ` but ${left} that were left at ${receipt.source} by decision`}.`,
      evidence: [`Receipt of ${clockTime(receipt.at, now)}: ${receipt.messages} messages, read back: ${receipt.readBack}`],
      next: { text: 'Ask what is missing: the receipt says what is there.' },
      say: 'Your mailbox was moved, and everything that was in it is there; you need not change anything in your devices.',
    };
  },
};
