import type { Rule } from '../rule.ts';
import { count } from '../words.ts';

export const backedOut: Rule = {
  name: 'backed-out',
  when: 'a move was tried and put off, since the mailbox was in use; it is tried again by itself',
  find: ({ move, who }) => {
    const [last] = move.moves;
    if (last === undefined || last.backedOut === 0 || last.back === 'following' || !['queued', 'copying', 'following', 'held'].includes(last.state)) return undefined;
    return {
      line: `The move to ${last.target} was tried ${count(last.backedOut, 'time')} and put off, since the mailbox was in use; it is tried again by itself.`,
      evidence: [`${count(last.copiedMessages, 'message')} of ${last.messages} are there already`, `Home: ${who.home}`],
      next: { text: 'Nothing is to be done. Where it is to go fast: have the mail program closed for a minute.' },
      say: 'Your mailbox works as before. It moves by itself at a moment when nobody is writing into it.',
    };
  },
};
