import type { Rule } from '../rule.ts';
import { clockTime } from '../words.ts';

export const moveFailed: Rule = {
  name: 'move-failed',
  when: 'the last move failed and waits for a person',
  find: ({ move, who }, now) => {
    const [last] = move.moves;
    if (last?.state !== 'failed') return undefined;
    return {
      line: `The move to ${last.target} failed (${last.failure ?? 'no reason known'}) and waits for a person; the mailbox works at ${who.home} as before.`,
      evidence: [`${last.error ?? 'No error was kept'}`, ...(last.endedAt === undefined ? [] : [`Ended at ${clockTime(last.endedAt, now)}`])],
      next: { act: 'case.escalate', text: 'Hand over to level two with these words.' },
      say: 'Your mailbox is not moved yet and works as before. We look at what stopped the move.',
    };
  },
};
