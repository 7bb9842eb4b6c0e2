import { LATELY_MS, working } from '../look.ts';
import type { Rule } from '../rule.ts';
import { clockTime, namedWithin, signInLine } from '../words.ts';

export const passwordChanged: Rule = {
  name: 'password-changed',
  when: 'the password was changed within the day, and nothing was refused for it yet',
  find: (evidence, now) => {
    const at = evidence.who.secretChangedAt;
    if (at === undefined || at <= now - LATELY_MS) return undefined;
    const since = working(evidence, now).filter(({ lastAt }) => lastAt > at);
    const before = evidence.signIns.filter((row) => row.outcome === 'accepted' && row.lastAt <= at && !since.some(({ network, device, protocol }) => network === row.network && device === row.device && protocol === row.protocol));
    return {
      line: `The password was changed at ${clockTime(at, now)}; ${since.length === 0 ? 'nothing has signed in since' : `${namedWithin(since[0]!.deviceGuess)} has signed in since`}${before.length === 0 ? '' : `, ${namedWithin(before[0]!.deviceGuess)} has not`}.`,
      evidence: [...since, ...before].map((row) => signInLine(row, now)),
      next: { act: 'account.device-settings', text: 'Have the new password typed into each device that did not sign in since.' },
      say: 'Your password was changed today. Each of your devices needs the new one once.',
    };
  },
};
