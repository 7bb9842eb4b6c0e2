/**
 * What real mail servers do to those who move mail, for tests of the mover: a platform can be started with any of these
 * bad habits. `docs/quirks.md` says what we do about each.
 */
export type Vice =
  | 'throttles' // Gmail, Yahoo
  | 'asks-to-back-off' // Office 365
  | 'forgets-flagged' // Exchange, Office 365
  | 'dates-by-itself'
  | 'folds-case' // Exchange
  | 'has-no-levels' // Yahoo
  | 'refuses-nul'
  | 'refuses-long-lines' // Exchange, Office 365
  | 'scans'
  | 'is-full-in-other-words' // Exchange
  | 'swallows-deleted' // Gmail
  | 'cannot-read-one'; // any with a broken file

export type Vices = ReadonlySet<Vice>;
