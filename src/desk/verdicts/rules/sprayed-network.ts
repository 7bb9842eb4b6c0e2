import { LATELY_MS, standing, worksBeside } from '../look.ts';
import type { Rule } from '../rule.ts';
import { clockTime, signInLine } from '../words.ts';

export const sprayedNetwork: Rule = {
  name: 'sprayed-network',
  when: 'sign-ins are stopped since somebody tries one password on many accounts, or many login names from one network',
  find: (evidence, now) => {
    const rows = standing(evidence, now, ['spray'], LATELY_MS);
    const [row] = rows;
    if (row === undefined) return undefined;
    const until = evidence.locks.networks.find(({ network, sprayingUntil }) => network === row.network && sprayingUntil !== undefined)?.sprayingUntil;
    return {
      line: `Somebody at ${row.network} tries passwords on many accounts; strangers from there are stopped${until === undefined ? '' : ` until ${clockTime(until, now)}`}${worksBeside(evidence, now, rows)}.`,
      evidence: [...evidence.locks.inWords, ...rows.map((each) => signInLine(each, now))],
      next: { act: 'account.app-password', text: 'If the customer is at that network: give an app password, or have them sign in from elsewhere once. Else nothing is to be done.' },
      say: 'Somebody tried many mailboxes from that network, so we stopped it. Your own mailbox is safe.',
    };
  },
};
