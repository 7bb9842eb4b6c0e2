/** One way of signing in, in a frame: what it is, whether it is on, and what can be done. */
import { useId, type ReactNode } from 'react';
import { classes } from '#ui/classes.ts';
import { Icon } from '#ui/Icon.tsx';
import type { IconName } from '#ui/icons.ts';
import form from '../Form.module.css';
import styles from './Security.module.css';

export function Card({ icon, title, about, state, children }: { readonly icon: IconName; readonly title: string; readonly about?: string; readonly state?: { readonly text: string; readonly tone: 'good' | 'plain' | 'bad' } | undefined; readonly children?: ReactNode }) {
  const id = useId();
  return (
    <section className={form['card']} aria-labelledby={id}>
      <div className={styles['head']}>
        <Icon name={icon} size={22} />
        <div>
          <h3 id={id}>{title}</h3>
          {about !== undefined && <p>{about}</p>}
        </div>
        {state !== undefined && <State {...state} />}
      </div>
      {children}
    </section>
  );
}

export function State({ text, tone }: { readonly text: string; readonly tone: 'good' | 'plain' | 'bad' }) {
  return <span className={classes(styles['state'], tone !== 'plain' && styles[tone])}>{text}</span>;
}
