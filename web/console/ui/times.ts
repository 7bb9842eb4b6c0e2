/** Times as the console says them: of the browser's own clock face, to the second where seconds matter. Pure. */

const DAY_MS = 86_400_000;

const time = new Intl.DateTimeFormat('en-GB', { hour: '2-digit', minute: '2-digit' });
const exact = new Intl.DateTimeFormat('en-GB', { hour: '2-digit', minute: '2-digit', second: '2-digit' });
const dayTime = new Intl.DateTimeFormat('en-GB', { weekday: 'short', hour: '2-digit', minute: '2-digit' });

/** `14:05`, or `Fri 14:05` where it is another day than `now`; `seconds`: what is so near that minutes say nothing. */
export function clockOf(at: string, now: number, seconds = false): string {
  const date = new Date(at);
  if (Math.abs(date.getTime() - now) > DAY_MS / 2 && date.toDateString() !== new Date(now).toDateString()) return dayTime.format(date);
  return (seconds ? exact : time).format(date);
}

/** `40 s`, `12 min`, `3 h 5 min`, `2 d 4 h`. @param ms below 0 is taken as 0 */
export function lengthOf(ms: number): string {
  const s = Math.max(0, Math.round(ms / 1_000));
  if (s < 90) return `${s} s`;
  const min = Math.round(s / 60);
  if (min < 90) return `${min} min`;
  const hours = Math.floor(min / 60);
  if (hours < 48) return min % 60 === 0 ? `${hours} h` : `${hours} h ${min % 60} min`;
  return `${Math.floor(hours / 24)} d ${hours % 24} h`;
}

/** `850 ms`, `1.4 s`. */
export const msOf = (ms: number): string => (ms < 1_000 ? `${Math.round(ms)} ms` : `${(ms / 1_000).toFixed(1)} s`);

/** `1.2 GB`. */
export function bytesOf(bytes: number): string {
  const [unit, size] = bytes >= 1e9 ? ['GB', 1e9] as const : bytes >= 1e6 ? ['MB', 1e6] as const : ['kB', 1e3] as const;
  return `${(bytes / size).toFixed(bytes / size < 10 ? 1 : 0)} ${unit}`;
}
