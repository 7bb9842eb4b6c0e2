import type { Rule } from '../rule.ts';
import { LATELY_MS } from '../look.ts';
import { clockTime } from '../words.ts';

export const mailMissing: Rule = {
  name: 'mail-missing',
  when: 'the account was carried back from a platform that died, and what came there last is not merged yet, or was given up within 30 days',
  find: ({ move: { loss }, who }, now) => {
    if (loss === undefined || loss.mergedAt !== undefined) return undefined;
    if (loss.givenUpAt !== undefined && loss.givenUpAt <= now - 30 * LATELY_MS) return undefined;
    const gone = loss.givenUpAt !== undefined;
    return {
      line: `Mail that came between ${clockTime(loss.followedAt, now)} and ${clockTime(loss.at, now)} ${gone ? 'is lost with' : 'may be missing; it is at'} ${loss.platform}, which died${gone ? '' : ', and is brought back when it can be read'}.`,
      evidence: [`Carried back to ${who.home} at ${clockTime(loss.at, now)}`, `Followed until ${clockTime(loss.followedAt, now)}`, ...(gone ? [`Given up at ${clockTime(loss.givenUpAt!, now)}`] : [])],
      next: { act: 'case.open', text: gone ? 'Tell the customer from when to when, so that senders can be asked.' : 'Open a case, and attach it to the incident: the customer hears when it is back.' },
      say: `Mail that came to you between ${clockTime(loss.followedAt, now)} and ${clockTime(loss.at, now)} ${gone ? 'could not be saved; please ask the senders for it' : 'is not visible yet. We bring it back as soon as that server can be read'}.`,
    };
  },
};
