import type { Rule } from '../rule.ts';

export const suspended: Rule = {
  name: 'suspended',
  when: 'the account is suspended',
  find: ({ who, changes }) => {
    if (who.state !== 'suspended') return undefined;
    const by = changes.find(({ act }) => act === 'account.state-set');
    return {
      line: 'The account is suspended: nobody gets in, and mail for it is kept.',
      evidence: [`State of ${who.address}: suspended`, ...(by === undefined ? [] : [`Set by ${by.actor}${by.why === undefined ? '' : `: ${by.why}`}`])],
      next: { act: 'case.open', text: 'Look in the customer system why it is suspended; what ends that is settled there.' },
      say: 'Your mailbox is suspended at the moment. Your mail is kept; I will look with you what has to be settled.',
    };
  },
};
