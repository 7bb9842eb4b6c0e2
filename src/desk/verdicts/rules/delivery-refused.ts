import { LATELY_MS } from '../look.ts';
import type { Rule } from '../rule.ts';
import { clockTime, count } from '../words.ts';

export const deliveryRefused: Rule = {
  name: 'delivery-refused',
  when: 'within the day mail for the account was refused for good',
  find: ({ deliveries }, now) => {
    const [row] = deliveries.filter(({ outcome, lastAt }) => outcome === 'refused' && lastAt > now - LATELY_MS);
    if (row === undefined) return undefined;
    return {
      line: `${row.platform} refused ${count(row.times, 'message')} for this account since ${clockTime(row.firstAt, now)}; the senders got them back.`,
      evidence: [`${row.platform}: ${row.reason}`],
      next: { act: 'case.escalate', text: 'Hand over to level two with the words of the platform.' },
      say: 'Mail to you was sent back. I pass on why; the senders have been told and have to send again.',
    };
  },
};
