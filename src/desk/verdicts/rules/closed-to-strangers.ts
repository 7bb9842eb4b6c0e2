import { isOwn, standing, worksBeside } from '../look.ts';
import type { Rule } from '../rule.ts';
import { clockTime, count, signInLine } from '../words.ts';

export const closedToStrangers: Rule = {
  name: 'closed-to-strangers',
  when: 'so many wrong passwords came from networks without a sign-in that all of those are locked out',
  find: (evidence, now) => {
    const { closed, distinct, inWords } = evidence.locks;
    if (closed === undefined || closed.until <= now) return undefined;
    const rows = standing(evidence, now, ['account']);
    return {
      line: `${count(distinct, 'different wrong password')} came since ${clockTime(closed.since, now)}, so only places that signed in within 30 days get in${worksBeside(evidence, now, rows)}.`,
      evidence: [...inWords, ...rows.filter((row) => !isOwn(evidence, row)).map((row) => signInLine(row, now))],
      next: { act: 'account.reset-link', text: 'Send a reset link: a new password opens the account to all places again.' },
      say: 'Somebody guesses at your password without success. With a new password all your devices get in again, wherever you are.',
    };
  },
};
