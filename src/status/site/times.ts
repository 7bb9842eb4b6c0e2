/** Times as people read them, in the provider's time zone. */
import type { SiteLanguage } from '../api.ts';

/** Making one costs a millisecond; there are two languages, one zone and a few forms. */
const formats = new Map<string, Intl.DateTimeFormat>();

function format(language: string, zone: string, form: string, options: Intl.DateTimeFormatOptions): Intl.DateTimeFormat {
  const key = `${language} ${zone} ${form}`;
  let found = formats.get(key);
  if (found === undefined) formats.set(key, (found = new Intl.DateTimeFormat(language, { timeZone: zone, ...options })));
  return found;
}

const LOCALES: Readonly<Record<SiteLanguage, string>> = { en: 'en-GB', es: 'es' };

/** `2026-11-26`: the day that it is there. */
export function dayOf(at: number, zone: string): string {
  return format('sv', zone, 'day', { year: 'numeric', month: '2-digit', day: '2-digit' }).format(at);
}

/** `26 November 2026, 08:04`. */
export function whenText(at: number, language: SiteLanguage, zone: string): string {
  return format(LOCALES[language], zone, 'when', { day: 'numeric', month: 'long', year: 'numeric', hour: '2-digit', minute: '2-digit', timeZoneName: 'short' }).format(at);
}

/** `Thu 26 Nov, 08:04`. */
export function shortText(at: number, language: SiteLanguage, zone: string): string {
  return format(LOCALES[language], zone, 'short', { weekday: 'short', day: 'numeric', month: 'short', hour: '2-digit', minute: '2-digit' }).format(at);
}

/** From when to when; the day only once where it is the same. */
export function rangeText(from: number, until: number, language: SiteLanguage, zone: string): string {
  return format(LOCALES[language], zone, 'range', { weekday: 'short', day: 'numeric', month: 'short', hour: '2-digit', minute: '2-digit' }).formatRange(from, until);
}

/** `26 November 2026`, of a day as `dayOf` names it. */
export function dayText(day: string, language: SiteLanguage): string {
  return format(LOCALES[language], 'UTC', 'long-day', { day: 'numeric', month: 'long', year: 'numeric' }).format(new Date(`${day}T12:00:00Z`));
}

export const iso = (at: number): string => new Date(at).toISOString();
