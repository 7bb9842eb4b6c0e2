/** A labelled field of one line. */
import type { InputHTMLAttributes, ReactNode, Ref } from 'react';
import { Labelled, type LabelledProps } from './Labelled.tsx';
import styles from './Field.module.css';

type Native = Omit<InputHTMLAttributes<HTMLInputElement>, 'className'> & { readonly ref?: Ref<HTMLInputElement> };

export function Field({ label, hint, fault, after, ...rest }: Native & LabelledProps & {
  /** A control within the field's frame, at its end. */
  readonly after?: ReactNode;
}) {
  return (
    <Labelled label={label} hint={hint} fault={fault}>
      {(ties) => (
        <div className={styles['frame']}>
          <input {...rest} {...ties} />
          {after}
        </div>
      )}
    </Labelled>
  );
}
