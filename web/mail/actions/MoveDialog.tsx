/** Choosing a mailbox, by typing a part of its name, by arrows, or by pointing. */
import { useId, useState } from 'react';
import { Dialog } from '#ui/Dialog.tsx';
import { Field } from '#ui/Field.tsx';
import { Icon } from '#ui/Icon.tsx';
import { useWords } from '#ui/words.ts';
import { useMailboxes } from '../api/mailboxes.ts';
import type { Mailbox } from '../api/types.ts';
import { iconOf, useMailboxName } from '../mailboxes/names.ts';
import { pathOf, treeRows } from '../mailboxes/tree.ts';
import { words } from './words.ts';
import styles from './MoveDialog.module.css';

const NONE: ReadonlySet<string> = new Set();

/** @param from left out: what is there is not moved there */
export function MoveDialog({ from, title, onChoose, onClose }: { readonly from?: string | undefined; readonly title?: string; readonly onChoose: (mailbox: Mailbox) => void; readonly onClose: () => void }) {
  const w = useWords(words);
  const nameOf = useMailboxName();
  const { data = [] } = useMailboxes();
  const [typed, setTyped] = useState('');
  const [at, setAt] = useState(0);
  const id = useId();
  const byId = new Map(data.map((box) => [box.id, { ...box, name: nameOf(box) }]));
  const wanted = typed.trim().toLowerCase();
  const found = treeRows(data, NONE).filter(({ box }) => box.id !== from && box.myRights['mayAddItems'] === true && pathOf({ ...box, name: nameOf(box) }, byId).toLowerCase().includes(wanted));
  const active = Math.min(at, found.length - 1);
  const choose = (box: Mailbox | undefined): void => {
    if (box === undefined) return;
    onClose();
    onChoose(box);
  };
  return (
    <Dialog title={title ?? w.moveTitle} onClose={onClose}>
      <Field
        label={w.findMailbox}
        type="search"
        autoFocus
        autoComplete="off"
        role="combobox"
        aria-expanded={true}
        aria-controls={id}
        aria-activedescendant={found[active] === undefined ? undefined : `${id}-${active}`}
        value={typed}
        onChange={(event) => {
          setTyped(event.target.value);
          setAt(0);
        }}
        onKeyDown={(event) => {
          const by = { ArrowDown: 1, ArrowUp: -1 }[event.key];
          if (by !== undefined) {
            event.preventDefault();
            setAt((active + by + found.length) % Math.max(1, found.length));
          } else if (event.key === 'Enter') choose(found[active]?.box);
        }}
      />
      <ul id={id} role="listbox" aria-label={title ?? w.moveTitle} className={styles['boxes']}>
        {found.map(({ box, level }, n) => (
          <li key={box.id} id={`${id}-${n}`} role="option" aria-selected={n === active} className={styles['box']} style={{ paddingInlineStart: `${wanted === '' ? level * 0.75 : 0.75}rem` }} onClick={() => choose(box)}>
            <Icon name={iconOf(box)} size={18} />
            <span>{wanted === '' ? nameOf(box) : pathOf({ ...box, name: nameOf(box) }, byId)}</span>
          </li>
        ))}
      </ul>
      {found.length === 0 && <p role="status">{w.noMailbox}</p>}
    </Dialog>
  );
}
