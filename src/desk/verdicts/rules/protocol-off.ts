import { byDevice, standing, worksBeside } from '../look.ts';
import type { Rule } from '../rule.ts';
import { named, protocolWord, signInLine } from '../words.ts';

export const protocolOff: Rule = {
  name: 'protocol-off',
  when: 'the right password came by a protocol that the account’s platform does not offer',
  find: (evidence, now) => {
    const rows = standing(evidence, now, ['no-service']);
    const [device] = byDevice(rows);
    if (device === undefined) return undefined;
    const way = protocolWord(device.rows[0]!.protocol);
    return {
      line: `${named(device.guess)} has the right password, but ${evidence.who.home} does not offer ${way}${worksBeside(evidence, now, rows)}.`,
      evidence: rows.map((row) => signInLine(row, now)),
      next: { act: 'account.device-settings', text: 'Set the device up anew, with IMAP.' },
      say: `Your device uses ${way}, which your mailbox does not have any more. I send you the settings for IMAP.`,
    };
  },
};
