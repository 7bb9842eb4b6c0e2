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

/** Where a hold's time went, as far as it came: ms since its beginning. */
export type HoldNotes = {
  /** Every instance was quiet. */
  quietMs?: number;
  /** Every instance had cut. */
  cutMs?: number;
  /** Both sides' mailboxes were known. */
  surveyMs?: number;
  /** Both sides' lists were read, and what stood was proven. */
  readMs?: number;
  /** What had changed since the last pass was carried over. */
  carriedMs?: number;
  /** All was proven. */
  provenMs?: number;
  /** Mailboxes in which something had changed since the last pass. */
  behind?: number;
  /** Of those, the ones whose lists were read once more. */
  again?: number;
};

/** `outcome`: `flipped`, `busy`, `silent`, `late`, `mismatch`, `lost`. */
export const holdEnded = defineEvent<{ move: number; account: number; outcome: string; ms: number; message?: string } & HoldNotes>(
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

/** Signing in takes several times what it took: it has fewer moves at once from now on. `ms`: the last. */
export const platformSlower = defineEvent<{ platform: string; ms: number }>('mover.platform-slower', 'warn', ['log', 'count'], ['platform']);

/** Copies with other bytes than the source's were taken away again; the move fails by them. */
export const alteredRemoved = defineEvent<{ move: number; account: number; mailbox: string; copies: number }>('mover.altered-removed', 'warn', ['log', 'count']);

/** Copies at the target without a ledger row: the traces of an answer that was lost. */
export const orphansSettled = defineEvent<{ move: number; account: number; mailbox: string; adopted: number; surplus: number }>(
  'mover.orphans-settled',
  'info',
  ['log', 'count'],
);

/** Mail that had reached the former home past us was brought to the home, before the account goes back (strays.ts). */
export const straysCarried = defineEvent<{ move: number; account: number; mailbox: string; messages: number }>('mover.strays-carried', 'warn', ['log', 'count']);

/** A large account goes on with fewer connections: a platform did not let in one more. */
export const laneRefused = defineEvent<{ move: number; account: number; message: string }>('mover.lane-refused', 'info', ['log', 'count']);

/** A mailbox of the target was made anew, because its UIDVALIDITY was one that clients know from the source. */
export const mailboxRecreated = defineEvent<{ move: number; account: number; mailbox: string }>('mover.mailbox-recreated', 'info');

/** A subscription that the target refuses (often of a mailbox that no longer is). */
export const subscriptionRefused = defineEvent<{ move: number; account: number; mailbox: string }>('mover.subscription-refused', 'warn');

/** The worker could not reach the store or the queue. */
export const workerDelayed = defineEvent<{ message: string }>('mover.worker-delayed', 'warn', ['log', 'count']);

/** A side's HIGHESTMODSEQ or CHANGEDSINCE (RFC 7162) did not tell of a change: whole lists are read of this mailbox from now on. */
export const modSeqUntrue = defineEvent<{ move: number; account: number; mailbox: string }>('mover.mod-seq-untrue', 'warn', ['log', 'count']);
