/** From when to when, as one says it of a shift. */
import type { Span } from './week.ts';

const clock = new Intl.DateTimeFormat('en-GB', { hour: '2-digit', minute: '2-digit' });

export const times = ({ from, until }: Span): string => `${clock.format(from)} to ${clock.format(until)}`;
