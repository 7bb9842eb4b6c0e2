import type { Rule } from '../rule.ts';
import { count } from '../words.ts';

const WORDS: Readonly<Record<string, string>> = { 'too-big': 'too large', content: 'a content that it does not take', append: 'not taken, without a reason', 'source-read': 'not readable' };

export const messageRefused: Rule = {
  name: 'message-refused',
  when: 'a move waits for a person’s decision, since a platform did not take or give single messages',
  find: ({ move, who }) => {
    const open = move.refused.filter(({ decided }) => !decided);
    const [last] = move.moves;
    if (open.length === 0 || last?.state !== 'failed') return undefined;
    const [first] = open;
    return {
      line: `The move to ${last.target} waits for a decision: ${count(open.length, 'message')} cannot be carried over (${WORDS[first!.failure] ?? first!.failure}); the mailbox works at ${who.home} as before.`,
      evidence: open.map(({ mailbox, bytes, reason }) => `In ${mailbox}, ${count(Math.ceil(bytes / 1_000), 'kB')}: ${reason}`),
      next: { act: 'case.escalate', text: 'Hand over to level two: the customer may agree that the account moves without these messages.' },
      say: 'Your mailbox works as before. A few messages cannot be carried to the new platform; we ask you before anything is left behind.',
    };
  },
};
