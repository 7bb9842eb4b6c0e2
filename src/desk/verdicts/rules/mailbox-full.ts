/** RFC 3463: X.2.2; what platforms write beside it, by which the mover too tells a quota. */
import { LATELY_MS } from '../look.ts';
import type { Rule } from '../rule.ts';
import { clockTime, count } from '../words.ts';

const FULL = /\b[45]\.2\.2\b|quota|mailbox (?:is )?full/i;

export const mailboxFull: Rule = {
  name: 'mailbox-full',
  when: 'within the day mail for the account was not taken since the mailbox is full, and none was taken after, or the mailbox does not fit on the new platform',
  find: ({ deliveries, move, who }, now) => {
    const taken = Math.max(0, ...deliveries.filter(({ outcome }) => outcome === 'delivered' || outcome === 'held').map(({ lastAt }) => lastAt));
    const [row] = deliveries.filter(({ outcome, reason, lastAt }) => lastAt > taken && (outcome === 'deferred' || outcome === 'refused') && FULL.test(reason) && lastAt > now - LATELY_MS);
    if (row !== undefined) {
      return {
        line: `The mailbox is full: ${count(row.times, 'message')} not taken by ${row.platform} since ${clockTime(row.firstAt, now)}.`,
        evidence: [`${row.platform}: ${row.reason}`],
        next: { text: row.outcome === 'refused' ? 'Have mail deleted, also from the trash; senders must send again.' : 'Have mail deleted, also from the trash; senders’ servers come again by themselves.' },
        say: 'Your mailbox is full. Please delete what you do not need, and empty the trash; then mail comes in again.',
      };
    }
    const [last] = move.moves;
    if (last?.state !== 'failed' || last.failure !== 'quota') return undefined;
    return {
      line: `The mailbox does not fit on ${last.target}, so it was not moved; it works at ${who.home} as before.`,
      evidence: [`Move to ${last.target}: ${last.error ?? 'over quota'}`, `${count(last.messages, 'message')}, ${count(Math.ceil(last.bytes / 1_000_000), 'MB')}`],
      next: { act: 'case.escalate', text: 'Hand over to level two: the quota at the new platform has to be raised, then the move goes on.' },
      say: 'Your mailbox is larger than what the new platform allows. Nothing is lost and it works as before; we raise the limit.',
    };
  },
};
