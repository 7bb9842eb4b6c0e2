import { LATELY_MS } from '../look.ts';
import type { Rule } from '../rule.ts';

export const uidlAtRisk: Rule = {
  name: 'uidl-at-risk',
  when: 'POP3 programs would fetch, or may have fetched, all mail a second time',
  find: ({ move, who, signIns, receipt, uidls }, now) => {
    const [last] = move.moves;
    if (last?.state === 'failed' && last.failure === 'uidl') {
      return {
        line: `It was not moved to ${last.target}, since its POP3 programs would fetch all mail again there; it works at ${who.home} as before.`,
        evidence: [`Move to ${last.target}: ${last.error ?? 'the POP3 ids cannot be kept'}`],
        next: { act: 'case.escalate', text: 'Hand over to level two: the ids of the two platforms have to be looked at.' },
        say: 'Your mailbox works as before. We move it only when your program does not have to fetch everything again.',
      };
    }
    const pop3 = signIns.some(({ protocol, outcome }) => protocol === 'pop3' && outcome === 'accepted');
    if (!pop3 || receipt === undefined || receipt.target !== who.home || receipt.at <= now - 7 * LATELY_MS || uidls.some(({ platform }) => platform === who.home)) return undefined;
    return {
      line: `It was moved to ${receipt.target} without its POP3 ids, so POP3 programs fetch all mail once more.`,
      evidence: ['No ids are kept for the new home', 'A POP3 program has signed in'],
      next: { act: 'case.escalate', text: 'Hand over to level two before the customer deletes anything: the messages are double in the program, not in the mailbox.' },
      say: 'Your program fetched your mail a second time. Nothing is wrong in your mailbox; please do not delete anything yet.',
    };
  },
};
