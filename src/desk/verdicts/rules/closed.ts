import type { Rule } from '../rule.ts';

export const closed: Rule = {
  name: 'closed',
  when: 'the account is closed',
  find: ({ who, changes }) => {
    if (who.state !== 'closed') return undefined;
    const by = changes.find(({ act }) => act === 'account.state-set');
    return {
      line: 'The account is closed; nobody gets in with any password.',
      evidence: [`State of ${who.address}: closed`, ...(by === undefined ? [] : [`Set by ${by.actor}${by.why === undefined ? '' : `: ${by.why}`}`])],
      next: { act: 'case.open', text: 'Look in the customer system why it was closed; only that can open it again.' },
      say: 'Your mailbox is closed, so no password opens it. I will look with you why that is.',
    };
  },
};
