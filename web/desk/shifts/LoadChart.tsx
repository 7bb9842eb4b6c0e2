/** Calls hour by hour (what came in, or is to be expected) as bars, and over them the line of what the plan can carry. */
import { number, useWords } from '#ui/words.ts';
import type { PlanHour } from '#desk/load/api.ts';
import { hoursIn, type Span } from './week.ts';
import { words } from './words.ts';
import styles from './Shifts.module.css';

const HEIGHT = 40;
const clock = new Intl.DateTimeFormat('en-GB', { hour: '2-digit', minute: '2-digit' });
const whole = (count: number): string => number(Math.round(count));

/** @param scale calls an hour that fill it @param now undefined: on another day */
export function LoadChart({ hours, scale, now, day }: { readonly hours: readonly PlanHour[]; readonly scale: number; readonly now: number | undefined; readonly day: Span }) {
  const w = useWords(words);
  const width = hoursIn(day);
  const y = (calls: number): number => HEIGHT - Math.min(1, calls / scale) * HEIGHT;
  const asked = hours.map(({ calls, expected }) => calls ?? expected);
  const most = asked.reduce<number | undefined>((top, each, n) => (each !== undefined && (top === undefined || each > asked[top]!) ? n : top), undefined);
  const carried = hours.map(({ capacityPerHour }) => capacityPerHour);
  const label = w.chart(most === undefined ? w.unknown : w.upTo(whole(asked[most]!), clock.format(hours[most]!.at)), w.range(whole(Math.min(...carried)), whole(Math.max(...carried))));
  return (
    <svg className={styles['chart']} viewBox={`0 0 ${width} ${HEIGHT}`} preserveAspectRatio="none" role="img" aria-label={label}>
      {hours.map(({ at, calls, expected, capacityPerHour }, n) => {
        const count = calls ?? expected;
        if (count === undefined || count === 0) return null;
        return <rect key={at} data-bar={calls === undefined ? 'expected' : 'came'} data-over={count > capacityPerHour || undefined} x={n + 0.12} width={0.76} y={y(count)} height={HEIGHT - y(count)} />;
      })}
      {hours.length > 0 && <path data-line="" vectorEffect="non-scaling-stroke" d={hours.map(({ capacityPerHour }, n) => `${n === 0 ? 'M0' : 'L' + n} ${y(capacityPerHour)}H${n + 1}`).join('')} />}
      {now !== undefined && <line data-now="" vectorEffect="non-scaling-stroke" x1={((now - day.from) / (day.until - day.from)) * width} x2={((now - day.from) / (day.until - day.from)) * width} y1={0} y2={HEIGHT} />}
    </svg>
  );
}
