import { byDevice, standing } from '../look.ts';
import type { Rule } from '../rule.ts';
import { clockTime, count, named, signInLine } from '../words.ts';

export const appPasswordNeeded: Rule = {
  name: 'app-password-needed',
  when: 'the right password came from a mail program, and the account’s second step lets mail programs in by app passwords only',
  find: (evidence, now) => {
    const rows = standing(evidence, now, ['second-step']);
    const [device] = byDevice(rows);
    if (device === undefined) return undefined;
    return {
      line: `${named(device.guess)} has the right password, but the account asks for a second step, so mail programs need an app password: ${count(device.times, 'try', 'tries')} since ${clockTime(device.firstAt, now)}.`,
      evidence: [...rows.map((row) => signInLine(row, now)), `Second step everywhere: ${evidence.who.secondStep?.everywhere === true ? 'yes' : 'not any more'}`, `App passwords: ${evidence.who.appPasswords.length}`],
      next: { act: 'account.app-password', text: 'Make an app password for this device.' },
      say: 'You have switched on the second step, and mail programs cannot show it. I give you an app password for this device.',
    };
  },
};
