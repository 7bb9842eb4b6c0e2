/**
 * Short messages at the foot of the page, with at most one act (usually "Undo").
 *
 * Invariants: they are said to those who hear the page; they stay while pointed at or focused, and errors until closed.
 */
import { useSyncExternalStore } from 'react';
import { Button, IconButton } from './Button.tsx';
import { classes } from './classes.ts';
import { dismissToast, getToasts, holdToasts, subscribeToasts } from './toasts.ts';
import { words } from './own-words.ts';
import { useWords } from './words.ts';
import styles from './Toast.module.css';

export function Toasts() {
  const toasts = useSyncExternalStore(subscribeToasts, getToasts);
  const w = useWords(words);
  return (
    <div className={styles['place']} role="region" aria-label={w.messages} onPointerEnter={() => holdToasts(true)} onPointerLeave={() => holdToasts(false)} onFocus={() => holdToasts(true)} onBlur={() => holdToasts(false)}>
      <div aria-live="polite" role="status">
        {toasts.map(({ id, text, act, kind }) => (
          <div key={id} className={classes(styles['toast'], styles[kind])}>
            <span>{text}</span>
            {act !== undefined && (
              <Button
                kind="quiet"
                onClick={() => {
                  dismissToast(id);
                  act.run();
                }}
              >
                {act.label}
              </Button>
            )}
            <IconButton icon="close" size={16} label={w.close} onClick={() => dismissToast(id)} />
          </div>
        ))}
      </div>
    </div>
  );
}
