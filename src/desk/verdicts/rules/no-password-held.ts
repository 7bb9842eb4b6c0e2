import { standing } from '../look.ts';
import type { Rule } from '../rule.ts';
import { signInLine } from '../words.ts';

export const noPasswordHeld: Rule = {
  name: 'no-password-held',
  when: 'we have the word on the password, and hold none that we can check',
  find: (evidence, now) => {
    const rows = standing(evidence, now, ['no-hash']);
    if (rows.length === 0) return undefined;
    const { hashHeld } = evidence.who;
    return {
      line: hashHeld ? 'The password that is set for the account is kept in a form that we cannot check, so none can be right.' : 'No password is set for the account with us, so none can be right.',
      evidence: [`${hashHeld ? 'The hash that is held is of a kind that cannot be checked' : 'No hash is held'}, and no platform is asked`, ...rows.map((row) => signInLine(row, now))],
      next: { act: 'account.reset-link', text: 'Send a reset link.' },
      say: 'Your password cannot be checked with us. I send you a link to set a new one.',
    };
  },
};
