import { atTheDoor } from '../look.ts';
import type { Rule } from '../rule.ts';
import { count, doorLine, protocolWord } from '../words.ts';

export const plainText: Rule = {
  name: 'plain-text',
  when: 'from a network of the account’s, a device does not encrypt',
  find: (evidence, now) => {
    const [row] = [...atTheDoor(evidence, now, 'plain-text'), ...atTheDoor(evidence, now, 'no-tls')];
    if (row === undefined) return undefined;
    return {
      line: `A device at ${row.network} does not encrypt${row.fault === 'plain-text' ? ` (${protocolWord(row.detail)})` : ''}, so its password is not taken: ${count(row.times, 'try', 'tries')}.`,
      evidence: [doorLine(row, now), 'It gave no name; the network is one from which this account signed in'],
      next: { act: 'account.device-settings', text: 'Have SSL/TLS switched on in the device.' },
      say: 'Your device wants to send your password unencrypted, and we do not take that. Please switch on SSL; I send you the settings.',
    };
  },
};
