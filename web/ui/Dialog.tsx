/**
 * A dialog: the browser's own, which keeps the focus inside, closes on Escape and makes the rest inert.
 *
 * Invariants: where something is to be written, the cursor is there. It is open as long as it is rendered; `onClose` asks its owner to render it no more.
 */
import { useEffect, useId, useRef, type ReactNode } from 'react';
import { IconButton } from './Button.tsx';
import { classes } from './classes.ts';
import { useWords } from './words.ts';
import { words } from './own-words.ts';
import styles from './Dialog.module.css';

export function Dialog({ title, onClose, children, acts, wide = false }: {
  readonly title: string;
  readonly onClose: () => void;
  readonly children: ReactNode;
  /** The buttons below. */
  readonly acts?: ReactNode;
  readonly wide?: boolean;
}) {
  const ref = useRef<HTMLDialogElement>(null);
  const id = useId();
  const w = useWords(words);
  useEffect(() => {
    const dialog = ref.current;
    const before = document.activeElement;
    dialog?.showModal();
    // The browser's own choice is the first control, which closes it: whoever is asked to write begins at once.
    dialog?.querySelector<HTMLElement>(`.${styles['body']} :is(textarea, input:not([type=radio], [type=checkbox]))`)?.focus();
    return () => {
      dialog?.close();
      if (before instanceof HTMLElement) before.focus();
    };
  }, []);
  return (
    <dialog
      ref={ref}
      aria-labelledby={id}
      className={classes(styles['dialog'], wide && styles['wide'])}
      onCancel={(event) => {
        event.preventDefault();
        onClose();
      }}
      onPointerDown={(event) => event.target === ref.current && onClose()}
    >
      <div className={styles['inside']}>
        <header>
          <h2 id={id}>{title}</h2>
          <IconButton icon="close" label={w.close} onClick={onClose} />
        </header>
        <div className={styles['body']}>{children}</div>
        {acts !== undefined && <footer>{acts}</footer>}
      </div>
    </dialog>
  );
}
