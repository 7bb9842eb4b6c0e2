/** Of the customer's own: a place or a program that signed in before, or all that there is of an account that never did. */
import { byDevice, everIn, isOwn, standing, worksBeside } from '../look.ts';
import type { Rule } from '../rule.ts';
import { clockTime, count, named, signInLine } from '../words.ts';

export const wrongPassword: Rule = {
  name: 'wrong-password',
  when: 'a device of the customer’s comes with a password that was checked and is wrong, and is none from before that we know',
  find: (evidence, now) => {
    const rows = standing(evidence, now, ['secret', 'pair']).filter((row) => isOwn(evidence, row) || !everIn(evidence));
    const [device] = byDevice(rows.filter(({ reason }) => reason === 'secret'));
    if (device === undefined) return undefined;
    const lock = evidence.locks.networks.find(({ network, lockedUntil }) => lockedUntil !== undefined && lockedUntil > now && rows.some((row) => row.network === network));
    const never = everIn(evidence) ? '' : '; nothing has ever signed in';
    return {
      line: `${named(device.guess)} sends a wrong password: ${count(device.times, 'try', 'tries')} since ${clockTime(device.firstAt, now)}${never}${lock === undefined ? '' : `; its network is locked out until ${clockTime(lock.lockedUntil!, now)}`}${worksBeside(evidence, now, rows)}.`,
      evidence: [...rows.map((row) => signInLine(row, now)), `Checked by ${evidence.who.authority}`, ...evidence.locks.inWords],
      next: lock === undefined ? { act: 'account.reset-link', text: 'Have the password typed anew; where it is forgotten, send a reset link.' } : { act: 'account.unlock', text: 'Unlock, and have the password typed anew; where it is forgotten, send a reset link.' },
      say: 'The password in that device is not the right one. Please type it once more; if you do not know it, I send you a link to set a new one.',
    };
  },
};
