/** The absence reply. */
import { useState } from 'react';
import { Button } from '#ui/Button.tsx';
import { Field } from '#ui/Field.tsx';
import { Switch } from '#ui/Switch.tsx';
import { TextArea } from '#ui/TextArea.tsx';
import { showToast } from '#ui/toasts.ts';
import { useWords } from '#ui/words.ts';
import styles from '../Form.module.css';
import { canReply, sentenceOf, useSaveVacation, useVacation, type Vacation } from './filters.ts';
import { words } from './words.ts';

export function Away() {
  const w = useWords(words);
  const { data } = useVacation();
  if (!canReply()) return <p className={styles['note']}>{w.notAvailable}</p>;
  return data === undefined ? <p className={styles['quiet']} role="status">{w.loading}</p> : <AwayForm vacation={data} />;
}

/** As `datetime-local` has it, in the time of whoever looks. */
function localOf(utc: string | null): string {
  if (utc === null) return '';
  const date = new Date(utc);
  return new Date(date.getTime() - date.getTimezoneOffset() * 60_000).toISOString().slice(0, 16);
}
const utcOf = (local: string): string | null => (local === '' ? null : `${new Date(local).toISOString().slice(0, 19)}Z`);

function AwayForm({ vacation }: { readonly vacation: Vacation }) {
  const w = useWords(words);
  const save = useSaveVacation();
  const [isEnabled, setEnabled] = useState(vacation.isEnabled);
  const [from, setFrom] = useState(localOf(vacation.fromDate));
  const [until, setUntil] = useState(localOf(vacation.toDate));
  const [subject, setSubject] = useState(vacation.subject ?? '');
  const [text, setText] = useState(vacation.textBody ?? '');
  const [isBusy, setBusy] = useState(false);
  const [fault, setFault] = useState<string>();
  const isBackwards = from !== '' && until !== '' && until <= from;

  async function submit(): Promise<void> {
    if (isEnabled && text.trim() === '') return setFault(w.replyMissing);
    if (isBackwards) return setFault(w.untilBeforeFrom);
    setBusy(true);
    setFault(undefined);
    try {
      // HTML that another client wrote stays as long as its text does.
      const htmlBody = text === (vacation.textBody ?? '') ? vacation.htmlBody : null;
      await save({ isEnabled, fromDate: utcOf(from), toDate: utcOf(until), subject: subject.trim() === '' ? null : subject.trim(), textBody: text === '' ? null : text, htmlBody });
      showToast({ text: w.saved });
    } catch (error) {
      setFault(sentenceOf(error) ?? w.notSaved);
    } finally {
      setBusy(false);
    }
  }

  return (
    <form
      className={styles['card']}
      onSubmit={(event) => {
        event.preventDefault();
        void submit();
      }}
    >
      <Switch label={w.away} hint={w.awayHint} checked={isEnabled} onChange={setEnabled} />
      <div className={styles['pair']}>
        <Field label={w.from} type="datetime-local" value={from} onChange={(event) => setFrom(event.target.value)} />
        <Field label={w.until} type="datetime-local" value={until} fault={isBackwards ? w.untilBeforeFrom : undefined} onChange={(event) => setUntil(event.target.value)} />
      </div>
      <Field label={w.subject} hint={w.subjectHint} maxLength={200} value={subject} onChange={(event) => setSubject(event.target.value)} />
      <TextArea label={w.reply} rows={8} maxLength={10_000} value={text} onChange={(event) => setText(event.target.value)} />
      {fault !== undefined && <p className={`${styles['note']} ${styles['bad']}`} role="alert">{fault}</p>}
      <div className={styles['acts']}>
        <Button kind="main" type="submit" busy={isBusy}>{w.save}</Button>
      </div>
    </form>
  );
}
