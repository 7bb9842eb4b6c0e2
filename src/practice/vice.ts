/**
 * What real mail servers do to those who move mail, for tests of the mover: a platform can be started with any of these
 * bad habits. `docs/quirks.md` says what we do about each.
 */
export type Vice =
  | 'throttles' // Gmail, Yahoo
  | 'throttles-reading' // Gmail, of what is downloaded
  | 'is-in-use' // a mailbox that another process has locked
  | 'asks-to-back-off' // Office 365
  | 'forgets-flagged' // Exchange, Office 365
  | 'dates-by-itself'
  | 'folds-case' // Exchange
  | 'has-no-levels' // Yahoo
  | 'refuses-odd-names' // Cyrus
  | 'refuses-nul'
  | 'refuses-long-lines' // Exchange, Office 365
  | 'scans'
  | 'is-full-in-other-words' // Exchange
  | 'swallows-deleted' // Gmail
  | 'cannot-read-one' // any with a broken file
  | 'hides-flag-changes' // CONDSTORE that counts arrivals and expunges only
  | 'mod-seq-stands-still'
  | 'search-misses-one'
  | 'tells-no-exists' // Courier
  | 'tells-no-date'
  | 'refuses-invalid-headers'
  | 'munges-headers' // Cyrus
  | 'wants-final-crlf' // Yahoo
  | 'parts-disagree' // Courier, Oracle IMS, Zimbra, Yahoo
  | 'pop3-counts-otherwise' // Yahoo
  | 'has-a-quota'
  | 'chokes-on-annotations' // iCloud
  | 'loses-keywords' // stores in Maildirs
  | 'reserves-names' // Office 365
  | 'has-no-mixed-mailboxes' // Domino
  | 'denies-children' // FirstClass
  | 'dies-at-one' // Zimbra
  | 'is-not-connected' // Exchange
  | 'misnumbers'; // Exchange

export type Vices = ReadonlySet<Vice>;
