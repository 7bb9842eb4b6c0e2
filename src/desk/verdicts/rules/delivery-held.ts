import type { Rule } from '../rule.ts';
import { NOW_MS } from '../look.ts';
import { clockTime, count } from '../words.ts';

export const deliveryHeld: Rule = {
  name: 'delivery-held',
  when: 'within the hour mail came while the account was being carried over; it waited some seconds and was delivered',
  find: ({ deliveries, who }, now) => {
    const [row] = deliveries.filter(({ outcome, lastAt }) => outcome === 'held' && lastAt > now - NOW_MS);
    if (row === undefined) return undefined;
    return {
      line: `${count(row.times, 'message')} came while the mailbox was being carried over, waited some seconds and went on to ${row.platform}.`,
      evidence: [`Last at ${clockTime(row.lastAt, now)}`, `Home: ${who.home}`],
      next: { text: 'Nothing is to be done; the mail is in the mailbox.' },
      say: 'Your mailbox was moved just now. Mail that came meanwhile waited a few seconds and is there.',
    };
  },
};
