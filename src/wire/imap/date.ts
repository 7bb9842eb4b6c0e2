/** The date-time of INTERNALDATE and APPEND (RFC 9051 `date-time`), without its quotes. */
import { CausewayError } from '#errors/index.ts';

const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];
const DATE_TIME = /^ ?(\d{1,2})-([A-Za-z]{3})-(\d{4}) (\d\d):(\d\d):(\d\d) ([+-])(\d\d)(\d\d)$/;
const MINUTE = 60_000;

/** A day of one digit may come with a space before it, a zero, or neither. Throws CausewayError 'protocol'. */
export function parseInternalDate(text: string): { epochMs: number; offsetMinutes: number } {
  const [, day, name = '', year, hour, minute, second, sign, zoneHour, zoneMinute] = DATE_TIME.exec(text) ?? [];
  const month = MONTHS.findIndex((candidate) => candidate.toLowerCase() === name.toLowerCase());
  const local = new Date(0);
  local.setUTCFullYear(Number(year), month, Number(day));
  const dayExists = local.getUTCMonth() === month && local.getUTCDate() === Number(day);
  // 60 is a leap second, which becomes the next minute's first.
  const timeExists = Number(hour) < 24 && Number(minute) < 60 && Number(second) <= 60;
  if (!dayExists || !timeExists || Number(zoneHour) >= 24 || Number(zoneMinute) >= 60) {
    throw new CausewayError('protocol', 'expected a date and time like "17-Jul-1996 02:44:25 -0700"');
  }
  local.setUTCHours(Number(hour), Number(minute), Number(second));
  const offset = Number(zoneHour) * 60 + Number(zoneMinute);
  const offsetMinutes = sign === '-' && offset > 0 ? -offset : offset;
  return { epochMs: local.getTime() - offsetMinutes * MINUTE, offsetMinutes };
}

/** `17-Jul-1996 02:44:25 -0700`, the day padded with a space. Fractions of a second are dropped. */
export function formatInternalDate(epochMs: number, offsetMinutes = 0): string {
  const local = new Date(epochMs + offsetMinutes * MINUTE);
  const year = local.getUTCFullYear();
  const zone = Math.abs(offsetMinutes);
  if (!(year >= 0 && year <= 9999) || !Number.isInteger(offsetMinutes) || zone >= 24 * 60) {
    throw new CausewayError('protocol', 'a date outside of the years 0 to 9999, or a zone beyond a day');
  }
  const day = String(local.getUTCDate()).padStart(2);
  const time = [local.getUTCHours(), local.getUTCMinutes(), local.getUTCSeconds()].map(twoDigits).join(':');
  const sign = offsetMinutes < 0 ? '-' : '+';
  const date = `${day}-${MONTHS[local.getUTCMonth()]}-${String(year).padStart(4, '0')}`;
  return `${date} ${time} ${sign}${twoDigits(Math.floor(zone / 60))}${twoDigits(zone % 60)}`;
}

function twoDigits(number: number): string {
  return String(number).padStart(2, '0');
}
