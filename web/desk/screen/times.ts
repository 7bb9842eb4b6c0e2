/**
 * Moments and spans as one says them on the telephone: short, exact, in this browser's time zone.
 *
 * Invariant: `now` is given, so that all of one screen speaks of the same moment. Times are ms since the epoch.
 */
const MINUTE = 60_000;
const HOUR = 3_600_000;
const DAY = 86_400_000;

const clock = (at: number): string => new Date(at).toLocaleTimeString('en-GB', { hour: '2-digit', minute: '2-digit' });
const dayStart = (at: number): number => new Date(at).setHours(0, 0, 0, 0);

/** `08:04`, `yesterday 14:20`, `tomorrow 09:00`, `Tue 14:20` within a week, `12 Nov 2026` beyond. */
export function moment(at: number, now: number): string {
  // Half a day more: two starts of days are 23 to 25 hours apart where clocks change.
  const days = Math.floor((dayStart(at) - dayStart(now) + DAY / 2) / DAY);
  if (days === 0) return clock(at);
  if (days === -1) return `yesterday ${clock(at)}`;
  if (days === 1) return `tomorrow ${clock(at)}`;
  if (Math.abs(days) < 7) return `${new Date(at).toLocaleDateString('en-GB', { weekday: 'short' })} ${clock(at)}`;
  return new Date(at).toLocaleDateString('en-GB', { day: 'numeric', month: 'short', year: 'numeric' });
}

/** `3 min`, `2 h 5 min`, `4 days`; below a minute `a moment`. */
export function span(ms: number): string {
  if (ms < MINUTE) return 'a moment';
  if (ms < HOUR) return `${Math.round(ms / MINUTE)} min`;
  if (ms < DAY) {
    const minutes = Math.round(ms / MINUTE);
    return minutes % 60 === 0 ? `${minutes / 60} h` : `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
  }
  const days = Math.round(ms / DAY);
  return `${days} day${days === 1 ? '' : 's'}`;
}

/** A range that was forecast: `between 14:20 and 15:10`; the day is said once where both are on the same one. */
export function range(from: number, to: number, now: number): string {
  if (dayStart(from) === dayStart(to)) {
    const first = moment(from, now);
    const last = clock(to);
    return first.endsWith(last) || !first.includes(':') ? first : `between ${first} and ${last}`;
  }
  return `between ${moment(from, now)} and ${moment(to, now)}`;
}

/** `214 times, 08:04 to 11:32`; `once, 08:04`. */
export function often(times: number, firstAt: number, lastAt: number, now: number): string {
  if (times === 1) return `once, ${moment(lastAt, now)}`;
  return `${times.toLocaleString('en')} times, ${moment(firstAt, now)} to ${moment(lastAt, now)}`;
}

const UNITS = ['bytes', 'kB', 'MB', 'GB', 'TB'] as const;

/** Thousands, as mail programs and invoices count. */
export function size(bytes: number): string {
  let unit = 0;
  let value = bytes;
  while (value >= 999.5 && unit < UNITS.length - 1) {
    value /= 1000;
    unit += 1;
  }
  return `${unit === 0 || value >= 100 ? Math.round(value) : Math.round(value * 10) / 10} ${UNITS[unit]}`;
}
