/** One day of the plan: its gaps in words, then hour by hour who is planned, the calls beside what can be carried, and each one's shift. */
import { useWords } from '#ui/words.ts';
import { LEVELS, type Level, type Shift } from '#desk/cases/api.ts';
import type { PlanHour } from '#desk/load/api.ts';
import { Chip } from '../ui/Section.tsx';
import { gapsIn, rowsOf, shortIn } from './cover.ts';
import { LoadChart } from './LoadChart.tsx';
import { times } from './times.ts';
import { useDrop } from './use-drop.ts';
import { hoursIn, type Span } from './week.ts';
import { words } from './words.ts';
import styles from './Shifts.module.css';

const clock = new Intl.DateTimeFormat('en-GB', { hour: '2-digit', minute: '2-digit' });
const weekday = new Intl.DateTimeFormat('en-GB', { weekday: 'long' });
const date = new Intl.DateTimeFormat('en-GB', { day: 'numeric', month: 'short' });
/** Beyond it a level with nobody all week would fill the page with words. */
const MOST_CHIPS = 3;

/** @param hours of this day @param scale calls an hour that fill the picture */
export function Day({ day, shifts, hours, scale, now, mayPlan, onChange }: { readonly day: Span; readonly shifts: readonly Shift[]; readonly hours: readonly PlanHour[]; readonly scale: number; readonly now: number; readonly mayPlan: boolean; readonly onChange: (shift: Shift) => void }) {
  const w = useWords(words);
  const own = shifts.filter(({ from, until }) => from < day.until && until > day.from);
  const isToday = day.from <= now && now < day.until;
  const gaps = gapsIn(own, day);
  const told = own.length === 0 ? [w.nothing] : gaps.map((gap) => w.gap(gap.level === 1 ? w.level1 : w.level2, times(gap)));
  const short = shortIn(hours);
  return (
    <li className={styles['day']} data-today={isToday || undefined}>
      <div className={styles['title']}>
        <h3>{weekday.format(day.from)}</h3>
        <p>{date.format(day.from)}{isToday && <Chip tone="accent">{w.today}</Chip>}</p>
        {told.length === 0 && <Chip tone="good">{w.covered}</Chip>}
        {told.slice(0, MOST_CHIPS).map((text) => <span key={text} className={styles['gap']}>{text}</span>)}
        {short.slice(0, MOST_CHIPS).map((each) => <span key={each.from} className={styles['short']}>{w.short(times(each))}</span>)}
      </div>
      <div className={styles['picture']}>
        {LEVELS.map((level) => <Cover key={level} level={level} hours={hours} />)}
        <LoadChart hours={hours} scale={scale} now={isToday ? now : undefined} day={day} />
        <Shifts day={day} shifts={own} mayPlan={mayPlan} onChange={onChange} />
        <div className={styles['clock']} aria-hidden="true">{[0, 6, 12, 18].map((hour) => <span key={hour} style={{ insetInlineStart: `${(hour / hoursIn(day)) * 100}%` }}>{String(hour).padStart(2, '0')}</span>)}</div>
      </div>
    </li>
  );
}

/** How many are planned, hour by hour. */
function Cover({ level, hours }: { readonly level: Level; readonly hours: readonly PlanHour[] }) {
  const w = useWords(words);
  const name = level === 1 ? w.level1 : w.level2;
  const counts = hours.map(({ agents }) => agents[level - 1]!);
  return (
    <div className={styles['cover']} role="img" aria-label={w.cover(name, Math.min(...counts), Math.max(...counts))}>
      <span className={styles['level']} aria-hidden="true">{level}</span>
      {hours.map(({ at }, n) => <span key={at} data-people={counts[n] === 0 ? 'none' : counts[n] === 1 ? 'one' : 'more'} title={w.cell(name, clock.format(at), counts[n]!)}>{counts[n]}</span>)}
    </div>
  );
}

function Shifts({ day, shifts, mayPlan, onChange }: { readonly day: Span; readonly shifts: readonly Shift[]; readonly mayPlan: boolean; readonly onChange: (shift: Shift) => void }) {
  const w = useWords(words);
  const drop = useDrop();
  const length = day.until - day.from;
  return (
    <div className={styles['rows']}>
      {rowsOf(shifts).map((row) => (
        <ul key={row[0]!.id} className={styles['row']}>
          {row.map((shift) => {
            const from = Math.max(shift.from, day.from);
            const until = Math.min(shift.until, day.until);
            const label = w.shift(shift.staff, shift.level === 1 ? w.level1 : w.level2, times(shift));
            return (
              <li key={shift.id} data-level={shift.level} data-before={shift.from < day.from || undefined} data-after={shift.until > day.until || undefined} style={{ insetInlineStart: `${((from - day.from) / length) * 100}%`, inlineSize: `${((until - from) / length) * 100}%` }}>
                {mayPlan ? (
                  <button
                    type="button"
                    data-shift={shift.id}
                    aria-label={label}
                    aria-keyshortcuts="x"
                    title={label}
                    onKeyDown={(event) => {
                      if (event.key !== 'x' && event.key !== 'Delete') return;
                      event.preventDefault();
                      drop(shift);
                    }}
                    onClick={() => onChange(shift)}
                  >
                    {shift.staff}
                  </button>
                ) : <span title={label}><span aria-hidden="true">{shift.staff}</span><span className="unseen">{label}</span></span>}
              </li>
            );
          })}
        </ul>
      ))}
    </div>
  );
}
