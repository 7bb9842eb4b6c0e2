/** Buttons: one main act a page, quiet ones beside it, and those that are only an icon, which always have a name and a tip. */
import type { ButtonHTMLAttributes, ReactNode, Ref } from 'react';
import { classes } from './classes.ts';
import { Icon } from './Icon.tsx';
import type { IconName } from './icons.ts';
import styles from './Button.module.css';

type Native = Omit<ButtonHTMLAttributes<HTMLButtonElement>, 'children' | 'className'> & { readonly ref?: Ref<HTMLButtonElement> };

export function Button({ kind = 'plain', icon, busy = false, wide = false, children, type = 'button', disabled, ...rest }: Native & {
  readonly kind?: 'main' | 'plain' | 'quiet' | 'danger';
  readonly icon?: IconName;
  /** Its work goes on: it cannot be pressed again, and says so. */
  readonly busy?: boolean;
  readonly wide?: boolean;
  readonly children: ReactNode;
}) {
  return (
    <button {...rest} type={type} disabled={disabled === true || busy} aria-busy={busy || undefined} className={classes(styles['button'], styles[kind], wide && styles['wide'])}>
      {busy ? <span className={styles['spinner']} aria-hidden="true" /> : icon !== undefined && <Icon name={icon} size={18} />}
      <span>{children}</span>
    </button>
  );
}

export function IconButton({ icon, label, pressed, size = 20, kind = 'quiet', type = 'button', ...rest }: Native & {
  readonly icon: IconName;
  /** What it does: its name, and the tip that a mouse shows. */
  readonly label: string;
  /** Of a switch. */
  readonly pressed?: boolean;
  readonly size?: number;
  readonly kind?: 'quiet' | 'main';
}) {
  return (
    <button {...rest} type={type} aria-label={label} title={label} aria-pressed={pressed} className={classes(styles['button'], styles['bare'], styles[kind])}>
      <Icon name={icon} size={size} />
    </button>
  );
}
