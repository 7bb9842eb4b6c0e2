/** One part of what is known: a quiet heading, and what stands under it. */
import { useId, type ReactNode } from 'react';
import { Icon } from '#ui/Icon.tsx';
import type { IconName } from '#ui/icons.ts';
import { classes } from '#ui/classes.ts';
import styles from './Section.module.css';

export function Section({ title, icon, aside, wide = false, children }: { readonly title: string; readonly icon: IconName; /** At the heading's end. */ readonly aside?: ReactNode; readonly wide?: boolean; readonly children: ReactNode }) {
  const id = useId();
  return (
    <section aria-labelledby={id} className={classes(styles['section'], wide && styles['wide'])}>
      <header>
        <Icon name={icon} size={18} />
        <h2 id={id}>{title}</h2>
        {aside !== undefined && <span className={styles['aside']}>{aside}</span>}
      </header>
      {children}
    </section>
  );
}

/** Names and values, one line each; what is undefined has no line. */
export function Facts({ facts }: { readonly facts: readonly (readonly [name: string, value: ReactNode])[] }) {
  return (
    <dl className={styles['facts']}>
      {facts
        .filter(([, value]) => value !== undefined)
        .map(([name, value]) => (
          <div key={name}>
            <dt>{name}</dt>
            <dd>{value}</dd>
          </div>
        ))}
    </dl>
  );
}

/** A state in one word. */
export function Chip({ tone = 'plain', children }: { readonly tone?: 'plain' | 'good' | 'bad' | 'warm' | 'accent'; readonly children: ReactNode }) {
  return <span className={classes(styles['chip'], styles[tone])}>{children}</span>;
}

/** A key that does the same as the control it stands in; heard as the control's own. */
export function Key({ children }: { readonly children: string }) {
  return <kbd className={styles['key']} aria-hidden="true">{children}</kbd>;
}

export function Nothing({ children }: { readonly children: ReactNode }) {
  return <p className={styles['nothing']}>{children}</p>;
}
