import { atTheDoor } from '../look.ts';
import type { Rule } from '../rule.ts';
import { count, doorLine } from '../words.ts';

export const wrongHost: Rule = {
  name: 'wrong-host',
  when: 'from a network of the account’s, a device did not take our certificate',
  find: (evidence, now) => {
    const [row] = atTheDoor(evidence, now, 'certificate');
    if (row === undefined) return undefined;
    const asked = row.detail === '' ? '' : ` asks for the server ${row.detail} and`;
    return {
      line: `A device at ${row.network}${asked} does not take our certificate: ${count(row.times, 'try', 'tries')}; it never gets as far as the password.`,
      evidence: [doorLine(row, now), 'It gave no name; the network is one from which this account signed in'],
      next: { act: 'account.device-settings', text: 'Have the server name put right in the device.' },
      say: 'Your device asks for a server by a name that is not ours any more. I send you the right settings.',
    };
  },
};
