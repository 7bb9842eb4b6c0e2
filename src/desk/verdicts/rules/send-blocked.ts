import type { Rule } from '../rule.ts';
import { LATELY_MS } from '../look.ts';
import { signInLine } from '../words.ts';

export const sendBlocked: Rule = {
  name: 'send-blocked',
  when: 'the account may read and not send',
  find: ({ who, signIns, changes }, now) => {
    if (who.state !== 'send-blocked') return undefined;
    const tried = signIns.filter(({ reason, lastAt }) => reason === 'send-blocked' && lastAt > now - LATELY_MS);
    const by = changes.find(({ act }) => act === 'account.state-set');
    return {
      line: `The account may read and not send${tried.length === 0 ? '' : '; it tried to'}.`,
      evidence: [`State of ${who.address}: send-blocked`, ...(by === undefined ? [] : [`Set by ${by.actor}${by.why === undefined ? '' : `: ${by.why}`}`]), ...tried.map((row) => signInLine(row, now))],
      next: { act: 'case.open', text: 'Look why sending was stopped, mostly since spam went out; it is opened once the device is clean and the password new.' },
      say: 'You can read your mail, but sending is stopped for now, most likely since unwanted mail went out from your mailbox.',
    };
  },
};
