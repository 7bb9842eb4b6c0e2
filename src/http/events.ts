import { defineEvent } from '#events/index.ts';

/** A request ended in a fault of ours. */
export const requestFailed = defineEvent<{ requestId: string; method: string; path: string; error: string }>('http.request-failed', 'error', ['log', 'count']);

/** A machine client showed no token that we know. `network`: where it comes from. */
export const tokenRefused = defineEvent<{ network: string }>('http.token-refused', 'warn', ['log', 'count']);
