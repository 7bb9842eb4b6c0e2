import { LATELY_MS, working } from '../look.ts';
import type { Rule } from '../rule.ts';
import { clockTime, namedWithin, signInLine } from '../words.ts';

export const allWell: Rule = {
  name: 'all-well',
  when: 'something signed in within the day, nothing that was refused stands, and no other rule fits',
  find: (evidence, now) => {
    const rows = working(evidence, now);
    const [last] = rows;
    if (last === undefined) return undefined;
    const before = evidence.signIns.filter(({ outcome, lastAt }) => outcome !== 'accepted' && outcome !== 'code-asked' && lastAt > now - LATELY_MS);
    return {
      line: `Everything is fine as far as we see: ${namedWithin(last.deviceGuess)} signed in at ${clockTime(last.lastAt, now)}, and ${before.length === 0 ? 'nothing was refused' : 'what was refused today is over'}.`,
      evidence: [...rows, ...before].map((row) => signInLine(row, now)),
      next: { text: 'Ask which device, and what it says word for word.' },
      say: 'From here everything is well: your mailbox is open and reachable. What exactly does your device say?',
    };
  },
};
