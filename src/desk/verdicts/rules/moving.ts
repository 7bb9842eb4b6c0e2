import type { Rule } from '../rule.ts';
import { clockTime, count } from '../words.ts';

export const moving: Rule = {
  name: 'moving',
  when: 'a move of the account is under way; nothing else is the matter',
  find: ({ move, who }, now) => {
    const last = move.moves.find(({ back, state }) => back !== 'following' && back !== 'merging' && ['queued', 'copying', 'following', 'held'].includes(state));
    if (last === undefined) return undefined;
    const { forecast } = move;
    return {
      line: `The mailbox is being copied to ${last.target} (${count(last.copiedMessages, 'message')} of ${last.messages}); until it is there it works at ${who.home} as ever${forecast === undefined ? '' : `, expected there between ${clockTime(forecast.fromAt, now)} and ${clockTime(forecast.toAt, now)}`}.`,
      evidence: [`Phase: ${move.phase}`, ...(last.error === undefined ? [] : [`Last trouble: ${last.error}`])],
      next: { text: 'Nothing is to be done.' },
      say: 'Your mailbox is being moved in the background. You can use it as ever, and need not change anything.',
    };
  },
};
