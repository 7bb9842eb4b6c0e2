/** A labelled field of several lines. */
import type { TextareaHTMLAttributes } from 'react';
import { classes } from './classes.ts';
import { Labelled, type LabelledProps } from './Labelled.tsx';
import styles from './Field.module.css';

export function TextArea({ label, hint, fault, code = false, ...rest }: Omit<TextareaHTMLAttributes<HTMLTextAreaElement>, 'className'> & LabelledProps & {
  /** For what machines read: letters of one width, lines as they are. */
  readonly code?: boolean;
}) {
  return (
    <Labelled label={label} hint={hint} fault={fault}>
      {(ties) => <textarea {...rest} {...ties} className={classes(styles['area'], code && styles['code'])} spellCheck={code ? false : undefined} />}
    </Labelled>
  );
}
