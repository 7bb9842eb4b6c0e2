import { NOW_MS, standing } from '../look.ts';
import type { Rule } from '../rule.ts';
import { clockTime, signInLine } from '../words.ts';

export const ourTrouble: Rule = {
  name: 'our-trouble',
  when: 'within the hour our own sign-in had no room, or could not ask its store, and judged nobody since',
  find: (evidence, now) => {
    const rows = standing(evidence, now, ['store', 'overload'], NOW_MS);
    if (rows.length === 0) return undefined;
    return {
      line: `Our own sign-in could not judge the password since ${clockTime(Math.min(...rows.map(({ firstAt }) => firstAt)), now)}; that says nothing of the password.`,
      evidence: rows.map((row) => signInLine(row, now)),
      next: { act: 'account.attach-incident', text: 'Attach the account to the incident, or tell the lead that there is none yet.' },
      say: 'Sign-in is disturbed on our side. Please leave everything as it is; your device will get in by itself.',
    };
  },
};
