/**
 * 90 days as bars.
 *
 * Invariant: what the picture shows is also said in words, and the levels differ in height, not in colour alone.
 */
import { html } from 'hono/html';
import { LEVELS, type Level, type SiteLanguage } from '../api.ts';
import type { Day } from '../state/history.ts';
import type { Html } from './frame.ts';
import { dayText } from './times.ts';
import { WORDS } from './words.ts';

/** Of 30: where a bar begins. */
const TOP: Readonly<Record<Level | 'none', number>> = { ok: 10, planned: 10, unknown: 23, degraded: 5, down: 0, none: 25 };
const STEP = 4;

export function bars(days: readonly Day[], language: SiteLanguage): Html {
  const line = (level: Level | 'none'): string =>
    days.map((day, i) => ((day.level ?? 'none') === level ? `M${i * STEP + 2} ${TOP[level]}V30` : '')).join('');
  const paths = [...LEVELS, 'none' as const].map((level) => ({ level, d: line(level) })).filter(({ d }) => d !== '');
  return html`<svg class="bars" viewBox="0 0 ${days.length * STEP} 30" preserveAspectRatio="none" role="img" aria-label="${summary(days, language)}">${paths.map(({ level, d }) => html`<path class="${level}" d="${d}"/>`)}</svg>`;
}

/** The days with trouble in words, to be opened; nothing where there are none. */
export function troubles(days: readonly Day[], language: SiteLanguage): Html | '' {
  const words = WORDS[language];
  const bad = days.filter(isBad);
  if (bad.length === 0) return '';
  return html`<details><summary>${words.daysWithTrouble}: ${bad.length}</summary><ul>${bad.toReversed().map(({ day, minutes }) => html`<li><span>${dayText(day, language)}</span> <span>${words.dayLine(span(minutes.down, language), span(minutes.degraded, language))}</span></li>`)}</ul></details>`;
}

const isBad = ({ level }: Day): boolean => level === 'down' || level === 'degraded';

function summary(days: readonly Day[], language: SiteLanguage): string {
  const words = WORDS[language];
  const bad = days.filter(isBad).length;
  if (days.every(({ level }) => level === undefined)) return words.notYetKnown;
  if (bad === 0) return words.noTrouble;
  const all = (level: 'down' | 'degraded'): string => span(days.reduce((sum, { minutes }) => sum + minutes[level], 0), language) ?? words.minutes(0);
  return words.days(bad, all('down'), all('degraded'));
}

function span(minutes: number, language: SiteLanguage): string | undefined {
  const words = WORDS[language];
  if (minutes === 0) return undefined;
  return minutes < 90 ? words.minutes(Math.max(1, Math.round(minutes))) : words.hours(Math.round(minutes / 60));
}
