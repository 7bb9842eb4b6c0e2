import { standing } from '../look.ts';
import type { Rule } from '../rule.ts';
import { clockTime, count, signInLine } from '../words.ts';

export const codeWrong: Rule = {
  name: 'code-wrong',
  when: 'the password was right in the webmail, and the code after it was not',
  find: (evidence, now) => {
    const rows = standing(evidence, now, ['code']);
    if (rows.length === 0) return undefined;
    const first = Math.min(...rows.map(({ firstAt }) => firstAt));
    return {
      line: `The password is right, but the code of the second step was not: ${count(rows.reduce((sum, { times }) => sum + times, 0), 'try', 'tries')} since ${clockTime(first, now)}.`,
      evidence: rows.map((row) => signInLine(row, now)),
      next: { text: 'Have the clock of the phone checked; else a recovery code gets in.' },
      say: 'Your password is right. The code from your phone was not: please see that its clock is set by itself, or take one of your recovery codes.',
    };
  },
};
