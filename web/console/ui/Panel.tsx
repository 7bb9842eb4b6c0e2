/** One part of the console: a heading that keys lead to, and what stands under it. */
import { useId, useRef, type ReactNode } from 'react';
import { classes } from '#ui/classes.ts';
import { type Command, useCommand } from '../shell/keymap.ts';
import styles from './Panel.module.css';

export function Panel({ title, aside, command, children }: { readonly title: string; /** At the heading's end. */ readonly aside?: ReactNode; /** That leads here. */ readonly command?: Command; readonly children: ReactNode }) {
  const id = useId();
  return (
    <section aria-labelledby={id} className={styles['panel']}>
      <header>
        <h2 id={id} tabIndex={-1}>{title}</h2>
        {aside !== undefined && <span className={styles['aside']}>{aside}</span>}
        {command !== undefined && <Way command={command} id={id} />}
      </header>
      {children}
    </section>
  );
}

function Way({ command, id }: { readonly command: Command; readonly id: string }) {
  const heading = useRef(id);
  heading.current = id;
  useCommand(command, () => {
    const found = document.getElementById(heading.current);
    found?.focus();
    found?.scrollIntoView({ block: 'start' });
  });
  return null;
}

export type Tone = 'plain' | 'good' | 'bad' | 'warm' | 'accent';

/** A state in a word or two. */
export function Chip({ tone = 'plain', children }: { readonly tone?: Tone; readonly children: ReactNode }) {
  return <span className={classes(styles['chip'], styles[tone])}>{children}</span>;
}

/** Names and values. */
export function Facts({ facts }: { readonly facts: readonly (readonly [name: string, value: ReactNode])[] }) {
  return (
    <dl className={styles['facts']}>
      {facts.map(([name, value]) => (
        <div key={name}>
          <dt>{name}</dt>
          <dd>{value}</dd>
        </div>
      ))}
    </dl>
  );
}

export function Nothing({ children }: { readonly children: ReactNode }) {
  return <p className={styles['nothing']}>{children}</p>;
}
