/** What is on its way: how long it can be taken back, and what became of it. */
import { useEffect, useState, useSyncExternalStore } from 'react';
import { Button, IconButton } from '#ui/Button.tsx';
import { classes } from '#ui/classes.ts';
import { showToast } from '#ui/toasts.ts';
import { say, useWords } from '#ui/words.ts';
import { closed } from './copies.ts';
import { openComposer, type Trouble } from './open.ts';
import type { Entry } from './outbox.ts';
import { outbox, type Outgoing } from './sending.ts';
import { words } from './words.ts';
import styles from './SendBar.module.css';

const getEntries = () => outbox.entries;
const subscribe = (listener: () => void): (() => void) => outbox.subscribe(listener);

/** Into a composer again. */
function writeOn({ message, emailId, messageId, copyId }: Outgoing, trouble?: Trouble): void {
  closed(copyId);
  openComposer({ kind: 'resume', message, emailId, messageId, copyId, ...(trouble === undefined ? {} : { trouble }) });
}

async function undoOf(key: number): Promise<void> {
  const back = await outbox.takeBack(key);
  if (back !== undefined) writeOn(back);
  else showToast({ text: say(words).tooLate });
}

/** What is done needs no bar. */
function settle(entries: readonly Entry<Outgoing>[]): void {
  for (const { key, what, step } of entries) {
    if (step.kind === 'sent') {
      outbox.dismiss(key);
      showToast({ text: say(words).sent });
    } else if (step.kind === 'refused') {
      outbox.dismiss(key);
      writeOn(what, step);
    }
  }
}

export function SendBar({ onSent }: { readonly onSent: () => void }) {
  const w = useWords(words);
  const entries = useSyncExternalStore(subscribe, getEntries);
  useEffect(() => {
    if (entries.some(({ step }) => step.kind === 'sent')) onSent();
    settle(entries);
  }, [entries, onSent]);
  return (
    <div className={styles['place']} role="status">
      {entries.map(({ key, what, step }) => {
        const subject = what.message.subject.trim() === '' ? w.noSubject : what.message.subject;
        const undo = <Button onClick={() => void undoOf(key)}>{w.undo}</Button>;
        if (step.kind === 'waiting' || (step.kind === 'held' && !step.isLate)) {
          return (
            <div key={key} className={styles['bar']}>
              <Countdown until={step.until} subject={subject} />
              {undo}
              {step.kind === 'waiting' && <Button kind="quiet" onClick={() => outbox.sendNow(key)}>{w.now}</Button>}
              {step.kind === 'held' && <IconButton icon="close" size={16} label={w.seen} onClick={() => outbox.dismiss(key)} />}
            </div>
          );
        }
        if (step.kind === 'unknown') {
          return (
            <div key={key} className={classes(styles['bar'], styles['bad'])}>
              <span>{w.unknownOutcome(subject)}</span>
              <IconButton icon="close" size={16} label={w.seen} onClick={() => outbox.dismiss(key)} />
            </div>
          );
        }
        if (step.kind === 'sent' || step.kind === 'refused') return null;
        const isDelayed = step.kind === 'delayed' || step.kind === 'held';
        return (
          <div key={key} className={styles['bar']}>
            <span>{isDelayed ? w.delayed(subject) : step.kind === 'sending' ? w.sendingNow(subject) : w.takingBack(subject)}</span>
            {isDelayed && undo}
          </div>
        );
      })}
    </div>
  );
}

function Countdown({ until, subject }: { readonly until: number; readonly subject: string }) {
  const w = useWords(words);
  const [now, setNow] = useState(Date.now);
  useEffect(() => {
    const timer = setInterval(() => setNow(Date.now()), 250);
    return () => clearInterval(timer);
  }, []);
  const seconds = Math.max(0, Math.ceil((until - now) / 1_000));
  return (
    <>
      {/* Said once to those who hear the page; the seconds are for the eye. */}
      <span className="unseen">{w.sendingNow(subject)}</span>
      <span aria-hidden="true" className={styles['text']}>{w.sendingIn(subject, seconds)}</span>
    </>
  );
}
