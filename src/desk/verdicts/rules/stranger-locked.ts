import { LATELY_MS, worksBeside } from '../look.ts';
import type { Rule } from '../rule.ts';
import { clockTime, count, signInLine } from '../words.ts';

export const strangerLocked: Rule = {
  name: 'stranger-locked',
  when: 'a network that never signed in is locked out, and none of its programs is known from elsewhere',
  find: (evidence, now) => {
    const locked = evidence.locks.networks.find(({ known, lockedUntil }) => !known && lockedUntil !== undefined && lockedUntil > now);
    if (locked === undefined) return undefined;
    const rows = evidence.signIns.filter(({ network, outcome, lastAt }) => network === locked.network && outcome !== 'accepted' && lastAt > now - LATELY_MS);
    return {
      line: `A stranger at ${locked.network} is locked out until ${clockTime(locked.lockedUntil!, now)} after ${count(locked.wrong, 'different wrong password')}; the customer's own devices are not${worksBeside(evidence, now, rows)}.`,
      evidence: [...evidence.locks.inWords, ...rows.map((row) => signInLine(row, now))],
      next: { act: 'account.unlock', text: `Ask whether the customer is at ${locked.network}. If so: unlock. If not, nothing is to be done.` },
      say: 'Somebody elsewhere tries to guess your password and is locked out. Your own devices are not; you need not do anything.',
    };
  },
};
