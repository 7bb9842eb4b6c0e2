/** Plans somebody's shift, on one day or on several one after the other; or changes one that is planned. */
import { useEffect, useRef, useState } from 'react';
import { Button } from '#ui/Button.tsx';
import { Choice } from '#ui/Choice.tsx';
import { Dialog } from '#ui/Dialog.tsx';
import { Field } from '#ui/Field.tsx';
import { Select } from '#ui/Select.tsx';
import { submitByKeys } from '#ui/keys/submit.ts';
import { sentenceOf, StaffError } from '#ui/staff/ask.ts';
import { useSending } from '#ui/staff/sending.ts';
import { showToast } from '#ui/toasts.ts';
import { useWords } from '#ui/words.ts';
import type { Level, Shift } from '#desk/cases/api.ts';
import { localInput } from '../cases/local-input.ts';
import { usePeople, usePlanning } from './queries.ts';
import { useDrop } from './use-drop.ts';
import { dateInput, laterBy, midnight, timeOn } from './week.ts';
import { words } from './words.ts';
import styles from './Shifts.module.css';

const DAYS = ['1', '2', '3', '4', '5', '6', '7'] as const;
const HOUR_MS = 3_600_000;
const LEVEL_OF: Readonly<Record<string, Level>> = { 'level-one': 1 };

/** @param day in which the first one begins, where none is given @param shift that is changed */
export function PlanDialog({ day, shift, onClose }: { readonly day: number; readonly shift?: Shift | undefined; readonly onClose: () => void }) {
  const w = useWords(words);
  const planning = usePlanning();
  const drop = useDrop();
  const { data: people = [] } = usePeople();
  const [chosen, setStaff] = useState(shift?.staff);
  const [chosenLevel, setLevel] = useState<Level | undefined>(shift?.level);
  const [date, setDate] = useState(() => dateInput(shift?.from ?? day));
  const [from, setFrom] = useState(shift === undefined ? '06:00' : localInput(shift.from).slice(11));
  const [until, setUntil] = useState(shift === undefined ? '14:00' : localInput(shift.until).slice(11));
  const [days, setDays] = useState<(typeof DAYS)[number]>('1');
  const { isBusy, fault, setFault, send } = useSending((error) => (error instanceof StaffError && error.status === 409 ? w.conflict : sentenceOf(error, w.failed)));
  const form = useRef<HTMLFormElement>(null);
  // One begins with whom; the dialog itself begins with what is typed.
  useEffect(() => form.current?.querySelector('select')?.focus(), []);
  const person = people.find(({ name }) => name === chosen) ?? (shift === undefined ? people[0] : undefined);
  const staff = person?.name ?? shift?.staff;
  const level = chosenLevel ?? LEVEL_OF[person?.role ?? ''] ?? 2;
  const first = midnight(new Date(`${date}T12:00`).getTime());
  const begins = timeOn(first, from, false);
  const ends = timeOn(first, until, until <= from);
  const isTime = Number.isFinite(begins) && Number.isFinite(ends);
  async function run(): Promise<void> {
    if (!isTime || staff === undefined) return setFault(w.notATime);
    const shifts = Array.from({ length: Number(days) }, (_, n) => ({ staff, level, from: laterBy(begins, n), until: laterBy(ends, n) }));
    await send(async () => {
      if (shift === undefined) await planning.plan(shifts);
      else await planning.change(shift.id, shifts[0]!);
      showToast({ text: w.planned(shifts.length) });
      onClose();
    });
  }
  return (
    <Dialog
      title={shift === undefined ? w.add : w.change}
      onClose={onClose}
      acts={
        <>
          {shift !== undefined && <Button kind="danger" icon="trash" onClick={() => (drop(shift), onClose())}>{w.remove}</Button>}
          <Button kind="quiet" onClick={onClose}>{w.cancel}</Button>
          <Button kind="main" type="submit" form="plan-shift" busy={isBusy}>{w.plan}</Button>
        </>
      }
    >
      <form
        ref={form}
        id="plan-shift"
        className={styles['form']}
        noValidate
        onSubmit={(event) => {
          event.preventDefault();
          void run();
        }}
        onKeyDown={submitByKeys}
      >
        <Select label={w.who} value={staff ?? ''} options={(shift !== undefined && person === undefined ? [shift.staff] : people.map(({ name }) => name)).map((name) => [name, name] as const)} onChange={setStaff} />
        <Choice label={w.level} value={String(level) as '1' | '2'} options={[{ value: '1', text: w.level1 }, { value: '2', text: w.level2 }]} onChange={(each) => setLevel(each === '1' ? 1 : 2)} />
        <Field label={shift === undefined ? w.day : w.onDay} type="date" required value={date} onChange={(event) => setDate(event.target.value)} />
        <div className={styles['fromUntil']}>
          <Field label={w.from} type="time" required value={from} onChange={(event) => setFrom(event.target.value)} />
          <Field label={w.until} type="time" required value={until} onChange={(event) => setUntil(event.target.value)} />
        </div>
        {shift === undefined && <Select label={w.days} value={days} options={DAYS.map((each) => [each, w.dayCount(Number(each))] as const)} onChange={setDays} />}
        {isTime && <p className={styles['quiet']}>{w.preview(Number(days), ((ends - begins) / HOUR_MS).toLocaleString('en', { maximumFractionDigits: 1 }), until <= from)}</p>}
        {fault !== undefined && <p role="alert" className={styles['fault']}>{fault}</p>}
      </form>
    </Dialog>
  );
}
