import { defineEvent } from '#events/index.ts';

/** A connection of the pool broke while it was idle, for example because PostgreSQL restarts. The pool makes another. */
export const connectionLost = defineEvent<{ message: string }>('store.connection-lost', 'warn', ['log', 'count']);

/** The connection that listens for wakes broke; changes are still read every two seconds. */
export const listenerLost = defineEvent<{ message: string }>('store.listener-lost', 'warn', ['log', 'count']);

export const migrated = defineEvent<{ name: string }>('store.migrated', 'info');

/** Changes could not be read or handed on. `failures` counts them in a row. */
export const feedFailed = defineEvent<{ message: string; failures: number }>('store.feed-failed', 'warn', ['log', 'count']);

/** Figures could not be written; they are kept in memory and added to the next try. */
export const figuresDelayed = defineEvent<{ message: string }>('store.figures-delayed', 'warn', ['log', 'count']);

export const queueFailed = defineEvent<{ message: string }>('store.queue-failed', 'warn', ['log', 'count']);

/** The embedded PostgreSQL serves. `how`: `started` or `adopted` (it had outlived an earlier process). */
export const embeddedReady = defineEvent<{ how: string; pid: number; ms: number }>('store.embedded-ready', 'info');

/** The embedded PostgreSQL is gone though nobody asked it to stop; it is started again. */
export const embeddedGone = defineEvent<{ pid: number }>('store.embedded-gone', 'error', ['log', 'count']);

/** One try to start the embedded PostgreSQL again failed. */
export const embeddedRetry = defineEvent<{ message: string; attempt: number }>('store.embedded-retry', 'warn');
