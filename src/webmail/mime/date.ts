/** Dates of headers (RFC 5322 section 3.3, obsolete forms included), and how JMAP writes them. */

const MONTHS = 'janfebmaraprmayjunjulaugsepoctnovdec';
const ZONES: ReadonlyMap<string, number> = new Map([
  ['ut', 0], ['gmt', 0], ['z', 0], ['utc', 0], ['est', -300], ['edt', -240], ['cst', -360], ['cdt', -300],
  ['mst', -420], ['mdt', -360], ['pst', -480], ['pdt', -420],
]);
const DATE = /^(?:[a-z]{2,9}\.?,?\s*)?(\d{1,2})[\s-]+([a-z]{3})[a-z]*\.?,?[\s-]+(\d{2,4})\s+(\d{1,2})[:.](\d{2})(?:[:.](\d{2}))?(?:\.\d+)?\s*(?:([+-]\d{2}):?(\d{2})|([a-z]{1,5}))?/i;

export type HeaderDate = { readonly epochMs: number; readonly offsetMinutes: number };

/** @returns undefined for what is no date */
export function parseDate(text: string): HeaderDate | undefined {
  const [, day, month = '', year = '', hour, minute, second = '0', zoneHour, zoneMinute, zoneName] = DATE.exec(text.slice(0, 500).replaceAll(/\([^()]*\)/g, ' ').trim()) ?? [];
  const at = MONTHS.indexOf(month.toLowerCase());
  if (day === undefined || at < 0 || at % 3 !== 0 || Number(hour) > 23 || Number(minute) > 59 || Number(second) > 60) return undefined;
  // RFC 5322 section 4.3.
  const full = year.length === 4 ? Number(year) : Number(year) + (year.length === 2 && Number(year) < 50 ? 2000 : 1900);
  const offset = zoneHour === undefined ? (ZONES.get((zoneName ?? '').toLowerCase()) ?? 0) : Number(zoneHour.slice(1)) * 60 + Number(zoneMinute);
  const offsetMinutes = zoneHour?.startsWith('-') === true ? -offset : offset;
  const local = new Date(0);
  local.setUTCFullYear(full, at / 3, Number(day));
  if (local.getUTCDate() !== Number(day) || Math.abs(offsetMinutes) >= 24 * 60) return undefined;
  local.setUTCHours(Number(hour), Number(minute), Number(second));
  return { epochMs: local.getTime() - offsetMinutes * 60_000, offsetMinutes };
}

/** `2014-10-30T14:12:00+08:00`; `Z` where the zone is that. */
export function formatDate({ epochMs, offsetMinutes }: HeaderDate): string {
  const local = new Date(epochMs + offsetMinutes * 60_000).toISOString().slice(0, 19);
  if (offsetMinutes === 0) return `${local}Z`;
  const zone = Math.abs(offsetMinutes);
  const two = (number: number): string => String(number).padStart(2, '0');
  return `${local}${offsetMinutes < 0 ? '-' : '+'}${two(Math.floor(zone / 60))}:${two(zone % 60)}`;
}

const DAYS = ['Sun', 'Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat'];
const NAMES = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];

/** As a Date field has it: `Thu, 30 Oct 2014 14:12:00 +0800`. */
export function headerDate({ epochMs, offsetMinutes }: HeaderDate): string {
  const local = new Date(epochMs + offsetMinutes * 60_000);
  const zone = Math.abs(offsetMinutes);
  const two = (number: number): string => String(number).padStart(2, '0');
  const time = [local.getUTCHours(), local.getUTCMinutes(), local.getUTCSeconds()].map(two).join(':');
  return `${DAYS[local.getUTCDay()]}, ${local.getUTCDate()} ${NAMES[local.getUTCMonth()]} ${String(local.getUTCFullYear()).padStart(4, '0')} ${time} ${offsetMinutes < 0 ? '-' : '+'}${two(Math.floor(zone / 60))}${two(zone % 60)}`;
}
