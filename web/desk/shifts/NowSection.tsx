/** Who is there of each level and who is not, who hands over to whom next, and what was left for the next shift. */
import { useState } from 'react';
import { Button } from '#ui/Button.tsx';
import { Choice } from '#ui/Choice.tsx';
import { Dialog } from '#ui/Dialog.tsx';
import { submitByKeys } from '#ui/keys/submit.ts';
import { sentenceOf } from '#ui/staff/ask.ts';
import { useSending } from '#ui/staff/sending.ts';
import { useStaff } from '#ui/staff/who.ts';
import { TextArea } from '#ui/TextArea.tsx';
import { useWords } from '#ui/words.ts';
import { LEVELS, type Level, MOST_HAND_OVER, type Shifts } from '#desk/cases/api.ts';
import { OwnPresence } from '../load/OwnPresence.tsx';
import { moment } from '../screen/times.ts';
import { useCommand } from '../shell/keymap.ts';
import { Chip, Key, Nothing, Section } from '../ui/Section.tsx';
import { useNow } from '../ui/use-now.ts';
import { nextHandOver } from './cover.ts';
import { usePlanning, useShiftsNow } from './queries.ts';
import { words } from './words.ts';
import styles from './Shifts.module.css';

const TONES = { available: 'good', busy: 'accent', break: 'plain' } as const;

export function NowSection() {
  const w = useWords(words);
  const now = useNow();
  const { data } = useShiftsNow();
  const [isWriting, setWriting] = useState(false);
  useCommand('write', () => setWriting(true));
  return (
    <div className={styles['now']}>
      {LEVELS.map((level) => <LevelNow key={level} level={level} data={data} now={now} />)}
      <Section title={w.notes} icon="forward" aside={<Button kind="quiet" aria-keyshortcuts="w" onClick={() => setWriting(true)}>{w.write}<Key>w</Key></Button>}>
        {data === undefined || data.notes.length === 0 ? <Nothing>{w.noNotes}</Nothing> : (
          <ul className={styles['notes']}>
            {data.notes.map(({ id, at, by, level, text }) => (
              <li key={id}>
                <p><b>{by.replace(/^staff:/, '')}</b> <Chip>{level === 1 ? w.level1 : w.level2}</Chip> <small>{moment(at, now)}</small></p>
                <p className={styles['text']}>{text}</p>
              </li>
            ))}
          </ul>
        )}
        <OwnPresence />
      </Section>
      {isWriting && <NoteDialog onClose={() => setWriting(false)} />}
    </div>
  );
}

function LevelNow({ level, data, now }: { readonly level: Level; readonly data: Shifts | undefined; readonly now: number }) {
  const w = useWords(words);
  const there = data?.present.filter((each) => each.level === level) ?? [];
  const due = data?.planned.filter(({ level: of, from, until }) => of === level && from <= now && now < until) ?? [];
  const missing = due.filter(({ staff }) => data?.missing.includes(staff)).map(({ staff }) => staff);
  const next = data === undefined ? undefined : nextHandOver(data.planned, level, now);
  return (
    <Section title={level === 1 ? w.level1 : w.level2} icon="people" aside={w.there(there.length, due.length)}>
      {there.length === 0 ? <Nothing>{w.nobody}</Nothing> : (
        <ul className={styles['people']}>{there.map(({ staff, presence, since }) => <li key={staff}><b>{staff}</b> <Chip tone={TONES[presence]}>{w[presence]}</Chip> <small>{w.since(moment(since, now))}</small></li>)}</ul>
      )}
      {missing.length > 0 && <p className={styles['missing']}>{w.missing(missing.join(', '))}</p>}
      <div className={styles['next']}>
        {next === undefined ? <Nothing>{w.noHandOver}</Nothing> : (
          <>
            <b>{w.handsOver(moment(next.at, now))}</b>
            <p data-nobody={(next.coming.length === 0 && next.staying.length === 0) || undefined}>{next.coming.length > 0 ? w.fromTo(next.going.join(', '), next.coming.join(', ')) : next.staying.length > 0 ? w.goes(next.going.join(', ')) : w.noneComes(next.going.join(', '))}</p>
            {next.staying.length > 0 && <small>{w.stays(next.staying.join(', '))}</small>}
          </>
        )}
      </div>
    </Section>
  );
}

function NoteDialog({ onClose }: { readonly onClose: () => void }) {
  const w = useWords(words);
  const { role } = useStaff();
  const { handOver } = usePlanning();
  const [key] = useState(() => crypto.randomUUID());
  const [level, setLevel] = useState<Level>(role === 'level-one' ? 1 : 2);
  const [text, setText] = useState('');
  const { isBusy, fault, send } = useSending((error) => sentenceOf(error, w.failed));
  async function keep(): Promise<void> {
    if (text.trim() === '') return;
    if (await send(() => handOver({ key, level, text: text.trim() }))) onClose();
  }
  return (
    <Dialog title={w.notes} onClose={onClose} acts={<><Button kind="quiet" onClick={onClose}>{w.cancel}</Button><Button kind="main" type="submit" form="hand-over" busy={isBusy} disabled={text.trim() === ''}>{w.keep}</Button></>}>
      <form
        id="hand-over"
        className={styles['form']}
        onSubmit={(event) => {
          event.preventDefault();
          void keep();
        }}
      >
        <Choice label={w.level} value={String(level) as '1' | '2'} options={[{ value: '1', text: w.level1 }, { value: '2', text: w.level2 }]} onChange={(each) => setLevel(each === '1' ? 1 : 2)} />
        <TextArea
          label={w.note}
          hint={w.noteHint}
          rows={4}
          maxLength={MOST_HAND_OVER}
          value={text}
          onChange={(event) => setText(event.target.value)}
          onKeyDown={submitByKeys}
        />
        {fault !== undefined && <p role="alert" className={styles['fault']}>{fault}</p>}
      </form>
    </Dialog>
  );
}
