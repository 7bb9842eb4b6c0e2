/** A labelled choice of one out of many: the browser's own list, which every device shows in its best way. */
import type { ReactNode } from 'react';
import { Labelled } from './Labelled.tsx';
import styles from './Field.module.css';

export function Select<T extends string>({ label, hint, value, options, onChange, hideLabel = false }: {
  readonly label: string;
  readonly hint?: ReactNode;
  readonly value: T;
  readonly options: readonly (readonly [value: T, text: string])[];
  readonly onChange: (value: T) => void;
  /** Where what is beside it says what it is: it is then only heard. */
  readonly hideLabel?: boolean;
}) {
  return (
    <Labelled label={label} hint={hint} hideLabel={hideLabel}>
      {(ties) => (
        <select {...ties} className={styles['select']} value={value} onChange={(event) => onChange(event.target.value as T)}>
          {options.map(([each, text]) => (
            <option key={each} value={each}>{text}</option>
          ))}
        </select>
      )}
    </Labelled>
  );
}
