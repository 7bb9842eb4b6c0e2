/** The dialogs in which a mailbox is made, renamed, moved, emptied or deleted. */
import { useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { useLocation } from 'wouter';
import { Button } from '#ui/Button.tsx';
import { Dialog } from '#ui/Dialog.tsx';
import { Field } from '#ui/Field.tsx';
import { Icon } from '#ui/Icon.tsx';
import { showToast } from '#ui/toasts.ts';
import { useWords } from '#ui/words.ts';
import { Confirm } from '../actions/Confirm.tsx';
import { useActions } from '../actions/use-actions.ts';
import type { Mailbox } from '../api/types.ts';
import { NEWEST_FIRST } from '#webmail/start/api.ts';
import { createMailbox, deleteMailbox, type Refusal, updateMailbox } from './change.ts';
import { iconOf, useMailboxName } from './names.ts';
import { deepestFirst, mayMoveBelow, treeRows } from './tree.ts';
import { UseAs } from './UseAs.tsx';
import { words } from './words.ts';
import styles from './Mailboxes.module.css';

export type Change =
  | { readonly kind: 'create'; readonly parent: Mailbox | undefined }
  | { readonly kind: 'rename' | 'move' | 'use' | 'empty' | 'delete'; readonly box: Mailbox };

type Parts = { readonly boxes: readonly Mailbox[]; readonly onClose: () => void };

export function Changing({ change, boxes, onClose }: Parts & { readonly change: Change }) {
  const w = useWords(words);
  const client = useQueryClient();
  const actions = useActions();
  const nameOf = useMailboxName();
  const [location, go] = useLocation();
  switch (change.kind) {
    case 'create':
      return <Naming title={change.parent === undefined ? w.create : w.createIn} act={w.make} first="" save={(name) => createMailbox(client, name, change.parent?.id ?? null)} onClose={onClose} />;
    case 'rename':
      return <Naming title={w.rename} act={w.save} first={change.box.name} save={(name) => updateMailbox(client, change.box.id, { name })} onClose={onClose} />;
    case 'move':
      return <Nesting box={change.box} boxes={boxes} onClose={onClose} />;
    case 'use':
      return <UseAs box={change.box} boxes={boxes} onClose={onClose} />;
    case 'empty': {
      const { id, totalEmails } = change.box;
      const targets = { all: { filter: { inMailbox: id }, sort: NEWEST_FIRST, collapseThreads: false, mailboxId: id }, except: [], estimate: totalEmails };
      return (
        <Confirm title={w.emptyTitle(nameOf(change.box))} act={w.empty} onYes={() => void actions.deleteForever(targets)} onClose={onClose}>
          {w.emptyText(totalEmails)}
        </Confirm>
      );
    }
    case 'delete': {
      const gone = deepestFirst(change.box.id, boxes);
      const count = gone.reduce((sum, { totalEmails }) => sum + totalEmails, 0);
      const name = nameOf(change.box);
      const remove = async (): Promise<void> => {
        const refusal = await deleteMailbox(client, change.box.id, boxes);
        showToast(refusal === undefined ? { text: w.deleted(name) } : { text: w[refusal], kind: 'bad' });
        if (refusal === undefined && gone.some(({ id }) => location.startsWith(`/mail/${id}`))) go('/');
      };
      return (
        <Confirm title={w.deleteTitle(name)} act={w.delete} onYes={() => void remove()} onClose={onClose}>
          {count === 0 ? w.deleteEmpty : w.deleteFull(count)} {gone.length > 1 && w.deleteBelow(gone.length - 1)}
        </Confirm>
      );
    }
  }
}

function Naming({ title, act, first, save, onClose }: { readonly title: string; readonly act: string; readonly first: string; readonly save: (name: string) => Promise<Refusal>; readonly onClose: () => void }) {
  const w = useWords(words);
  const [name, setName] = useState(first);
  const [refusal, setRefusal] = useState<Refusal>();
  const [isBusy, setBusy] = useState(false);
  const submit = async (): Promise<void> => {
    setBusy(true);
    const found = name.trim() === '' ? 'badName' : name.trim() === first ? undefined : await save(name.trim());
    setBusy(false);
    setRefusal(found);
    if (found === undefined) onClose();
  };
  return (
    <Dialog title={title} onClose={onClose}>
      <form
        className={styles['form']}
        onSubmit={(event) => {
          event.preventDefault();
          void submit();
        }}
      >
        <Field label={w.name} value={name} maxLength={200} autoFocus autoComplete="off" fault={refusal === undefined ? undefined : w[refusal]} onChange={(event) => setName(event.target.value)} />
        <Button kind="main" type="submit" busy={isBusy}>
          {act}
        </Button>
      </form>
    </Dialog>
  );
}

const NONE: ReadonlySet<string> = new Set();

function Nesting({ box, boxes, onClose }: Parts & { readonly box: Mailbox }) {
  const w = useWords(words);
  const client = useQueryClient();
  const nameOf = useMailboxName();
  const put = async (parentId: string | null): Promise<void> => {
    onClose();
    const refusal = await updateMailbox(client, box.id, { parentId });
    if (refusal !== undefined) showToast({ text: w[refusal], kind: 'bad' });
  };
  return (
    <Dialog title={w.moveTo} onClose={onClose}>
      <ul className={styles['places']}>
        {mayMoveBelow(box, null, boxes) && (
          <li>
            <Button kind="quiet" icon="up" onClick={() => void put(null)}>
              {w.top}
            </Button>
          </li>
        )}
        {treeRows(boxes, NONE)
          .filter((row) => mayMoveBelow(box, row.box.id, boxes))
          .map((row) => (
            <li key={row.box.id} style={{ paddingInlineStart: `${(row.level - 1) * 0.9}rem` }}>
              <button type="button" className={styles['place']} onClick={() => void put(row.box.id)}>
                <Icon name={iconOf(row.box)} size={18} />
                {nameOf(row.box)}
              </button>
            </li>
          ))}
      </ul>
    </Dialog>
  );
}
