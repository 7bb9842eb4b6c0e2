/** The label of a control, its hint and what is wrong with it, tied together for those who hear the page. */
import { useId, type ReactNode } from 'react';
import { classes } from './classes.ts';
import styles from './Field.module.css';

export type LabelledProps = {
  readonly label: string;
  readonly hint?: ReactNode;
  /** What is wrong with what was typed. */
  readonly fault?: string | undefined;
};

/** What ties the control to the words around it. */
export type Ties = { readonly id: string; readonly 'aria-invalid': true | undefined; readonly 'aria-describedby': string | undefined };

export function Labelled({ label, hint, fault, hideLabel = false, children }: LabelledProps & {
  /** Where what is beside it says what it is: it is then only heard. */
  readonly hideLabel?: boolean;
  readonly children: (ties: Ties) => ReactNode;
}) {
  const id = useId();
  const described = [hint === undefined ? undefined : `${id}-hint`, fault === undefined ? undefined : `${id}-fault`].filter((each) => each !== undefined).join(' ');
  return (
    <div className={styles['field']}>
      <label htmlFor={id} className={classes(hideLabel && 'unseen')}>{label}</label>
      {hint !== undefined && <p id={`${id}-hint`} className={styles['hint']}>{hint}</p>}
      {children({ id, 'aria-invalid': fault !== undefined || undefined, 'aria-describedby': described === '' ? undefined : described })}
      {fault !== undefined && <p id={`${id}-fault`} className={styles['fault']}>{fault}</p>}
    </div>
  );
}
