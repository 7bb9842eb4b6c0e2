/**
 * Dates as a list shows them: the nearer, the more exact.
 *
 * How a language writes them is read once: to make a format takes half a millisecond, and each row of a list writes two.
 */
import { number } from '#ui/words.ts';

const DAY_MS = 86_400_000;

function startOfDay(at: Date): number {
  return new Date(at.getFullYear(), at.getMonth(), at.getDate()).getTime();
}

const formats = new Map<string, Intl.DateTimeFormat>();

/** @param kind names the options: the same is the same */
function write(at: Date, language: string, kind: string, options: Intl.DateTimeFormatOptions): string {
  const key = `${language} ${kind}`;
  const format = formats.get(key) ?? new Intl.DateTimeFormat(language, options);
  formats.set(key, format);
  return format.format(at);
}

/** `16:28` today, `Tue` this week, `26 Nov` this year, else `26/11/2024`. */
export function shortDate(at: Date, now: Date, language: string): string {
  const days = Math.round((startOfDay(now) - startOfDay(at)) / DAY_MS);
  if (days === 0) return write(at, language, 'time', { timeStyle: 'short' });
  if (days > 0 && days < 7) return write(at, language, 'weekday', { weekday: 'short' });
  if (at.getFullYear() === now.getFullYear()) return write(at, language, 'day', { day: 'numeric', month: 'short' });
  return write(at, language, 'year', { day: '2-digit', month: '2-digit', year: 'numeric' });
}

export function longDate(at: Date, language: string): string {
  return write(at, language, 'long', { dateStyle: 'full', timeStyle: 'short' });
}

/** Reads ahead how dates and numbers are written, so that the first list need not: some 10 ms. */
export function readFormatsAhead(language: string): void {
  const now = new Date();
  const [week, year] = [3 * DAY_MS, 400 * DAY_MS].map((ago) => new Date(now.getTime() - ago));
  for (const at of [now, week!, year!]) shortDate(at, now, language);
  longDate(now, language);
  number(0);
}

/** 2026-11-26, by the reader's clock. */
export function dayOf(at: Date): string {
  return `${at.getFullYear()}-${String(at.getMonth() + 1).padStart(2, '0')}-${String(at.getDate()).padStart(2, '0')}`;
}
