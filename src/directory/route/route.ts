/**
 * The route: where an account lives, and how far a move of it has come. All that changes a route is in this folder.
 *
 *   settled -> copying -> following -> held -> settled (flip, at the target)
 *                                       held -> following (back-out)
 *              copying, following -> settled (the move ended without a flip)
 *
 * `copying` and `following` are served exactly like `settled`.
 */
export type Phase = 'settled' | 'copying' | 'following' | 'held';

/** The rounds of a hold. */
export type Stage = 'freeze' | 'cut';

/** What an instance says in a round: `quiet` or `busy` in `freeze`, `cut` in `cut`. */
export type Answer = 'quiet' | 'busy' | 'cut';

export type Route = {
  readonly accountId: number;
  /** A platform's name. */
  readonly home: string;
  readonly phase: Phase;
  /** Raised by each hold, so that it names one hold of the account. */
  readonly epoch: number;
  /** The round of the hold; null when not held. */
  readonly stage: Stage | null;
  /** Held because somebody said that the home is dead: what is busy there is not waited for, but ended. */
  readonly abandoned?: boolean;
};

/** A hold that is not ended by then is backed out by whoever sees it: below what waiting clients and MXs bear (10 s). */
export const HOLD_MS = 8_000;
/** An instance silent for this long in a round cancels the hold: it is never waited out. Freeze time and a commit. */
export const SILENT_MS = 2_500;
/** What participants have for getting quiet: below SILENT_MS, so that "busy" arrives before silence is concluded. */
export const FREEZE_MS = 2_000;
/** What is under way at a home that was given up has this long to end by itself: a home that lives answers within it. */
export const ABANDONED_MS = 500;
