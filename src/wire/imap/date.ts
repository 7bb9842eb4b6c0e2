/** The date-time of INTERNALDATE and APPEND (RFC 9051 `date-time`), without its quotes. */
import { CausewayError } from '#errors/index.ts';

const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];
const DATE_TIME = /^ ?(\d{1,2})-([A-Za-z]{3})-(\d{4}) (\d\d):(\d\d):(\d\d) ([+-])(\d\d)(\d\d)$/;
const MINUTE = 60_000;

const MONTH_NUMBERS = new Map(MONTHS.map((name, month) => [name, month]));
/** February's 29th is left to those who ask the calendar. */
const DAYS = [31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];

/** A day of one digit may come with a space before it, a zero, or neither. Throws CausewayError 'protocol'. */
export function parseInternalDate(text: string): { epochMs: number; offsetMinutes: number } {
  return parseUsual(text) ?? parseAny(text);
}

/** As nearly all are written, some ten times faster. @returns undefined: it is not for us to judge */
function parseUsual(text: string): { epochMs: number; offsetMinutes: number } | undefined {
  if (text.length !== 26 || text[2] !== '-' || text[6] !== '-' || text[11] !== ' ' || text[14] !== ':' || text[17] !== ':' || text[20] !== ' ') return undefined;
  const month = MONTH_NUMBERS.get(text.slice(3, 6));
  const sign = text[21] === '+' ? 1 : text[21] === '-' ? -1 : undefined;
  if (month === undefined || sign === undefined) return undefined;
  const day = text[0] === ' ' ? two(text, 0, 0) : two(text, 0);
  const [hour, minute, second] = [two(text, 12), two(text, 15), two(text, 18)];
  const [zoneHour, zoneMinute] = [two(text, 22), two(text, 24)];
  const year = two(text, 7) * 100 + two(text, 9);
  // What is no number compares with nothing.
  if (!(day >= 1 && day <= DAYS[month]! && year >= 100 && hour < 24 && minute < 60 && second < 60 && zoneHour < 24 && zoneMinute < 60)) return undefined;
  const offset = zoneHour * 60 + zoneMinute;
  const offsetMinutes = sign < 0 && offset > 0 ? -offset : offset;
  return { epochMs: Date.UTC(year, month, day, hour, minute, second) - offsetMinutes * MINUTE, offsetMinutes };
}

/** Two digits as a number, else NaN. */
function two(text: string, at: number, tens = text.charCodeAt(at) - 48): number {
  const ones = text.charCodeAt(at + 1) - 48;
  return tens >= 0 && tens <= 9 && ones >= 0 && ones <= 9 ? tens * 10 + ones : Number.NaN;
}

function parseAny(text: string): { epochMs: number; offsetMinutes: number } {
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
  const day = local.getUTCDate();
  const date = `${day < 10 ? ' ' : ''}${day}-${MONTHS[local.getUTCMonth()]}-${twoDigits(Math.floor(year / 100))}${twoDigits(year % 100)}`;
  const time = `${twoDigits(local.getUTCHours())}:${twoDigits(local.getUTCMinutes())}:${twoDigits(local.getUTCSeconds())}`;
  return `${date} ${time} ${offsetMinutes < 0 ? '-' : '+'}${twoDigits(Math.floor(zone / 60))}${twoDigits(zone % 60)}`;
}

const TWO_DIGITS = Array.from({ length: 100 }, (_, number) => String(number).padStart(2, '0'));

const twoDigits = (number: number): string => TWO_DIGITS[number]!;
