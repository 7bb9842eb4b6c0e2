import { defineEvent } from '#events/index.ts';

export const waveStarted = defineEvent<{ plan: string; wave: string; accounts: number }>('cutover.wave-started', 'info');
export const waveDone = defineEvent<{ plan: string; wave: string }>('cutover.wave-done', 'info');
export const planPaused = defineEvent<{ plan: string; reason: string }>('cutover.plan-paused', 'warn', ['log', 'count']);
export const planResumed = defineEvent<{ plan: string }>('cutover.plan-resumed', 'info');
export const planDone = defineEvent<{ plan: string }>('cutover.plan-done', 'info');
