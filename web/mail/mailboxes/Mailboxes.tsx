/**
 * The account's mailboxes as a tree: a way to each, and what can be done with it.
 *
 * Invariants: one stop of the Tab key for all of them; arrows go from one to the next, to the right opens what is inside, to
 * the left closes it. What dragging does, the menu does, too.
 */
import { useQueryClient } from '@tanstack/react-query';
import { type KeyboardEvent, useRef, useState } from 'react';
import { IconButton } from '#ui/Button.tsx';
import { showToast } from '#ui/toasts.ts';
import { useWords } from '#ui/words.ts';
import { useMailboxes } from '../api/mailboxes.ts';
import type { Mailbox } from '../api/types.ts';
import { Changing, type Change } from './Changing.tsx';
import { updateMailbox } from './change.ts';
import { useCollapsed } from './collapsed.ts';
import { MailboxRow } from './MailboxRow.tsx';
import { Quota } from './Quota.tsx';
import { mayMoveBelow, treeRows } from './tree.ts';
import { words } from './words.ts';
import styles from './Mailboxes.module.css';

export function Mailboxes({ selectedId }: { readonly selectedId?: string | undefined }) {
  const w = useWords(words);
  const client = useQueryClient();
  const { data = [] } = useMailboxes();
  const [collapsed, toggle] = useCollapsed();
  const [focused, setFocused] = useState<string>();
  const [change, setChange] = useState<Change>();
  const list = useRef<HTMLUListElement>(null);
  const rows = treeRows(data, collapsed);
  const stop = rows.find(({ box }) => box.id === focused) ?? rows.find(({ box }) => box.id === selectedId) ?? rows[0];

  function go(to: number): void {
    const row = rows[to];
    if (row === undefined) return;
    setFocused(row.box.id);
    list.current?.querySelectorAll<HTMLElement>('a[data-mailbox]')[to]?.focus();
  }

  function onKeyDown(event: KeyboardEvent): void {
    const at = rows.findIndex(({ box }) => box.id === stop?.box.id);
    const row = rows[at];
    if (row === undefined || !(event.target instanceof HTMLElement) || event.target.dataset['mailbox'] === undefined) return;
    const isRtl = getComputedStyle(event.target).direction === 'rtl';
    const key = isRtl ? ({ ArrowLeft: 'ArrowRight', ArrowRight: 'ArrowLeft' }[event.key] ?? event.key) : event.key;
    const act = {
      ArrowDown: () => go(at + 1),
      ArrowUp: () => go(at - 1),
      Home: () => go(0),
      End: () => go(rows.length - 1),
      ArrowRight: () => (row.hasChildren && !row.isOpen ? toggle(row.box.id) : row.hasChildren && go(at + 1)),
      ArrowLeft: () => (row.isOpen ? toggle(row.box.id) : go(rows.findIndex(({ box }) => box.id === row.box.parentId))),
    }[key];
    if (act === undefined) return;
    event.preventDefault();
    act();
  }

  async function nest(id: string, parent: Mailbox): Promise<void> {
    const box = data.find((one) => one.id === id);
    if (box === undefined || !mayMoveBelow(box, parent.id, data)) return;
    const refusal = await updateMailbox(client, id, { parentId: parent.id });
    if (refusal !== undefined) showToast({ text: w[refusal], kind: 'bad' });
  }

  return (
    <div className={styles['mailboxes']}>
      <div className={styles['head']}>
        <h2>{w.mailboxes}</h2>
        <IconButton icon="folder-plus" size={18} label={w.create} onClick={() => setChange({ kind: 'create', parent: undefined })} />
      </div>
      <ul ref={list} className={styles['tree']} onKeyDown={onKeyDown}>
        {rows.map((row) => (
          <MailboxRow
            key={row.box.id}
            row={row}
            boxes={data}
            isSelected={row.box.id === selectedId}
            isStop={row === stop}
            onFocus={() => setFocused(row.box.id)}
            onToggle={() => toggle(row.box.id)}
            onChange={setChange}
            onNest={(id) => void nest(id, row.box)}
          />
        ))}
      </ul>
      <Quota />
      {change !== undefined && <Changing change={change} boxes={data} onClose={() => setChange(undefined)} />}
    </div>
  );
}
