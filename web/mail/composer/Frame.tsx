/** The window of a composer: at the foot of the page on a desk, all of it on a phone. */
import type { DragEventHandler, KeyboardEventHandler, ReactNode } from 'react';
import { IconButton } from '#ui/Button.tsx';
import { classes } from '#ui/classes.ts';
import { useWords } from '#ui/words.ts';
import { words } from './words.ts';
import styles from './Frame.module.css';

export type View = 'window' | 'minimised' | 'full';

export function Frame({ title, view, onView, onClose, children, status, ...rest }: {
  readonly title: string;
  readonly view: View;
  readonly onView: (view: View) => void;
  readonly onClose: () => void;
  readonly children: ReactNode;
  readonly status?: ReactNode;
  readonly onKeyDown?: KeyboardEventHandler;
  readonly onDragEnter?: DragEventHandler;
  readonly onDragOver?: DragEventHandler;
  readonly onDragLeave?: DragEventHandler;
  readonly onDrop?: DragEventHandler;
}) {
  const w = useWords(words);
  const isMinimised = view === 'minimised';
  return (
    <>
      {view === 'full' && <div className={styles['veil']} aria-hidden="true" onClick={() => onView('window')} />}
      <section className={classes(styles['frame'], styles[view])} role="dialog" aria-label={title} {...rest}>
        <div className={styles['head']}>
          <h2 dir="auto" onClick={() => isMinimised && onView('window')}>
            {title}
          </h2>
          {status}
          <span className={styles['desk']}>
            <IconButton icon={isMinimised ? 'up' : 'minus'} size={18} label={isMinimised ? w.restore : w.minimise} aria-expanded={!isMinimised} onClick={() => onView(isMinimised ? 'window' : 'minimised')} />
            {!isMinimised && <IconButton icon="expand" size={18} label={view === 'full' ? w.smaller : w.fullScreen} onClick={() => onView(view === 'full' ? 'window' : 'full')} />}
          </span>
          <IconButton icon="close" size={18} label={w.close} onClick={onClose} />
        </div>
        <div className={styles['inside']} hidden={isMinimised}>
          {children}
        </div>
      </section>
    </>
  );
}
