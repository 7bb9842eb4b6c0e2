import type { Rule } from '../rule.ts';
import { NOW_MS, standing } from '../look.ts';
import { signInLine } from '../words.ts';

export const inHold: Rule = {
  name: 'in-hold',
  when: 'the account is being carried over at this moment, or a sign-in waited in vain for that a moment ago',
  find: (evidence, now) => {
    const waited = standing(evidence, now, ['held'], NOW_MS);
    if (evidence.move.phase !== 'held' && waited.length === 0) return undefined;
    const { wave } = evidence.move;
    return {
      line: evidence.move.phase === 'held' ? 'The mailbox is being carried over at this moment; that takes seconds, and devices wait.' : 'A device came while the mailbox was being carried over, and was told to come again.',
      evidence: [`Phase: ${evidence.move.phase}${evidence.move.stage === undefined ? '' : `, ${evidence.move.stage}`}`, ...(wave === undefined ? [] : [`Wave ${wave.number} (${wave.name}) from ${wave.source} to ${wave.target}`]), ...waited.map((row) => signInLine(row, now))],
      next: { text: 'Wait ten seconds and look again.' },
      say: 'Your mailbox is being moved right now. Please wait a few seconds and try once more.',
    };
  },
};
