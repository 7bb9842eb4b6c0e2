/** What can be done with one mailbox. */
import { useQueryClient } from '@tanstack/react-query';
import { MenuItem, MenuLine } from '#ui/Menu.tsx';
import { showToast } from '#ui/toasts.ts';
import { useWords } from '#ui/words.ts';
import { useActions } from '../actions/use-actions.ts';
import type { Mailbox } from '../api/types.ts';
import { NEWEST_FIRST } from '#webmail/start/api.ts';
import type { Change } from './Changing.tsx';
import { orderMailboxes, type Refusal, updateMailbox } from './change.ts';
import { reordered, sortedMailboxes } from './tree.ts';
import { words } from './words.ts';

export function MailboxMenu({ box, boxes, onChange }: { readonly box: Mailbox; readonly boxes: readonly Mailbox[]; readonly onChange: (change: Change) => void }) {
  const w = useWords(words);
  const client = useQueryClient();
  const actions = useActions();
  const { myRights, role } = box;
  const siblings = sortedMailboxes(boxes.filter(({ parentId }) => parentId === box.parentId));
  const at = siblings.findIndex(({ id }) => id === box.id);
  const tell = async (work: Promise<Refusal>): Promise<void> => {
    const refusal = await work;
    if (refusal !== undefined) showToast({ text: w[refusal], kind: 'bad' });
  };
  const all = { all: { filter: { inMailbox: box.id, notKeyword: '$seen' }, sort: NEWEST_FIRST, collapseThreads: false, mailboxId: box.id }, except: [], estimate: box.unreadEmails };
  const beside = (by: number): Mailbox | undefined => siblings[at + by];
  return (
    <>
      {box.unreadEmails > 0 && (
        <MenuItem icon="mail-open" onSelect={() => void actions.read(all, true)}>
          {w.markRead}
        </MenuItem>
      )}
      {(role === 'trash' || role === 'junk') && box.totalEmails > 0 && (
        <MenuItem icon="trash" danger onSelect={() => onChange({ kind: 'empty', box })}>
          {w.empty}
        </MenuItem>
      )}
      {myRights['mayCreateChild'] === true && (
        <MenuItem icon="folder-plus" onSelect={() => onChange({ kind: 'create', parent: box })}>
          {w.createIn}
        </MenuItem>
      )}
      {myRights['mayRename'] === true && (
        <>
          <MenuItem icon="drafts" onSelect={() => onChange({ kind: 'rename', box })}>
            {w.rename}
          </MenuItem>
          <MenuItem icon="folder" onSelect={() => onChange({ kind: 'move', box })}>
            {w.moveTo}
          </MenuItem>
        </>
      )}
      {role !== 'inbox' && myRights['mayReadItems'] === true && (
        <MenuItem icon="flag" onSelect={() => onChange({ kind: 'use', box })}>
          {w.useAs}
        </MenuItem>
      )}
      {beside(-1) !== undefined && (
        <MenuItem icon="up" onSelect={() => void tell(orderMailboxes(client, reordered(box, beside(-1)!, false, boxes)))}>
          {w.up}
        </MenuItem>
      )}
      {beside(1) !== undefined && (
        <MenuItem icon="down" onSelect={() => void tell(orderMailboxes(client, reordered(box, beside(1)!, true, boxes)))}>
          {w.down}
        </MenuItem>
      )}
      {role !== 'inbox' && (
        <MenuItem icon={box.isSubscribed ? 'minus' : 'plus'} onSelect={() => void tell(updateMailbox(client, box.id, { isSubscribed: !box.isSubscribed }))}>
          {box.isSubscribed ? w.hide : w.show}
        </MenuItem>
      )}
      {myRights['mayDelete'] === true && (
        <>
          <MenuLine />
          <MenuItem icon="trash" danger onSelect={() => onChange({ kind: 'delete', box })}>
            {w.delete}
          </MenuItem>
        </>
      )}
    </>
  );
}
