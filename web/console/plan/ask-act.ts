/** What is being asked about: one question is open at a time. Any part of the page may open it. */
import { useSyncExternalStore } from 'react';
import type { PlanAct } from '#cutover/api.ts';
import { createListeners } from '#ui/listeners.ts';

export type Question =
  | { readonly act: PlanAct; readonly plan: string }
  | { readonly act: 'roll-back-wave'; readonly plan: string; readonly wave: number; readonly name: string; readonly target: string }
  | { readonly act: 'hold-back' | 'let-go' | 'roll-back'; /** Empty: they are typed. */ readonly accounts: readonly string[] };

const listeners = createListeners();
let question: Question | undefined;

export function askFor(next: Question | undefined): void {
  question = next;
  listeners.tell();
}

export const useQuestion = (): Question | undefined => useSyncExternalStore(listeners.subscribe, () => question);
