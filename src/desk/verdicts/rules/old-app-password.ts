import { byDevice, standing, worksBeside } from '../look.ts';
import type { Rule } from '../rule.ts';
import { clockTime, count, named, signInLine } from '../words.ts';

export const oldAppPassword: Rule = {
  name: 'old-app-password',
  when: 'a device comes with an app password that was revoked',
  find: (evidence, now) => {
    const rows = standing(evidence, now, ['revoked']);
    const [device] = byDevice(rows);
    if (device === undefined) return undefined;
    const by = evidence.changes.find(({ act }) => act === 'account.app-password-revoked');
    return {
      line: `${named(device.guess)} still has an app password that was revoked${by === undefined ? '' : ` at ${clockTime(by.at, now)}`}: ${count(device.times, 'try', 'tries')} since ${clockTime(device.firstAt, now)}${worksBeside(evidence, now, rows)}.`,
      evidence: [...rows.map((row) => signInLine(row, now)), ...(by === undefined ? [] : [`Revoked by ${by.actor}${by.why === undefined ? '' : `: ${by.why}`}`])],
      next: { act: 'account.app-password', text: 'Make a new app password for this device, if it is the customer’s.' },
      say: 'The app password in that device was withdrawn. I give you a new one; please put it into the device in place of the old one.',
    };
  },
};
