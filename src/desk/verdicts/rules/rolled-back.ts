import { LATELY_MS } from '../look.ts';
import type { Rule } from '../rule.ts';
import { clockTime, count } from '../words.ts';

export const rolledBack: Rule = {
  name: 'rolled-back',
  when: 'within 14 days the account was carried back to the platform where it lived before',
  find: ({ move, who }, now) => {
    const last = move.moves.find(({ back, state }) => back !== 'following' && back !== 'merging' && state === 'moved');
    if (last === undefined || (last.back !== 'asked' && last.back !== 'without') || last.target !== who.home || last.endedAt === undefined || last.endedAt <= now - 14 * LATELY_MS) return undefined;
    return {
      line: `It was carried back from ${last.source} to ${last.target} at ${clockTime(last.endedAt, now)}; all devices reach it there.`,
      evidence: [`${count(last.messages, 'message')} at ${last.source} then`],
      next: { text: 'Nothing is to be done; ask what is missing, and open a case where something is.' },
      say: 'We took your mailbox back to where it was before. Everything should be as you know it; is there anything that you miss?',
    };
  },
};
