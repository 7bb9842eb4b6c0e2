/** The icons of all apps: strokes on a grid of 24, drawn in the colour of their text. They are always beside words or named by their control. */
import { ICONS, type IconName } from './icons.ts';
import styles from './Icon.module.css';

export function Icon({ name, size = 20 }: { readonly name: IconName; readonly size?: number }) {
  return (
    <svg className={styles['icon']} width={size} height={size} viewBox="0 0 24 24" aria-hidden="true" focusable="false">
      {ICONS[name].map((path) => (
        <path key={path} d={path} />
      ))}
    </svg>
  );
}
