/** One mailbox of the tree. Emails and mailboxes can be dropped on it. */
import { useState } from 'react';
import { Link } from 'wouter';
import { IconButton } from '#ui/Button.tsx';
import { Icon } from '#ui/Icon.tsx';
import { Menu } from '#ui/Menu.tsx';
import { number, useWords } from '#ui/words.ts';
import { useActions } from '../actions/use-actions.ts';
import type { Mailbox } from '../api/types.ts';
import type { Change } from './Changing.tsx';
import { EMAILS, MAILBOX, readEmails } from './dragged.ts';
import { MailboxMenu } from './MailboxMenu.tsx';
import { iconOf, useMailboxName } from './names.ts';
import type { Row } from './tree.ts';
import { words } from './words.ts';
import styles from './Mailboxes.module.css';

export function MailboxRow({ row, boxes, isSelected, isStop, onFocus, onToggle, onChange, onNest }: {
  readonly row: Row;
  readonly boxes: readonly Mailbox[];
  readonly isSelected: boolean;
  /** The Tab key stops here. */
  readonly isStop: boolean;
  readonly onFocus: () => void;
  readonly onToggle: () => void;
  readonly onChange: (change: Change) => void;
  readonly onNest: (id: string) => void;
}) {
  const w = useWords(words);
  const actions = useActions();
  const [isOver, setOver] = useState(false);
  const { box, level, hasChildren, isOpen, unread } = row;
  const name = useMailboxName()(box);
  const opens = box.myRights['mayReadItems'] === true;
  const takes = (types: readonly string[]): boolean => (types.includes(EMAILS) && box.myRights['mayAddItems'] === true) || (types.includes(MAILBOX) && box.myRights['mayCreateChild'] === true);
  return (
    <li className={styles['row']} data-over={isOver || undefined} style={{ paddingInlineStart: `${(level - 1) * 0.9}rem` }}>
      {hasChildren ? (
        <button type="button" className={styles['twist']} tabIndex={isStop ? 0 : -1} aria-expanded={isOpen} aria-label={isOpen ? w.close(name) : w.open(name)} onClick={onToggle}>
          <Icon name={isOpen ? 'down' : 'next'} size={14} />
        </button>
      ) : (
        <span className={styles['twist']} />
      )}
      <Link
        className={styles['mailbox']}
        href={opens ? `/mail/${box.id}` : '#'}
        data-mailbox={box.id}
        data-hidden={!box.isSubscribed || undefined}
        tabIndex={isStop ? 0 : -1}
        aria-current={isSelected ? 'page' : undefined}
        draggable={box.myRights['mayRename'] === true}
        onFocus={onFocus}
        onClick={(event) => {
          if (opens) return;
          event.preventDefault();
          onToggle();
        }}
        onDragStart={(event) => event.dataTransfer.setData(MAILBOX, box.id)}
        onDragOver={(event) => {
          if (!takes(event.dataTransfer.types)) return;
          event.preventDefault();
          setOver(true);
        }}
        onDragLeave={() => setOver(false)}
        onDrop={(event) => {
          event.preventDefault();
          setOver(false);
          const emails = readEmails(event.dataTransfer);
          if (emails !== undefined) void actions.move({ ids: emails.ids, threadsIn: emails.threadsIn ?? undefined }, box);
          else onNest(event.dataTransfer.getData(MAILBOX));
        }}
      >
        <Icon name={iconOf(box)} size={18} />
        <span className={styles['name']}>{name}</span>
        {!box.isSubscribed && <span className="unseen">{w.hidden}</span>}
        {unread > 0 && (
          <b>
            <span aria-hidden="true">{number(unread)}</span>
            <span className="unseen">{w.unread(unread)}</span>
          </b>
        )}
      </Link>
      <span className={styles['more']}>
        <Menu items={<MailboxMenu box={box} boxes={boxes} onChange={onChange} />}>
          <IconButton icon="more" size={16} label={w.more(name)} tabIndex={isStop ? 0 : -1} />
        </Menu>
      </span>
    </li>
  );
}
