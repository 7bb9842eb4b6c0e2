/** A week's plan of shifts, round the clock: who is to be there, where nobody is, and what the plan can carry beside the calls. */
import { useSearchParams } from 'wouter';
import { useRef, useState } from 'react';
import { Button, IconButton } from '#ui/Button.tsx';
import { sentenceOf } from '#ui/staff/ask.ts';
import { useMay } from '#ui/staff/who.ts';
import { showToast } from '#ui/toasts.ts';
import { useWords } from '#ui/words.ts';
import type { Shift } from '#desk/cases/api.ts';
import type { PlanLoad } from '#desk/load/api.ts';
import { useCommand } from '../shell/keymap.ts';
import { Key } from '../ui/Section.tsx';
import { useNow } from '../ui/use-now.ts';
import { copiesOf, gapsIn } from './cover.ts';
import { Day } from './Day.tsx';
import { NowSection } from './NowSection.tsx';
import { PlanDialog } from './PlanDialog.tsx';
import { usePlanLoad, usePlanning, useShifts } from './queries.ts';
import { laterBy, weekOf } from './week.ts';
import { words } from './words.ts';
import styles from './Shifts.module.css';

/** A year to both sides: further nobody plans, and calls are not kept. */
const MOST_WEEKS = 52;
const day = new Intl.DateTimeFormat('en-GB', { day: 'numeric', month: 'long' });

export function ShiftsPage() {
  const w = useWords(words);
  const mayPlan = useMay()('shift.manage');
  const now = useNow();
  const [params, setParams] = useSearchParams();
  const asked = Number(params.get('week') ?? 0);
  const weeks = Number.isInteger(asked) ? Math.max(-MOST_WEEKS, Math.min(MOST_WEEKS, asked)) : 0;
  const week = weekOf(now, weeks);
  const { data, error, isPlaceholderData } = useShifts(week);
  const { data: load } = usePlanLoad(week);
  const planning = usePlanning();
  const [asking, setAsking] = useState<'new' | Shift>();
  const days = useRef<HTMLOListElement>(null);
  const goTo = (to: number): void => setParams(to === 0 ? {} : { week: String(to) });
  useCommand('earlier', () => goTo(weeks - 1));
  useCommand('later', () => goTo(weeks + 1));
  useCommand('add', mayPlan ? () => setAsking('new') : undefined);
  const step = (by: 1 | -1): void => {
    const all = [...(days.current?.querySelectorAll<HTMLElement>('[data-shift]') ?? [])];
    const at = all.findIndex((each) => each === document.activeElement);
    all[at === -1 ? 0 : Math.min(all.length - 1, Math.max(0, at + by))]?.focus();
  };
  useCommand('down', () => step(1));
  useCommand('up', () => step(-1));
  async function copy(): Promise<void> {
    const before = weekOf(now, weeks - 1);
    const shifts = (await planning.shiftsOf(before)).filter(({ from }) => from >= before.from);
    const copies = copiesOf(shifts, data?.planned ?? [], (at) => laterBy(at, 7));
    if (copies.length > 0) await planning.plan(copies);
    showToast({ text: w.copied(copies.length) });
  }
  const gaps = data === undefined || isPlaceholderData ? undefined : week.days.flatMap((each) => gapsIn(data.planned, each)).length;
  return (
    <div className={styles['page']}>
      <header className={styles['head']}>
        <h1>{w.title}</h1>
        {mayPlan ? <Button kind="main" icon="plus" aria-keyshortcuts="+" onClick={() => setAsking('new')}>{w.add}<Key>+</Key></Button> : <p className={styles['quiet']}>{w.notLead}</p>}
      </header>
      <NowSection />
      <section className={styles['week']} aria-labelledby="week">
        <header>
          <IconButton icon="back" label={w.before} aria-keyshortcuts="h" onClick={() => goTo(weeks - 1)} />
          <h2 id="week">{day.format(week.from)} to {day.format(week.days.at(-1)!.from)}</h2>
          <IconButton icon="next" label={w.after} aria-keyshortcuts="l" onClick={() => goTo(weeks + 1)} />
          {weeks !== 0 && <Button kind="quiet" onClick={() => goTo(0)}>{w.present}</Button>}
          {gaps !== undefined && <p role="status" data-gaps={gaps > 0 || undefined}>{w.gaps(gaps)}</p>}
          {mayPlan && <Button kind="quiet" onClick={() => void copy().catch((failure: unknown) => showToast({ text: sentenceOf(failure, w.failed), kind: 'bad' }))}>{w.copy}</Button>}
        </header>
        {data === undefined ? <p role="status">{error === null ? w.loading : sentenceOf(error, w.failed)}</p> : (
          <ol ref={days} className={styles['days']}>
            {week.days.map((each) => <Day key={each.from} day={each} shifts={data.planned} hours={load?.hours.filter(({ at }) => at >= each.from && at < each.until) ?? []} scale={scaleOf(load)} now={now} mayPlan={mayPlan} onChange={setAsking} />)}
          </ol>
        )}
        <Legend load={load} />
      </section>
      {asking !== undefined && <PlanDialog day={weeks === 0 ? now : week.from} shift={asking === 'new' ? undefined : asking} onClose={() => setAsking(undefined)} />}
    </div>
  );
}

/** The same for all days, so that they can be compared. What can be carried beyond twice what is asked needs no room. */
function scaleOf(load: PlanLoad | undefined): number {
  const calls = Math.max(0, ...(load?.hours ?? []).map(({ calls: came, expected }) => came ?? expected ?? 0));
  const most = Math.max(0, ...(load?.hours ?? []).map(({ capacityPerHour }) => capacityPerHour));
  return Math.max(calls === 0 ? most : Math.min(most, calls * 2), calls, 1) * 1.1;
}

function Legend({ load }: { readonly load: PlanLoad | undefined }) {
  const w = useWords(words);
  if (load === undefined) return null;
  return (
    <ul className={styles['legend']} aria-label={w.legend}>
      <li data-mark="gap">{w.legendGap}</li>
      <li data-mark="came">{w.came}</li>
      <li data-mark="expected">{w.expected}</li>
      <li data-mark="carried">{w.carried((load.handlingSeconds / 60).toFixed(1))}{load.guessed && w.guessed}</li>
    </ul>
  );
}
