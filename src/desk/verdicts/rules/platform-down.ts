/** A right secret, and the home does not answer: this is told before anything of devices, which cannot be at fault then. */
import { NOW_MS, standing } from '../look.ts';
import type { Rule } from '../rule.ts';
import { clockTime, count, signInLine } from '../words.ts';

export const platformDown: Rule = {
  name: 'platform-down',
  when: 'within the hour the right password came, and the platform where the mail lives did not answer, and is not seen to work since',
  find: (evidence, now) => {
    const rows = standing(evidence, now, ['platform'], NOW_MS);
    if (rows.length === 0) return undefined;
    const { home } = evidence.who;
    const since = Math.min(...rows.map(({ firstAt }) => firstAt));
    const { wave } = evidence.move;
    const which = wave?.target === home || evidence.receipt?.target === home ? 'the new platform' : wave?.source === home ? 'the old platform' : 'the platform';
    return {
      line: `The password is right, but ${which} (${home}), where the mail lives, has not answered since ${clockTime(since, now)}.`,
      evidence: [...rows.map((row) => signInLine(row, now)), `${count(rows.reduce((sum, { times }) => sum + times, 0), 'sign-in')} came to ${home} in vain`],
      next: { act: 'account.attach-incident', text: 'Attach the account to the incident of this platform; nothing in the device needs a change.' },
      say: 'Your password is right. The server that holds your mail does not answer at the moment; nothing is lost, and nothing needs changing.',
    };
  },
};
