import { defineEvent } from '#events/index.ts';

/** A session met an error that is the platform's own fault; the customer was told so and may try again. */
export const sessionFailed = defineEvent<{ platform: string; session: string; command: string; reason: string }>('practice.session-failed', 'error');
