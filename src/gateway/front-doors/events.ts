import { defineEvent } from '#events/index.ts';

/** What asks at the SASL socket does not speak its protocol, or asks for another mechanism: the connection was closed. */
export const saslBroken = defineEvent<{ error: string }>('front-door.sasl-broken', 'warn', ['log', 'count']);

/** A front door asked for an account whose home it has no way to: the customer was told `unavailable`. */
export const noWayHome = defineEvent<{ account: number; platform: string; protocol: string }>('front-door.no-way-home', 'error', ['log', 'count'], ['platform', 'protocol']);

/** A front door asked without its key, or for what it cannot ask for: a mistake in its configuration. */
export const askedWrongly = defineEvent<{ front: string; error: string }>('front-door.asked-wrongly', 'warn', ['log', 'count'], ['front']);

/** A hold was put off, since sessions behind a front door of others could not be cut. */
export const holdPutOff = defineEvent<{ account: number; remedy: string }>('front-door.hold-put-off', 'warn', ['log', 'count']);
