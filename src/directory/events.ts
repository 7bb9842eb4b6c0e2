import { defineEvent } from '#events/index.ts';

/** The directory is in memory. `source`: `store`, or `file` when the store could not be reached at start. */
export const mirrorLoaded = defineEvent<{ source: string; accounts: number; ms: number }>('directory.loaded', 'info');

/** The store was read anew after a start from the local file. */
export const mirrorCaughtUp = defineEvent<{ accounts: number }>('directory.caught-up', 'info');

/** The local file could not be written: it is behind, so holds are not acknowledged here. Serving goes on. */
export const fileBehind = defineEvent<{ path: string; message: string }>('directory.file-behind', 'error', ['log', 'count']);

/** The local file could be written again and holds all that is known. */
export const fileCurrent = defineEvent<{ path: string }>('directory.file-current', 'info');

/** This instance is not on the store's list any more, or another process took its name. It must serve nobody. */
export const notListed = defineEvent<{ instance: string; reason: string }>('directory.not-listed', 'error', ['log', 'count']);

/** This instance's answer in a hold. */
export const acknowledged = defineEvent<{ account: number; epoch: number; stage: string; answer: string; stored: boolean }>(
  'directory.acknowledged',
  'debug',
);

/** An answer in a hold was withheld or could not be given; the hold will be backed out. */
export const acknowledgementFailed = defineEvent<{ account: number; epoch: number; stage: string; message: string }>(
  'directory.acknowledgement-failed',
  'warn',
  ['log', 'count'],
);

/** A participant failed in a hold: counted as busy in the freeze; a failed cut is never acknowledged. */
export const participantFailed = defineEvent<{ account: number; epoch: number; stage: string; message: string }>(
  'directory.participant-failed',
  'warn',
  ['log', 'count'],
);

/** A hold that nobody ended in time was backed out here. */
export const holdExpired = defineEvent<{ account: number; epoch: number }>('directory.hold-expired', 'warn', ['log', 'count']);

/** A sign-in or a delivery waited for a hold and was told to try later. */
export const waitEnded = defineEvent<{ account: number; reason: string }>('directory.wait-ended', 'warn', ['log', 'count'], ['reason']);

/** A platform has taken a change, or does not have the account. */
export const pushDone = defineEvent<{ platform: string; account: number; act: string; ms: number }>('directory.push-done', 'info', ['log', 'count'], ['platform', 'act']);
export const pushAbsent = defineEvent<{ platform: string; account: number; act: string; ms: number }>('directory.push-absent', 'info', ['log', 'count'], ['platform', 'act']);

/** A platform could not be told; it is told again. */
export const pushFailed = defineEvent<{ platform: string; account: number; act: string; tries: number; message: string }>(
  'directory.push-failed',
  'warn',
  ['log', 'count'],
  ['platform', 'act'],
);

/** A change of a secret that only the platform could make: it did not within a quarter of an hour. The old one stays. */
export const pushGivenUp = defineEvent<{ platform: string; account: number; act: string; tries: number; message: string }>(
  'directory.push-given-up',
  'warn',
  ['log', 'count'],
  ['platform', 'act'],
);
