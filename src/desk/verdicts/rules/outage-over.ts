/** Who calls about an outage that ended while they were on the line is told that it did, and to try again. */
import { LATELY_MS } from '../look.ts';
import { servedAgainAt } from '../over.ts';
import type { Rule } from '../rule.ts';
import { clockTime, named, signInLine } from '../words.ts';

export const outageOver: Rule = {
  name: 'outage-over',
  when: 'within the day a sign-in was not served by something that is seen to work again, and that device has not got in since',
  find: (evidence, now) => {
    const { signIns, who } = evidence;
    const ended = signIns.flatMap((row) => {
      const at = row.lastAt > now - LATELY_MS ? servedAgainAt(evidence, row) : undefined;
      const since = signIns.some(({ outcome, protocol, network, device, lastAt }) => outcome === 'accepted' && protocol === row.protocol && network === row.network && device === row.device && at !== undefined && lastAt >= at);
      return at === undefined || since ? [] : [{ row, at }];
    });
    const [last] = ended;
    if (last === undefined) return undefined;
    const what = last.row.reason === 'platform' ? `${who.home} did not answer` : last.row.reason === 'store' || last.row.reason === 'overload' ? 'our own sign-in did not work' : `passwords could not be checked at ${who.authority}`;
    return {
      line: `Until ${clockTime(last.at, now)} ${what}; that works again. ${named(last.row.deviceGuess)} has not come since.`,
      evidence: ended.map(({ row }) => signInLine(row, now)),
      next: { text: 'Have it tried once more now, and look again.' },
      say: 'There was a disturbance on our side, which is over. Please try once more now; nothing in your device needs a change.',
    };
  },
};
