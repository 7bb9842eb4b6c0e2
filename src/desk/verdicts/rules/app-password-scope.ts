import { byDevice, standing } from '../look.ts';
import type { Rule } from '../rule.ts';
import { named, protocolWord, signInLine } from '../words.ts';

export const appPasswordScope: Rule = {
  name: 'app-password-scope',
  when: 'an app password came by a protocol that it was not made for',
  find: (evidence, now) => {
    const rows = standing(evidence, now, ['scope']);
    const [device] = byDevice(rows);
    if (device === undefined) return undefined;
    const ways = [...new Set(device.rows.map(({ protocol }) => protocolWord(protocol)))].join(' and ');
    return {
      line: `${named(device.guess)} has a right app password, which is not for ${ways}.`,
      evidence: [...rows.map((row) => signInLine(row, now)), ...evidence.who.appPasswords.map(({ label, scope }) => `App password "${label}" is for ${scope.map(protocolWord).join(', ')}`)],
      next: { act: 'account.app-password', text: `Make an app password that is for ${ways}, too.` },
      say: 'The app password in that device is right, but was not made for this use. I make you one that is.',
    };
  },
};
