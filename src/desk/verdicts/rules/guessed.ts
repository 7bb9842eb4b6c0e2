import { everIn, isOwn, standing, worksBeside } from '../look.ts';
import type { Rule } from '../rule.ts';
import { count, signInLine } from '../words.ts';

export const guessed: Rule = {
  name: 'guessed',
  when: 'wrong passwords came from places and programs that never signed in, and locked nothing yet',
  find: (evidence, now) => {
    const rows = standing(evidence, now, ['secret', 'pair', 'account']).filter((row) => !isOwn(evidence, row));
    if (rows.length === 0 || !everIn(evidence)) return undefined;
    return {
      line: `Somebody at ${rows[0]!.network} sent a wrong password ${count(rows.reduce((sum, { times }) => sum + times, 0), 'time')}, from where the customer never signed in${worksBeside(evidence, now, rows)}.`,
      evidence: [...rows.map((row) => signInLine(row, now)), ...evidence.locks.inWords],
      next: { text: 'Ask whether that is a new device or place of the customer’s: then the password in it is wrong.' },
      say: 'Somebody tried a wrong password from a place that we do not know. Did you set up a device just now, or are you on the road?',
    };
  },
};
