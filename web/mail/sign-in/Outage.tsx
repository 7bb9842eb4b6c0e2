/**
 * Nobody can be let in at this moment: what it is, what it is not, and when the page tries again by itself.
 *
 * Invariants: it says that the password is fine and must not be changed. The seconds are for the eye; who hears the page is
 * told when the waiting begins and what came of it, not each second.
 */
import { useEffect, useState, type CSSProperties } from 'react';
import { Button } from '#ui/Button.tsx';
import { Icon } from '#ui/Icon.tsx';
import { useWords } from '#ui/words.ts';
import type { SignInState } from './use-sign-in.ts';
import { words } from './words.ts';
import styles from './Outage.module.css';

export function Outage({ waiting, isBusy, onNow, onStop }: { readonly waiting: SignInState['waiting']; readonly isBusy: boolean; readonly onNow: () => void; readonly onStop: () => void }) {
  const w = useWords(words);
  const left = useSecondsUntil(waiting?.until);
  return (
    <section className={styles['outage']} aria-labelledby="outage">
      <h2 id="outage">
        <Icon name="shield" size={20} />
        {w.outageTitle}
      </h2>
      <p>{w.outageText}</p>
      <p className={styles['fine']}>{w.outageFine}</p>
      <p className="unseen" role="status" aria-live="polite">
        {waiting === undefined ? w.outageTitle : w.outageHeard(waiting.tries, Math.ceil(waiting.ms / 1_000))}
      </p>
      {waiting !== undefined && (
        <div className={styles['again']}>
          <span className={styles['bar']} aria-hidden="true">
            <span key={waiting.until} style={{ animationDuration: `${waiting.ms}ms` } satisfies CSSProperties} />
          </span>
          <span aria-hidden="true" className={styles['count']}>
            {isBusy || left === 0 ? w.trying : w.again(left)}
          </span>
          <span className={styles['acts']}>
            <Button kind="plain" icon="refresh" busy={isBusy} onClick={onNow}>
              {w.tryNow}
            </Button>
            <Button kind="quiet" disabled={isBusy} onClick={onStop}>
              {w.stop}
            </Button>
          </span>
        </div>
      )}
    </section>
  );
}

/** @param until performance.now */
function useSecondsUntil(until: number | undefined): number {
  const [now, setNow] = useState(() => performance.now());
  useEffect(() => {
    if (until === undefined) return;
    setNow(performance.now());
    const timer = setInterval(() => setNow(performance.now()), 250);
    return () => clearInterval(timer);
  }, [until]);
  return until === undefined ? 0 : Math.max(0, Math.ceil((until - now) / 1_000));
}
