/**
 * Weeks and days of this browser's calendar.
 *
 * Invariant: a day has as many hours as the clock says, 23 or 25 where it is put forward or back. Times are ms since the epoch.
 */
export type Span = { readonly from: number; readonly until: number };

const DAYS = 7;
const HOUR_MS = 3_600_000;

/** The midnight `days` after that of the day in which `at` is. */
export function midnight(at: number, days = 0): number {
  const date = new Date(at);
  return new Date(date.getFullYear(), date.getMonth(), date.getDate() + days).getTime();
}

/** From Monday to Sunday, `weeks` after the one in which `now` is. */
export function weekOf(now: number, weeks: number): Span & { readonly days: readonly Span[] } {
  const monday = midnight(now, -((new Date(now).getDay() + 6) % DAYS) + weeks * DAYS);
  const days = Array.from({ length: DAYS }, (_, day) => ({ from: midnight(monday, day), until: midnight(monday, day + 1) }));
  return { from: monday, until: days.at(-1)!.until, days };
}

export const hoursIn = ({ from, until }: Span): number => Math.round((until - from) / HOUR_MS);

/** `HH:MM` of the day that begins at `day`, or of the next one. @returns NaN for what is no time */
export function timeOn(day: number, time: string, nextDay: boolean): number {
  const [hours, minutes] = time.split(':').map(Number);
  const date = new Date(day);
  return new Date(date.getFullYear(), date.getMonth(), date.getDate() + (nextDay ? 1 : 0), hours, minutes).getTime();
}

/** The same time of day, `days` later. */
export function laterBy(at: number, days: number): number {
  const date = new Date(at);
  return date.setDate(date.getDate() + days);
}

/** `2026-11-23`, as `<input type="date">` takes it. */
export function dateInput(at: number): string {
  const date = new Date(at);
  return `${date.getFullYear()}-${String(date.getMonth() + 1).padStart(2, '0')}-${String(date.getDate()).padStart(2, '0')}`;
}
