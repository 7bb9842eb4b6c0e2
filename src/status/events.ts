/** What happens with the status site and who is told of it. */
import { defineEvent } from '#events/index.ts';

/** The folder did not take the files: they are as old as they say. */
export const siteUnwritten = defineEvent<{ message: string }>('status.unwritten', 'error', ['log', 'count']);

/** The store did not answer: the site says so, and what was known. */
export const siteUnmeasured = defineEvent<{ message: string }>('status.unmeasured', 'warn', ['log', 'count']);

/** `channel`: `mail` or a webhook's name. */
export const deliveryEnded = defineEvent<{ channel: string; update: number; outcome: 'delivered' | 'refused' | 'given-up'; tries: number }>('status.delivery', 'info', ['log', 'count'], ['channel', 'outcome']);
export const deliveryFailed = defineEvent<{ channel: string; message: string }>('status.delivery-failed', 'warn', ['log', 'count'], ['channel']);
export const subscribed = defineEvent<{ subscriber: number }>('status.subscribed', 'info', ['log', 'count']);
export const unsubscribed = defineEvent<{ subscriber: number }>('status.unsubscribed', 'info', ['log', 'count']);

/** A code that is none, from a network. */
export const codeUnknown = defineEvent<{ network: string }>('status.code-unknown', 'info', ['log', 'count']);
