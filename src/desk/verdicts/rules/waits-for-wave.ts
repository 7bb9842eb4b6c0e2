import type { Rule } from '../rule.ts';
import { clockTime } from '../words.ts';

export const waitsForWave: Rule = {
  name: 'waits-for-wave',
  when: 'the account is in a plan and its turn has not come; nothing else is the matter',
  find: ({ move: { wave, forecast, moves }, who }, now) => {
    if (wave === undefined || wave.planState === 'done' || wave.state === 'done' || wave.target === who.home) return undefined;
    if (moves.some(({ state, target }) => state === 'moved' && target === wave.target)) return undefined;
    const when = forecast === undefined ? 'when, nobody can say yet' : `expected between ${clockTime(forecast.fromAt, now)} and ${clockTime(forecast.toAt, now)}`;
    return {
      line: `It is not moved yet: wave ${wave.number} (${wave.name}) of ${wave.plan} ${wave.state === 'pending' ? 'has not begun' : 'runs'}${wave.planState === 'paused' ? ', and the plan is paused' : ''}; ${when}. It works at ${who.home} as ever.`,
      evidence: [`Plan ${wave.plan}: ${wave.planState}${wave.planReason === undefined ? '' : ` (${wave.planReason})`}`, ...(forecast === undefined ? [] : [`By ${forecast.basis}`])],
      next: { text: 'Nothing is to be done; say when it is expected.' },
      say: 'Your mailbox is not moved yet and works as before. It will be moved by itself, and you need not change anything.',
    };
  },
};
