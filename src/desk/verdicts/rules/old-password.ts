import { byDevice, standing, worksBeside } from '../look.ts';
import type { Rule } from '../rule.ts';
import { clockTime, count, named, signInLine } from '../words.ts';

export const oldPassword: Rule = {
  name: 'old-password',
  when: 'a device comes with a password that the account had before',
  find: (evidence, now) => {
    const rows = standing(evidence, now, ['former']);
    const [device, ...others] = byDevice(rows);
    if (device === undefined) return undefined;
    const changed = evidence.who.secretChangedAt;
    return {
      line: `${named(device.guess)} still has the old password: ${count(device.times, 'try', 'tries')} since ${clockTime(device.firstAt, now)}${others.length === 0 ? '' : `; so ${others.length === 1 ? 'has' : 'have'} ${count(others.length, 'other')}`}${worksBeside(evidence, now, rows)}.`,
      evidence: [...rows.map((row) => signInLine(row, now)), ...(changed === undefined ? [] : [`The password was changed at ${clockTime(changed, now)}`]), ...evidence.locks.inWords],
      next: { act: 'account.device-settings', text: 'Have the new password typed into this device; nothing is locked by the old one.' },
      say: 'Your device still sends your old password. Please open its mail settings and type the new one; I send you the right settings.',
    };
  },
};
