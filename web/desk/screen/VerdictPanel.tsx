/** The verdict in plain words, what to do and what to say: all that a short call needs. */
import type { ReactNode } from 'react';
import { Icon } from '#ui/Icon.tsx';
import { useWords } from '#ui/words.ts';
import type { Verdict } from '#desk/verdicts/api.ts';
import { words } from './words.ts';
import styles from './VerdictPanel.module.css';

/** @param children the buttons: the best next step first */
export function VerdictPanel({ verdict, children }: { readonly verdict: Verdict; readonly children: ReactNode }) {
  const w = useWords(words);
  return (
    <div className={styles['panel']} data-rule={verdict.rule}>
      <p className={styles['line']} role="status">{verdict.line}</p>
      {verdict.evidence.length > 0 && (
        <ul className={styles['because']} aria-label={w.because}>
          {verdict.evidence.map((each) => <li key={each}>{each}</li>)}
        </ul>
      )}
      <blockquote className={styles['say']}>
        <Icon name="quote" size={18} />
        <p><span className="unseen">{w.say}: </span>{verdict.say}</p>
      </blockquote>
      <div className={styles['acts']}>{children}</div>
    </div>
  );
}
