/**
 * What can be done with the open conversation, always in sight.
 *
 * Invariants: an action is for the mails of the conversation that are in the mailbox that is looked at; in a search for the
 * open one. Where an open mail leaves the list, the list says what is shown next.
 */
import { useState } from 'react';
import { useLocation } from 'wouter';
import { IconButton } from '#ui/Button.tsx';
import { classes } from '#ui/classes.ts';
import { useWords } from '#ui/words.ts';
import { Confirm } from '../actions/Confirm.tsx';
import { MoveDialog } from '../actions/MoveDialog.tsx';
import { useActions } from '../actions/use-actions.ts';
import { useMailboxes } from '../api/mailboxes.ts';
import { openComposer } from '../composer/open.ts';
import { useRow } from '../list/rows.ts';
import { useCommand } from '../shortcuts/registry.ts';
import type { InThread, ReadEmail } from './read-email.ts';
import { words } from './words.ts';
import styles from './Reader.module.css';

export function ReaderBar({ email, thread, mailboxId }: { readonly email: ReadEmail | undefined; readonly thread: readonly InThread[]; readonly mailboxId: string | undefined }) {
  const w = useWords(words);
  const actions = useActions();
  const [location, navigate] = useLocation();
  const { data: boxes = [] } = useMailboxes();
  const [asking, setAsking] = useState<'move' | 'delete'>();
  const row = useRow(email?.id ?? '');
  const role = boxes.find(({ id }) => id === (mailboxId ?? Object.keys(email?.mailboxIds ?? {})[0]))?.role;
  const here = mailboxId === undefined ? [] : thread.filter(({ mailboxIds }) => mailboxIds[mailboxId] === true).map(({ id }) => id);
  const targets = { ids: here.length > 0 ? here : email === undefined ? [] : [email.id] };
  const isOff = email === undefined;
  const isFlagged = (row?.keywords ?? email?.keywords)?.['$flagged'] === true;
  // With what is searched for, which is not of the path.
  const toList = (): void => navigate(`${location.replace(/\/[^/]+$/, '')}${window.location.search}`);
  const answer = (kind: 'reply' | 'reply-all' | 'forward'): void => {
    if (email !== undefined) openComposer({ kind, emailId: email.id });
  };
  useCommand('reply', isOff ? undefined : () => answer('reply'));
  useCommand('replyAll', isOff ? undefined : () => answer('reply-all'));
  useCommand('forward', isOff ? undefined : () => answer('forward'));
  const isLast = role === 'trash' || role === 'junk';
  return (
    <div className={styles['bar']} role="toolbar" aria-label={w.moreActions}>
      <span className={styles['back']}>
        <IconButton icon="back" label={w.back} onClick={toList} />
      </span>
      {role !== 'archive' && role !== 'drafts' && <IconButton icon="archive" label={w.archive} disabled={isOff} onClick={() => void actions.archive(targets)} />}
      <IconButton icon="trash" label={isLast ? w.deleteForever : w.trash} disabled={isOff} onClick={() => (isLast ? setAsking('delete') : void actions.trash(targets))} />
      {role === 'junk' ? (
        <IconButton icon="inbox" label={w.notSpam} disabled={isOff} onClick={() => void actions.notSpam(targets)} />
      ) : (
        role !== 'sent' && role !== 'drafts' && <IconButton icon="junk" label={w.spam} disabled={isOff} onClick={() => void actions.spam(targets)} />
      )}
      <IconButton icon="folder" label={w.move} disabled={isOff} onClick={() => setAsking('move')} />
      <span className={styles['line']} />
      <span className={classes(isFlagged && styles['flagged'])}>
        <IconButton icon="star" label={isFlagged ? w.unflag : w.flag} pressed={isFlagged} disabled={isOff} onClick={() => email !== undefined && void actions.flag({ ids: [email.id] }, !isFlagged)} />
      </span>
      <IconButton
        icon="mail"
        label={w.markUnread}
        disabled={isOff}
        onClick={() => {
          if (email === undefined) return;
          toList();
          void actions.read({ ids: [email.id] }, false);
        }}
      />
      <span className={styles['space']} />
      <span className={styles['wide']}>
        <IconButton icon="reply" label={w.reply} disabled={isOff} onClick={() => answer('reply')} />
        <IconButton icon="reply-all" label={w.replyAll} disabled={isOff} onClick={() => answer('reply-all')} />
        <IconButton icon="forward" label={w.forward} disabled={isOff} onClick={() => answer('forward')} />
        <IconButton icon="print" label={w.print} disabled={isOff} onClick={() => window.print()} />
      </span>
      {asking === 'move' && <MoveDialog from={mailboxId} onChoose={(box) => void actions.move(targets, box)} onClose={() => setAsking(undefined)} />}
      {asking === 'delete' && (
        <Confirm title={w.deleteForever} act={w.deleteForever} onYes={() => void actions.deleteForever(targets)} onClose={() => setAsking(undefined)}>
          {w.deleteForeverAsk}
        </Confirm>
      )}
    </div>
  );
}
