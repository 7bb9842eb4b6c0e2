import { defineEvent } from '#events/index.ts';

/** One recipient's end. `outcome`: delivered, deferred (4xx) or refused (5xx). */
export const recipientDone = defineEvent<{ outcome: 'delivered' | 'deferred' | 'refused'; platform: string; account: number; code: number; id: string }>(
  'delivery.recipient', 'debug', ['log', 'count'], ['outcome', 'platform'],
);

/** A recipient waited for the end of a hold. */
export const waited = defineEvent<{ account: number; ms: number; outcome: 'went-on' | 'deferred' }>(
  'delivery.waited', 'info', ['log', 'count'], ['outcome'],
);

export const handOverFailed = defineEvent<{ platform: string; error: string }>(
  'delivery.hand-over-failed', 'warn', ['log', 'count'], ['platform'],
);
