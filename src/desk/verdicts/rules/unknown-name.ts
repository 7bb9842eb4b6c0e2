import { atTheDoor } from '../look.ts';
import type { Rule } from '../rule.ts';
import { count, doorLine } from '../words.ts';

export const unknownName: Rule = {
  name: 'unknown-name',
  when: 'from a network of the account’s, a device signs in by a login name that nobody has',
  find: (evidence, now) => {
    const [row] = atTheDoor(evidence, now, 'unknown-name');
    if (row === undefined) return undefined;
    return {
      line: `A device at ${row.network} signs in by a name that nobody has: ${count(row.times, 'try', 'tries')}.`,
      evidence: [doorLine(row, now), `This account's names: ${[evidence.who.address, ...evidence.who.loginNames].join(', ')}`],
      next: { act: 'account.device-settings', text: `Have the user name read out letter by letter; it is ${evidence.who.address}.` },
      say: `Please look at the user name in your device: it must be the whole address, ${evidence.who.address}.`,
    };
  },
};
