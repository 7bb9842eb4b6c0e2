/**
 * A case's clocks: what is to be done next, and how long there is.
 *
 * Invariant: of several promises the nearest is shown, and one that is past before all that are to come.
 */
import type { CaseLine } from '#desk/cases/api.ts';
import { span } from '../screen/times.ts';

export type Due = { readonly what: 'answer' | 'solve' | 'call'; readonly at: number; readonly isLate: boolean; readonly text: string };

const WORDS = { answer: 'answer', solve: 'solve', call: 'call back' } as const;

/** Undefined: nothing is due any more. */
export function dueOf({ answerDue, solutionDue, callBack }: Pick<CaseLine, 'answerDue' | 'solutionDue' | 'callBack'>, now: number): Due | undefined {
  const all = [
    { what: 'answer', at: answerDue } as const,
    { what: 'solve', at: solutionDue } as const,
    { what: 'call', at: callBack?.at } as const,
  ].filter((each): each is typeof each & { at: number } => each.at !== undefined);
  const [nearest] = all.toSorted((a, b) => a.at - b.at);
  if (nearest === undefined) return undefined;
  const isLate = nearest.at < now;
  return { ...nearest, isLate, text: isLate ? `${WORDS[nearest.what]}: ${span(now - nearest.at)} late` : `${WORDS[nearest.what]} within ${span(nearest.at - now)}` };
}
