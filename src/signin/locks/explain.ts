/**
 * What the desk says about an account's locks and near-locks.
 *
 * Invariant: counts, networks and times only; a secret is nowhere here, so it cannot be said.
 */

export type NetworkExplained = {
  readonly network: string;
  /** It had a success within 30 days, so it is never locked. */
  readonly known: boolean;
  /** Distinct wrong secrets within a day; those that were the account's own are not among them. */
  readonly wrong: number;
  readonly since: number;
  readonly lastAt: number;
  /** How often a password of before came, and since when. */
  readonly stale: { readonly times: number; readonly since: number };
  /** Times here are ms since the epoch. */
  readonly lockedUntil: number | undefined;
  /** All strangers from there are locked out, since they tried many login names. */
  readonly sprayingUntil: number | undefined;
};

export type Explanation = {
  readonly knownNetworks: number;
  /** Distinct wrong secrets of all networks without a success, of the ceiling's 100. */
  readonly distinct: number;
  readonly ceiling: number;
  /** Closed to all networks without a success. */
  readonly closed: { readonly since: number; readonly until: number } | undefined;
  /** Last seen first. */
  readonly networks: readonly NetworkExplained[];
};

/** One sentence each, most important first; none when there is nothing to say. `now`: ms since the epoch. */
export function inWords(explanation: Explanation, { now, timeZone }: { now: number; timeZone?: string }): string[] {
  const at = (ms: number): string => moment(ms, now, timeZone);
  const sentences: string[] = [];
  const { closed, networks, distinct, ceiling } = explanation;
  if (closed !== undefined) {
    sentences.push(
      `${distinct} different wrong passwords came since ${at(closed.since)} from networks that never signed in. Networks without a sign-in in 30 days are locked out until ${at(closed.until)}, or until the password is changed; the customer's own devices are not.`,
    );
  } else if (distinct >= ceiling / 2) {
    sentences.push(`${distinct} different wrong passwords came from networks that never signed in; at ${ceiling} those are locked out.`);
  }
  for (const { network, known, wrong, since, stale, lockedUntil, sprayingUntil } of networks) {
    if (lockedUntil !== undefined) {
      sentences.push(`${network} is locked out of this account until ${at(lockedUntil)}: it has sent ${count(wrong, 'different wrong password')} since ${at(since)}, and has not signed in within 30 days.`);
    }
    if (sprayingUntil !== undefined && !known) sentences.push(`${network} is locked out until ${at(sprayingUntil)}: it tried many login names.`);
    if (stale.times > 0) sentences.push(`The device at ${network} has sent the previous password ${count(stale.times, 'time')} since ${at(stale.since)}. This locks nothing.`);
    if (wrong > 0 && lockedUntil === undefined) {
      sentences.push(`${network} has sent ${count(wrong, 'different wrong password')} since ${at(since)}.${known ? ' It has signed in before, so it is not locked.' : ''}`);
    }
  }
  return sentences;
}

function count(n: number, what: string): string {
  return `${n} ${what}${n === 1 ? '' : 's'}`;
}

/** `08:04`, and with the date when it is another day's. */
export function moment(ms: number, now: number, timeZone: string | undefined): string {
  const zone = timeZone === undefined ? {} : { timeZone };
  const day = (each: number): string => new Intl.DateTimeFormat('en-GB', { dateStyle: 'medium', ...zone }).format(each);
  const time = new Intl.DateTimeFormat('en-GB', { hour: '2-digit', minute: '2-digit', ...zone }).format(ms);
  return day(ms) === day(now) ? time : `${time} on ${day(ms)}`;
}
