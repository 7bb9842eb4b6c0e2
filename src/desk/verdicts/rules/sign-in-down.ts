/** An outage of checking beats whatever a device was told before: nobody can say now whether its password is right. */
import { NOW_MS, standing } from '../look.ts';
import type { Rule } from '../rule.ts';
import { clockTime, signInLine } from '../words.ts';

const REASONS = ['verifier-down', 'verifier-busy', 'verifier-unproven', 'deadline'];

export const signInDown: Rule = {
  name: 'sign-in-down',
  when: 'within the hour a password could not be checked, since the check at the platform does not work or has no room, and is not seen to work since',
  find: (evidence, now) => {
    const rows = standing(evidence, now, REASONS, NOW_MS);
    if (rows.length === 0) return undefined;
    const { authority } = evidence.who;
    const incident = evidence.incidents.find((each) => each.seen === 'machine' && each.platform === authority && each.endedAt === undefined);
    const since = incident?.beganAt ?? Math.min(...rows.map(({ firstAt }) => firstAt));
    return {
      line: `Passwords cannot be checked at ${authority} since ${clockTime(since, now)}; whether this one is right, nobody can say now.`,
      evidence: [...(incident === undefined ? [] : [`Incident at ${authority}, open since ${clockTime(incident.beganAt, now)}`]), ...rows.map((row) => signInLine(row, now))],
      next: { act: 'account.attach-incident', text: 'Attach the account to the incident. The password should stay as it is.' },
      say: 'Sign-in is disturbed on our side. Please do not change your password; your device will get in by itself when this is over.',
    };
  },
};
