/** By when a case is to be answered and solved. Shifts are round the clock, so the clock never stands. */
import type { Priority } from './api.ts';

export type Due = { readonly answerDue: number; readonly solutionDue: number };

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
/**
 * ITIL's usual steps between priorities. A mailbox out of reach is to be answered while the caller still waits for it, and
 * solved within the day; a question may wait for a quiet hour.
 */
const WITHIN: Readonly<Record<Priority, { readonly answer: number; readonly solution: number }>> = {
  urgent: { answer: 15 * MINUTE, solution: 4 * HOUR },
  high: { answer: 30 * MINUTE, solution: 8 * HOUR },
  normal: { answer: 2 * HOUR, solution: 24 * HOUR },
  low: { answer: 8 * HOUR, solution: 72 * HOUR },
};

/** @param openedAt ms since the epoch; of a case whose priority changes, too: it does not begin anew */
export function dueOf(priority: Priority, openedAt: number): Due {
  const { answer, solution } = WITHIN[priority];
  return { answerDue: openedAt + answer, solutionDue: openedAt + solution };
}
