/** What happens in sign-in. An account's id goes to the log only; a login name goes nowhere, since people type secrets there. */
import { defineEvent } from '#events/index.ts';

/** Every verdict. `platform`: the account's home (`none` for an unknown name). `by`: what made it an acceptance. */
export const verdictGiven = defineEvent<{
  verdict: string;
  reason: string;
  protocol: string;
  platform: string;
  authority: string;
  accountId: number | undefined;
  milliseconds: number;
}>('signin.verdict', 'info', ['log', 'count'], ['verdict', 'reason', 'protocol', 'platform']);

/** The same, counted alone: of refusals in a storm only some are written down. */
export const verdictCounted = defineEvent<{
  verdict: string;
  reason: string;
  protocol: string;
  platform: string;
  authority: string;
  accountId: number | undefined;
  milliseconds: number;
}>('signin.verdict', 'info', ['count'], ['verdict', 'reason', 'protocol', 'platform']);

/** Refusals of a second that were not written down. */
export const verdictsUnwritten = defineEvent<{ verdicts: number }>('signin.verdicts-unwritten', 'info');

/** A sentinel's sign-in that was not accepted: `refused` (a right secret) or `failed`. */
export const sentinelTroubled = defineEvent<{ platform: string; outcome: string; message: string | undefined }>(
  'signin.sentinel-troubled',
  'warn',
  ['log', 'count'],
  ['platform', 'outcome'],
);

/** The first acceptance of a sentinel, and the first after trouble. */
export const sentinelAccepted = defineEvent<{ platform: string }>('signin.sentinel-accepted', 'info', ['log', 'count'], ['platform']);

/** Sign-ins at the platform failed one after another; until its sentinel is answered they are not tried. */
export const breakerOpened = defineEvent<{ platform: string }>('signin.breaker-opened', 'warn', ['log', 'count'], ['platform']);
export const breakerClosed = defineEvent<{ platform: string }>('signin.breaker-closed', 'info', ['log', 'count'], ['platform']);

/** A platform refuses secrets that it accepted before, of several accounts at once: its refusals are not believed. */
export const refusalsDoubted = defineEvent<{ platform: string; accounts: number }>('signin.refusals-doubted', 'error', ['log', 'count'], ['platform']);

/** Verdicts `rejected` that look false. `cause`: the sentinel was refused right after, or the secret was accepted later. */
export const falseRejectionSuspected = defineEvent<{ platform: string; cause: string; accountId: number | undefined; verdicts: number }>(
  'signin.false-rejection-suspected',
  'error',
  ['log', 'count'],
  ['platform', 'cause'],
);

/** A secret's hash was stored. `origin`: `captured` (a platform accepted it) or `ours` (another scheme's, hashed anew). */
export const hashStored = defineEvent<{ accountId: number; origin: string }>('signin.hash-stored', 'info', ['log', 'count'], ['origin']);
export const hashUnstored = defineEvent<{ accountId: number; message: string }>('signin.hash-unstored', 'warn', ['log', 'count']);

/** A hash that we cannot check, or that would cost too much to. */
export const hashUnsupported = defineEvent<{ accountId: number }>('signin.hash-unsupported', 'warn', ['log', 'count']);

/** The authority refused a secret that admitted before: its digest, and the sessions that it brought, were ended. */
export const heldSecretEnded = defineEvent<{ accountId: number; platform: string; sessions: number; hashMatched: boolean }>(
  'signin.held-secret-ended',
  'info',
  ['log', 'count'],
  ['platform'],
);

export const snapshotRead = defineEvent<{ entries: number }>('signin.snapshot-read', 'info');
/** There was a snapshot, and it could not be used. */
export const snapshotLost = defineEvent<{ message: string }>('signin.snapshot-lost', 'warn', ['log', 'count']);
/** `torn`: bytes at the end that a crash left behind. */
export const journalRead = defineEvent<{ entries: number; torn: number }>('signin.journal-read', 'info');
/** Until the next snapshot a crash forgets what is learnt. */
export const journalUnwritten = defineEvent<{ message: string }>('signin.journal-unwritten', 'warn', ['log', 'count']);
export const snapshotUnwritten = defineEvent<{ message: string }>('signin.snapshot-unwritten', 'warn', ['log', 'count']);
/** No key was given: nothing is remembered over a restart. */
export const snapshotOff = defineEvent<Record<never, never>>('signin.snapshot-off', 'info');

export const hashWorkerLost = defineEvent<{ message: string }>('signin.hash-worker-lost', 'error', ['log', 'count']);

/** A fault of ours; the customer was told `unavailable`. */
export const attemptFailed = defineEvent<{ message: string }>('signin.attempt-failed', 'error', ['log', 'count']);
/** A check beside an admission ended in a fault of ours. */
export const besideFailed = defineEvent<{ message: string }>('signin.beside-failed', 'error', ['log', 'count']);
