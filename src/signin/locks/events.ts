/** What happens with locks. `kind`: see `Lock`. An account's id and a network go to the log only, secrets nowhere. */
import { defineEvent } from '#events/index.ts';

type What = { kind: string; accountId: number | undefined; network: string | undefined };

/** `distinct`: the wrong secrets, accounts or login names that were counted. */
export const lockSet = defineEvent<What & { distinct: number; minutes: number }>('signin.lock-set', 'warn', ['log', 'count'], ['kind']);

/** One more, or for an account ten more, and a lock is set. */
export const nearLock = defineEvent<What & { distinct: number }>('signin.near-lock', 'info', ['log', 'count'], ['kind']);

/** `why`: `expired`, `success` (a right secret came), `changed` (the account has another secret now). */
export const lockEnded = defineEvent<What & { why: string }>('signin.lock-ended', 'info', ['log', 'count'], ['kind', 'why']);

/** This instance's counters are its own. `why`: `no-key` (it has no key from outside), `other-key` (another instance has another). */
export const locksAlone = defineEvent<{ why: 'no-key' | 'other-key' }>('signin.locks-alone', 'warn', ['log', 'count'], ['why']);

/** What was counted cannot be told to the other instances now, or theirs not be heard: each counts by itself until it can. */
export const locksLate = defineEvent<{ message: string }>('signin.locks-late', 'warn', ['log', 'count']);
