/** On or off, at once: a checkbox that looks like a switch, with its words beside it. */
import { useId, type ReactNode } from 'react';
import { classes } from './classes.ts';
import { usePressed } from './pressed.ts';
import styles from './Switch.module.css';

export function Switch({ label, hint, checked, disabled = false, hideLabel = false, onChange }: { readonly label: string; readonly hint?: ReactNode; readonly checked: boolean; readonly disabled?: boolean; /** Where what is beside it says what it is. */ readonly hideLabel?: boolean; readonly onChange: (on: boolean) => void }) {
  const id = useId();
  const [shown, press] = usePressed(checked, onChange);
  return (
    <div className={styles['row']}>
      <div className={classes(hideLabel && 'unseen')}>
        <label htmlFor={id}>{label}</label>
        {hint !== undefined && <p id={`${id}-hint`} className={styles['hint']}>{hint}</p>}
      </div>
      <input id={id} type="checkbox" role="switch" className={styles['switch']} checked={shown} disabled={disabled} aria-describedby={hint === undefined ? undefined : `${id}-hint`} onChange={(event) => press(event.target.checked)} />
    </div>
  );
}
