import { defineEvent } from '#events/index.ts';

export const moveState = defineEvent<{ move: number; account: number; state: string }>('mover.state', 'info', ['log', 'count'], ['state']);

export const moveFailed = defineEvent<{ move: number; account: number; failure: string; message: string }>(
  'mover.failed',
  'error',
  ['log', 'count'],
  ['failure'],
);

/** An attempt ended before its time; it is made again. `attempt` counts them in a row without progress. */
export const attemptFailed = defineEvent<{ move: number; account: number; attempt: number; message: string }>(
  'mover.attempt-failed',
  'warn',
  ['log', 'count'],
);

/** `outcome`: `flipped`, `busy`, `silent`, `late`, `mismatch`, `lost`. */
export const holdEnded = defineEvent<{ move: number; account: number; outcome: string; ms: number; message?: string }>(
  'mover.hold',
  'info',
  ['log', 'count'],
  ['outcome'],
);

/** Carried back without the home, which could not be read: what came to it since it was followed last is missing. */
export const homeAbandoned = defineEvent<{ move: number; account: number; platform: string }>('mover.home-abandoned', 'warn', ['log', 'count'], ['platform']);

export const lossMerged = defineEvent<{ move: number; account: number; platform: string; messages: number; bytes: number }>(
  'mover.loss-merged',
  'info',
  ['log', 'count'],
  ['platform'],
);

/** Copies at the target without a ledger row: the traces of an answer that was lost. */
export const orphansSettled = defineEvent<{ move: number; account: number; mailbox: string; adopted: number; surplus: number }>(
  'mover.orphans-settled',
  'info',
  ['log', 'count'],
);

/** A mailbox of the target was made anew, because its UIDVALIDITY was one that clients know from the source. */
export const mailboxRecreated = defineEvent<{ move: number; account: number; mailbox: string }>('mover.mailbox-recreated', 'info');

/** A subscription that the target refuses (often of a mailbox that no longer is). */
export const subscriptionRefused = defineEvent<{ move: number; account: number; mailbox: string }>('mover.subscription-refused', 'warn');

/** The worker could not reach the store or the queue. */
export const workerDelayed = defineEvent<{ message: string }>('mover.worker-delayed', 'warn', ['log', 'count']);
