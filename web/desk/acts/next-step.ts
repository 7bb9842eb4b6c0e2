/** What the verdict's best next step is for this page: an act, a case, a case for level two, or something that a person says or does. */
import { DESK_ACTS, type DeskActName } from '#desk/acts/api.ts';
import type { Verdict } from '#desk/verdicts/api.ts';

export type NextStep = { readonly kind: 'act'; readonly name: DeskActName } | { readonly kind: 'case' } | { readonly kind: 'escalate' } | { readonly kind: 'said' };

export function nextStepOf({ act }: Verdict['next']): NextStep {
  if (act === 'case.open') return { kind: 'case' };
  if (act === 'case.escalate') return { kind: 'escalate' };
  const found = DESK_ACTS.find((each) => each.act === act || each.name === act);
  return found === undefined ? { kind: 'said' } : { kind: 'act', name: found.name };
}
