/** One out of few, all of them in sight: radio buttons in a row. */
import { useId } from 'react';
import { Icon } from './Icon.tsx';
import type { IconName } from './icons.ts';
import { usePressed } from './pressed.ts';
import styles from './Choice.module.css';

export function Choice<T extends string>({ label, value, options, onChange }: {
  readonly label: string;
  readonly value: T;
  readonly options: readonly { readonly value: T; readonly text: string; readonly icon?: IconName }[];
  readonly onChange: (value: T) => void;
}) {
  const name = useId();
  const [shown, press] = usePressed(value, onChange);
  return (
    <fieldset className={styles['choice']}>
      <legend>{label}</legend>
      <div>
        {options.map((option) => (
          <label key={option.value}>
            <input type="radio" name={name} value={option.value} checked={option.value === shown} onChange={() => press(option.value)} />
            {option.icon !== undefined && <Icon name={option.icon} size={18} />}
            <span>{option.text}</span>
          </label>
        ))}
      </div>
    </fieldset>
  );
}
