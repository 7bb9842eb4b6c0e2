import { atTheDoor } from '../look.ts';
import type { Rule } from '../rule.ts';
import { count, doorLine } from '../words.ts';

export const oldTls: Rule = {
  name: 'old-tls',
  when: 'from a network of the account’s, a device broke off since its encryption is too old',
  find: (evidence, now) => {
    const [row] = atTheDoor(evidence, now, 'old-tls');
    if (row === undefined) return undefined;
    return {
      line: `A device at ${row.network} is too old for our encryption: ${count(row.times, 'try', 'tries')}; it never gets as far as the password.`,
      evidence: [doorLine(row, now), 'It gave no name; the network is one from which this account signed in'],
      next: { act: 'account.device-settings', text: 'Ask for a device that is ten years old or more; update its system, or use webmail there.' },
      say: 'One of your devices is too old for the encryption that we need to protect you. An update helps; until then please use the webmail.',
    };
  },
};
