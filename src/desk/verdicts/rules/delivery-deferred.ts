import { NOW_MS } from '../look.ts';
import type { Rule } from '../rule.ts';
import { clockTime, count } from '../words.ts';

export const deliveryDeferred: Rule = {
  name: 'delivery-deferred',
  when: 'within the hour mail for the account was put off, and none was taken since',
  find: ({ deliveries }, now) => {
    const taken = Math.max(0, ...deliveries.filter(({ outcome }) => outcome === 'delivered' || outcome === 'held').map(({ lastAt }) => lastAt));
    const [row] = deliveries.filter(({ outcome, lastAt }) => outcome === 'deferred' && lastAt > now - NOW_MS && lastAt > taken);
    if (row === undefined) return undefined;
    return {
      line: `Mail for this account waits at the senders since ${clockTime(row.firstAt, now)} (${count(row.times, 'try', 'tries')}); nothing is lost.`,
      evidence: [row.platform === '' ? 'It came while the account was being carried over' : `${row.platform}: ${row.reason}`],
      next: { act: 'account.attach-incident', text: 'Attach the account to the incident of this platform.' },
      say: 'Mail to you is late. The senders’ servers keep it and try again by themselves; nothing is lost.',
    };
  },
};
