/** The customer's own device at a place from which nobody signed in: only there is it taken for a stranger. */
import { byDevice, LATELY_MS, worksBeside } from '../look.ts';
import type { Rule } from '../rule.ts';
import { clockTime, count, named, signInLine } from '../words.ts';

export const ownDeviceLocked: Rule = {
  name: 'own-device-locked',
  when: 'a network is locked out of the account, and a program comes from there that signed in elsewhere before',
  find: (evidence, now) => {
    const locked = evidence.locks.networks.filter(({ lockedUntil, known }) => !known && lockedUntil !== undefined && lockedUntil > now);
    for (const { network, wrong, lockedUntil } of locked) {
      const rows = evidence.signIns.filter(
        (row) => row.network === network && row.lastAt > now - LATELY_MS && (row.outcome === 'rejected' || row.outcome === 'locked') && row.device !== ''
          && evidence.signIns.some((other) => other.outcome === 'accepted' && other.device === row.device),
      );
      const [device] = byDevice(rows);
      if (device === undefined) continue;
      return {
        line: `${named(device.guess)} at ${network} is locked out until ${clockTime(lockedUntil!, now)}: it sent ${count(wrong, 'different wrong password')} from a place where nobody signed in before${worksBeside(evidence, now, rows)}.`,
        evidence: [...evidence.locks.inWords, ...rows.map((row) => signInLine(row, now))],
        next: { act: 'account.unlock', text: 'Unlock, and have the right password typed once; the network is then known and is never locked again.' },
        say: 'Your device tried several wrong passwords from a new place, so we made it wait. I unlock it now; please type the password once, slowly.',
      };
    }
    return undefined;
  },
};
