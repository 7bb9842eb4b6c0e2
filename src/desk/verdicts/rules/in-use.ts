import { byDevice, NOW_MS, standing } from '../look.ts';
import type { Rule } from '../rule.ts';
import { clockTime, count, named, signInLine } from '../words.ts';

export const inUse: Rule = {
  name: 'in-use',
  when: 'within the hour the platform said that the mailbox is in use by another program',
  find: (evidence, now) => {
    const rows = standing(evidence, now, ['in-use'], NOW_MS);
    const [device] = byDevice(rows);
    if (device === undefined) return undefined;
    return {
      line: `${named(device.guess)} has the right password, but another program had the mailbox open at ${clockTime(device.lastAt, now)}: ${count(device.times, 'try', 'tries')}.`,
      evidence: rows.map((row) => signInLine(row, now)),
      next: { act: 'account.end-sessions', text: 'End the sessions; of several programs with POP3, one should stay.' },
      say: 'Another of your programs has the mailbox open, and only one can at a time. I close it now; please try once more.',
    };
  },
};
