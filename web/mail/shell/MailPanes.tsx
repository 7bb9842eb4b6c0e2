/** Mailboxes, messages and the open one. What reads a message is loaded behind the list, before it is wanted. */
import { useEffect, useRef } from 'react';
import { Button } from '#ui/Button.tsx';
import { Icon } from '#ui/Icon.tsx';
import { classes } from '#ui/classes.ts';
import { loadedAhead } from '#ui/loaded-ahead.tsx';
import { useWords } from '#ui/words.ts';
import { openComposer } from '../composer/open.ts';
import { MailList } from '../list/MailList.tsx';
import { Mailboxes } from '../mailboxes/Mailboxes.tsx';
import { SearchResults } from '../search/SearchResults.tsx';
import { words } from './words.ts';
import styles from './Shell.module.css';

const [Reader, loadReader] = loadedAhead(() => import('../reader/Reader.tsx').then(({ Reader: component }) => component));
/** The list is there by then. */
const AHEAD_MS = 800;

export function MailPanes({ of, emailId, isTreeOpen, onTreeClose }: {
  /** The mailbox that is looked into, or what is searched for. */
  readonly of: { readonly mailboxId: string; readonly query?: undefined } | { readonly query: string; readonly mailboxId?: undefined };
  readonly emailId: string | undefined;
  readonly isTreeOpen: boolean;
  readonly onTreeClose: () => void;
}) {
  const w = useWords(words);
  useEffect(() => {
    const timer = setTimeout(() => void loadReader().catch(() => {}), AHEAD_MS);
    return () => clearTimeout(timer);
  }, []);
  const tree = useRef<HTMLElement>(null);
  const close = useRef(onTreeClose);
  close.current = onTreeClose;
  useEffect(() => {
    if (!isTreeOpen) return;
    const drawer = tree.current;
    const before = document.activeElement;
    drawer?.querySelector<HTMLElement>('[data-mailbox][tabindex="0"]')?.focus();
    const onKeyDown = ({ key, defaultPrevented }: KeyboardEvent): void => {
      // A dialog that was opened from here is closed by it, and nothing else.
      if (key === 'Escape' && !defaultPrevented && document.querySelector('dialog[open]') === null) close.current();
    };
    document.addEventListener('keydown', onKeyDown);
    return () => {
      document.removeEventListener('keydown', onKeyDown);
      if (drawer?.contains(document.activeElement) === true && before instanceof HTMLElement) before.focus();
    };
  }, [isTreeOpen]);
  return (
    <div className={styles['panes']} data-open={emailId !== undefined || undefined}>
      {isTreeOpen && <div className={styles['veil']} onClick={onTreeClose} aria-hidden="true" />}
      <nav ref={tree} className={classes(styles['tree'], isTreeOpen && styles['treeOpen'])} aria-label={w.menu}>
        <div className={styles['write']}>
          <Button kind="main" icon="compose" wide onClick={() => openComposer({ kind: 'new' })}>
            {w.write}
          </Button>
        </div>
        <Mailboxes selectedId={of.mailboxId} />
      </nav>
      <main className={styles['main']}>
        <div className={styles['list']} id="messages" tabIndex={-1}>
          {of.mailboxId === undefined ? <SearchResults query={of.query} selectedId={emailId} /> : <MailList mailboxId={of.mailboxId} selectedId={emailId} />}
        </div>
        <div className={styles['reader']}>
          {emailId === undefined ? (
            <p className={styles['nothing']}>
              <Icon name="mail-open" size={44} />
              {w.nothing}
            </p>
          ) : (
            <Reader emailId={emailId} mailboxId={of.mailboxId} />
          )}
        </div>
      </main>
    </div>
  );
}
